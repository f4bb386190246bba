internal import FairpostCSV
internal import FairpostNumerics

/// Rows in memory: named columns of numbers or texts, all of one length.
///
///     let table = try Table(["p": .numbers([0.2, 0.7]), "sex": .texts(["F", "M"])])
public struct Table: Sendable, Equatable {
  /// The values of a column; NaN and the empty text are missing.
  public enum Column: Sendable, Equatable {
    case numbers([Double])
    case texts([String])

    /// How many values there are.
    public var count: Int {
      switch self {
      case .numbers(let values): values.count
      case .texts(let values): values.count
      }
    }
  }

  /// The names of the columns, in order.
  public private(set) var names: [String] = []
  private var columns: [Column] = []

  /// Columns by name, in the order they are written; they must differ in name and agree in length.
  ///
  /// - Parameter columns: names and columns.
  public init(_ columns: KeyValuePairs<String, Column>) throws(FairpostError) {
    for (name, column) in columns { try append(name, column) }
  }

  /// How many rows there are.
  public var rowCount: Int { columns.first?.count ?? 0 }

  /// The column of that name.
  ///
  /// - Parameter name: the column's name.
  public subscript(name: String) -> Column? {
    names.firstIndex(of: name).map { columns[$0] }
  }

  /// Adds a column behind the others.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - column: its values.
  public mutating func append(_ name: String, _ column: Column) throws(FairpostError) {
    guard !names.contains(name) else {
      throw FairpostError(.usage, "there are two columns \"\(name)\"")
    }
    guard columns.isEmpty || column.count == rowCount else {
      throw FairpostError(
        .usage, "the column \"\(name)\" has \(column.count) values for \(rowCount) rows")
    }
    names.append(name)
    columns.append(column)
  }

  /// The numbers of a column.
  ///
  /// - Parameter name: the column's name.
  public func numbers(_ name: String) throws(FairpostError) -> [Double] {
    guard case .numbers(let values)? = self[name] else {
      throw FairpostError(.usage, "there is no column of numbers \"\(name)\"", hint: known)
    }
    return values
  }

  /// The texts of a column.
  ///
  /// - Parameter name: the column's name.
  public func texts(_ name: String) throws(FairpostError) -> [String] {
    guard case .texts(let values)? = self[name] else {
      throw FairpostError(.usage, "there is no column of texts \"\(name)\"", hint: known)
    }
    return values
  }

  private var known: String { "the columns are \(names.joined(separator: ", "))" }

  /// The table as it would stand in a file: numbers read back the same.
  var csv: [UInt8] {
    let dialect = Dialect.comma
    var bytes: [UInt8] = []
    for (place, name) in names.enumerated() {
      if place > 0 { bytes.append(dialect.delimiter) }
      bytes += dialect.quoted(Array(name.utf8))
    }
    bytes.append(0x0A)
    for row in 0..<rowCount {
      for (place, column) in columns.enumerated() {
        if place > 0 { bytes.append(dialect.delimiter) }
        switch column {
        case .numbers(let values):
          if !values[row].isNaN { NumberText.append(values[row], to: &bytes) }
        case .texts(let values): bytes += dialect.quoted(Array(values[row].utf8))
        }
      }
      bytes.append(0x0A)
    }
    return bytes
  }
}
