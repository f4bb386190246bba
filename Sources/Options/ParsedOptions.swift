internal import FairpostText

/// A checked command line: every value is one that its option's declaration accepts.
///
/// Asking for an option that the command does not have finds nothing, so that code shared by
/// several commands may ask for all it knows.
package struct ParsedOptions: Sendable {
  /// The options as given, in order; the value of a switch is empty.
  package internal(set) var given: [(name: String, value: String)] = []
  /// What stood beside the options, the METHOD left out.
  package internal(set) var operands: [String] = []
  /// The method named, or the command's default.
  package internal(set) var method: String?
  /// Whether the method was named on the command line.
  package internal(set) var methodWasNamed = false

  private let declared: [String: OptionSpec]

  init(declared options: [OptionSpec]) {
    declared = Dictionary(options.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether the option was given; a default does not count.
  package func has(_ name: String) -> Bool { given.contains { $0.name == name } }

  /// The option's last value, or its default.
  package func text(_ name: String) -> String? {
    given.last { $0.name == name }?.value ?? declared[name]?.defaultText
  }

  /// All values of the option in order, or its default alone.
  package func texts(_ name: String) -> [String] {
    let values = given.filter { $0.name == name }.map(\.value)
    if !values.isEmpty { return values }
    return declared[name]?.defaultText.map { [$0] } ?? []
  }

  /// The option's value as a number, or its default.
  package func number(_ name: String) -> Double? { text(name).flatMap { decimalNumber($0) } }

  /// The numbers of a comma-separated value, or of its default; empty where there is neither.
  package func numbers(_ name: String) -> [Double] {
    text(name).map { $0.split(separator: ",").compactMap { decimalNumber($0) } } ?? []
  }

  /// The whole numbers of a comma-separated value, or of its default; empty where there is neither.
  package func integers(_ name: String) -> [Int] {
    text(name).map { $0.split(separator: ",").compactMap { Int($0) } } ?? []
  }

  /// The option's value as a whole number, or its default.
  package func integer(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

  /// The option's chosen word, or its default.
  package func choice(_ name: String) -> String? { text(name) }

  /// The option's chosen word as a case of an enumeration, or that of its default.
  package func choice<Choice: RawRepresentable<String>>(
    _ name: String, as type: Choice.Type = Choice.self
  ) -> Choice? {
    text(name).flatMap { Choice(rawValue: $0) }
  }

  /// The column names of each value of the option, in order.
  package func columns(_ name: String) -> [[String]] { texts(name).map { columnNames($0) } }
}
