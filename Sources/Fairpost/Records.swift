internal import FairpostNumerics
internal import FairpostPipeline

/// Where rows come from: a CSV file, or a table in memory.
///
/// A table goes through the same reading as a file, so both give the same answers to the last bit.
public enum Records: Sendable {
  /// The CSV file at a path, read as `reading` says.
  case file(String, reading: Reading = Reading())
  /// Rows in memory.
  case table(Table)
}

/// How a CSV file is read.
public struct Reading: Sendable, Equatable {
  /// What becomes of a row with a bad value, or with too few or too many fields.
  public enum BadRows: String, Sendable, CaseIterable {
    /// It is an error that names the row.
    case fail
    /// The row is left out.
    case skip
  }

  /// The character between fields; nil for a comma, and for a tab in `.tsv` files.
  public var delimiter: Unicode.Scalar?
  /// Texts that mean "missing" besides the empty field, NA, NaN, nan and null.
  public var missing: [String] = []
  /// What becomes of bad rows.
  public var badRows = BadRows.fail
  /// Only rows with one of these texts in the column take part.
  public var rows: [String: [String]] = [:]
  /// Numeric columns that become groups: the cuts between them.
  public var bins: [String: [Double]] = [:]

  /// The usual reading.
  public init() {}
}

extension Records {
  /// What messages call a table in memory.
  private static let tableName = "table"

  private func settings() throws(FairpostError) -> InputSettings {
    var settings = InputSettings()
    settings.threads = Parallel.cores
    guard case .file(_, let reading) = self else { return settings }
    if let delimiter = reading.delimiter {
      guard let byte = UInt8(exactly: delimiter.value) else {
        throw FairpostError(.usage, "the delimiter \"\(delimiter)\" is not a single byte")
      }
      settings.delimiter = byte
    }
    settings.missing = Set(reading.missing.map { ByteText($0) })
    settings.badRows = reading.badRows == .skip ? .skip : .fail
    for (column, texts) in reading.rows.sorted(by: { $0.key < $1.key }) {
      settings.rows.append((column, Set(texts.map { ByteText($0) })))
    }
    for (column, cuts) in reading.bins {
      guard zip(cuts, cuts.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw FairpostError(.usage, "the cuts of \"\(column)\" must ascend")
      }
    }
    settings.bins = reading.bins
    return settings
  }

  /// Opens the rows for one reading.
  func input() throws -> Input {
    switch self {
    case .file(let path, _): try Input(path, try settings())
    case .table(let table): try Input(bytes: table.csv, named: Self.tableName, try settings())
    }
  }

  /// Opens the rows for two readings.
  func passes() throws -> (passes: TwicePass, settings: InputSettings) {
    let settings = try settings()
    switch self {
    case .file(let path, _):
      return (try TwicePass(path, settings, memoryLimit: 1 << 30), settings)
    case .table(let table):
      return (try TwicePass(bytes: table.csv, named: Self.tableName, settings), settings)
    }
  }
}
