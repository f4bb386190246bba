public import FairpostNumerics

/// What happens to a row that is not what its roles ask for.
public enum BadRowPolicy: String, Sendable, CaseIterable {
  /// The command ends with an error that names the row.
  case fail
  /// The row is left out, counted, and written to `--rejects`.
  case skip
  /// A bad value counts as missing and the row passes; ragged rows still fail.
  case pass
}

/// How a CSV stream is to be read: what the options that every command shares say.
public struct InputSettings: Sendable {
  /// The byte between fields; by default a comma, for `.tsv` files a tab.
  public var delimiter: UInt8?
  /// The names of the columns of a stream without a header.
  public var columns: [String]?
  /// Texts that mean "missing" besides the usual ones.
  public var missing: Set<ByteText> = []
  /// What happens to bad rows.
  public var badRows = BadRowPolicy.fail
  /// More bad rows than this end the command all the same.
  public var maximumBad: Int?
  /// Where left-out rows go.
  public var rejects: String?
  /// A file whose columns are looked up by a key column both files have.
  public var join: (path: String, key: String)?
  /// Numeric columns that become groups: the cuts between them.
  public var bins: [String: [Double]] = [:]
  /// Only rows with one of these texts in the column take part.
  public var rows: [(column: String, texts: Set<ByteText>)] = []
  /// Whole records are handed on as they come, for a co-process.
  public var isUnbuffered = false
  /// The threads that share the work.
  public var threads = 1

  /// The usual settings.
  public init() {}

  /// The delimiter for a path.
  func delimiter(for path: String?) -> UInt8 {
    if let delimiter { return delimiter }
    return path?.hasSuffix(".tsv") == true ? UInt8(ascii: "\t") : UInt8(ascii: ",")
  }
}
