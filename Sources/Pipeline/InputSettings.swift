internal import FairpostCSV
package import FairpostNumerics

/// What happens to a row that is not what its roles ask for.
package enum BadRowPolicy: String, Sendable, CaseIterable {
  /// The command ends with an error that names the row.
  case fail
  /// The row is left out, counted, and written to `--rejects`.
  case skip
  /// A bad value counts as missing and the row passes; ragged rows still fail.
  case pass
  /// The row keeps its place, without values, and a column says what is wrong; ragged rows too.
  case report
}

/// Which members of lines of JSON a command reads and writes.
package struct MemberSettings: Sendable {
  /// The members it reads, each once.
  package internal(set) var names: [String]
  /// The members it writes, which no line may have, unless they are replaced.
  let written: [String]
  /// Whether a member that is not there is one that is missing, instead of a bad line.
  let absentIsMissing: Bool

  /// What a command reads and writes.
  package init(
    reads names: [String], writes written: [String], absentIsMissing: Bool = false
  ) {
    self.names = []
    for name in names where !self.names.contains(name) { self.names.append(name) }
    self.written = written
    self.absentIsMissing = absentIsMissing
  }
}

/// How a CSV stream is to be read: what the options that every command shares say.
package struct InputSettings: Sendable {
  /// The byte between fields; by default a comma, for `.tsv` files a tab.
  package var delimiter: UInt8?
  /// The names of the columns of a stream without a header.
  package var columns: [String]?
  /// Texts that mean "missing" besides the usual ones.
  package var missing: Set<ByteText> = []
  /// What happens to bad rows.
  package var badRows = BadRowPolicy.fail
  /// The column that says what is wrong with a bad row, where they are reported.
  package var errorColumn: String?
  /// More bad rows than this end the command all the same.
  package var maximumBad: Int?
  /// Where left-out rows go.
  package var rejects: String?
  /// A file whose columns are looked up by a key column both files have.
  package var join: (path: String, key: String)?
  /// Numeric columns that become groups: the cuts between them.
  package var bins: [String: [Double]] = [:]
  /// Only rows with one of these texts in the column take part.
  package var rows: [(column: String, texts: Set<ByteText>)] = []
  /// Files that are read as one, the first of which is named to whoever opens them.
  package var files: [String] = []
  /// The part of a file that is read, counted from 1, and how many parts there are.
  package var shard: (part: Int, parts: Int)?
  /// Whether numbers are written with a comma before their fraction, in what is read and in what is added.
  package var hasDecimalCommas = false
  /// Whole records are handed on as they come, for a co-process.
  package var isUnbuffered = false
  /// How lines are read that are JSON objects; nil for CSV.
  package var members: MemberSettings?
  /// The threads that share the work.
  package var threads = 1

  /// The usual settings.
  package init() {}

  /// The same for a file beside the one that is read for its records: whole, and with no rejects of its own.
  package var besides: InputSettings {
    var settings = self
    settings.rejects = nil
    settings.files = []
    settings.shard = nil
    return settings
  }

  /// The same for lines that are JSON objects, of which members are also read that these settings name.
  package func reading(_ members: MemberSettings) -> InputSettings {
    var settings = self
    var members = members
    for name in rows.map(\.column) where !members.names.contains(name) {
      members.names.append(name)
    }
    settings.members = members
    settings.columns = JSONLines.columns(members.names)
    settings.delimiter = UInt8(ascii: ",")
    return settings
  }

  /// The delimiter for a path.
  func delimiter(for path: String?) -> UInt8 {
    if let delimiter { return delimiter }
    return path.map { CompressedFormat.stem($0).hasSuffix(".tsv") } == true
      ? UInt8(ascii: "\t") : UInt8(ascii: ",")
  }
}
