internal import FairpostNumerics

/// A synthetic data set with known truth: a name, its settings, and rows made one at a time.
///
/// A new one is one file here and one line in `generators`.
package protocol Generator: Method {
  /// The columns' names.
  var columns: [String] { get }
  /// How many rows there are.
  var count: Int { get }
  /// Appends the fields of a row; each row depends on the seed and its number alone.
  func append(row: Int, seed: UInt64, to line: inout RowText)
}

/// Every generator, in the order of help.
package let generators: [any Generator.Type] = [
  LoansGenerator.self,
  GaussiansGenerator.self,
  FrontGenerator.self,
  ZafarGenerator.self,
  FairMAMLGenerator.self,
]

/// A row of CSV under construction; texts are known to need no quotes.
package struct RowText: Sendable {
  package private(set) var bytes: [UInt8] = []
  private var isFirst = true

  /// No fields yet.
  package init() {}

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  /// Appends a text.
  package mutating func add(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends a whole number.
  package mutating func add(_ value: Int) {
    separate()
    NumberText.append(value, to: &bytes)
  }

  /// Appends a number rounded to 6 decimals, so that the bytes agree on every machine; NaN is missing.
  package mutating func add(_ value: Double) {
    separate()
    if value.isNaN { return }
    let rounded = (value * 1e6).rounded() / 1e6
    NumberText.append(rounded == 0 ? 0 : rounded, to: &bytes)
  }

  /// Ends the row.
  package mutating func end() {
    bytes.append(UInt8(ascii: "\n"))
    isFirst = true
  }

  /// Takes what is there.
  package mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }
}
