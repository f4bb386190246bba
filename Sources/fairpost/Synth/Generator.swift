internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline

/// A synthetic data set with known truth: a name, its options, and rows made one at a time.
///
/// A new one is one file here and one line in `generators`.
protocol Generator: Sendable {
  /// Its name, help and options.
  static var spec: MethodSpec { get }
  /// Reads its options.
  init(_ options: ParsedOptions, seed: UInt64) throws
  /// The columns' names.
  var columns: [String] { get }
  /// How many rows there are.
  var count: Int { get }
  /// Appends the fields of a row; each row depends on the seed and its number alone.
  func append(row: Int, to line: inout RowText)
}

/// Every generator, in the order of help.
let generators: [any Generator.Type] = [
  LoansGenerator.self,
  GaussiansGenerator.self,
  FrontGenerator.self,
  ZafarGenerator.self,
  FairMAMLGenerator.self,
]

/// A row of CSV under construction; texts are known to need no quotes.
struct RowText {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  /// Appends a text.
  mutating func add(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends a whole number.
  mutating func add(_ value: Int) {
    separate()
    NumberText.append(value, to: &bytes)
  }

  /// Appends a number rounded to 6 decimals, so that the bytes agree on every machine; NaN is missing.
  mutating func add(_ value: Double) {
    separate()
    if value.isNaN { return }
    let rounded = (value * 1e6).rounded() / 1e6
    NumberText.append(rounded == 0 ? 0 : rounded, to: &bytes)
  }

  /// Ends the row.
  mutating func end() {
    bytes.append(UInt8(ascii: "\n"))
    isFirst = true
  }

  /// Takes what is there.
  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }
}
