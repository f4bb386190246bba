package import FairpostCSV
package import FairpostNumerics
package import FairpostText

/// A column a role names: a field of the stream, or of the file joined to it.
package struct ColumnReference: Sendable, Equatable {
  /// What the user calls it.
  package let name: String
  /// Where its values come from.
  enum Origin: Sendable, Equatable {
    case field(Int)
    case joined(Int)
  }
  let origin: Origin

  /// Its place in the stream; nil for a joined column.
  package var field: Int? {
    if case .field(let index) = origin { return index }
    return nil
  }
}

/// An opened CSV stream whose header has been read, and nothing more.
///
/// Roles are looked up by name here, before any data is read.
package final class Input: @unchecked Sendable {
  /// What messages call it.
  package let name: String
  /// The names of its columns.
  package let header: Header
  /// How it is read.
  package let settings: InputSettings
  /// The bytes of the file, where it is a regular one.
  package var size: Int? { status?.size }
  /// Tells whether two inputs are the same file.
  package var identity: [UInt64]? { status?.identity }
  /// What the file was like when it was opened, where it is a regular one.
  let status: FileStatus?
  /// The open file, where it is a regular one.
  private let file: SystemFile?
  /// What the file was like when it was first read, where this is the second reading.
  private let expected = Guarded<FileStatus?>(nil)
  let join: JoinTable?
  let rowFilters: [(reference: ColumnReference, texts: Set<ByteText>)]
  private let reader: Guarded<BlockReader?>
  private let headerReader: HeaderText
  /// Where the bytes come from.
  private let source: any ByteSource

  /// What is kept of the header for writing it again.
  private struct HeaderText: Sendable {
    let bytes: [UInt8]
    let lines: Int
    let dialect: Dialect
  }

  /// Opens a path (nil or `-` is standard input) and reads its header.
  ///
  /// - Parameters:
  ///   - keepingIn: keeps all that is read of a stream that cannot be read twice.
  package convenience init(
    _ path: String?, _ settings: InputSettings, keepingIn spool: Spool? = nil
  ) throws {
    if settings.files.count > 1, settings.files.first == path {
      if settings.shard != nil {
        throw UsageError("\(option: "shard") reads a part of one file, not of several")
      }
      try self.init(
        FileChain(settings.files, settings), name: FileChain.name(settings.files),
        delimiter: settings.delimiter(for: path), settings, file: nil)
      return
    }
    let isStandard = path == nil || path == "-"
    let name = isStandard ? "standard input" : path ?? ""
    let file: SystemFile
    if isStandard {
      file = try Input.standardInput()
      if file.isTerminal {
        throw Failure(
          .usage, "standard input is a terminal: pipe CSV into the command, or name a file")
      }
    } else {
      do { file = try SystemFile.reading(name) } catch {
        throw Input.cannotOpen(name, error)
      }
    }
    let isRegular = file.status?.isRegular == true
    let unpacked = try file.compression.map { try Input.unpacking($0, file, name) }
    var source: any ByteSource =
      if let spool, !isRegular { TeeSource(file, keepingIn: spool) } else { unpacked ?? file }
    // The file that is read for its records, and no other that a command reads beside it.
    if let shard = settings.shard,
      isStandard ? settings.files.isEmpty : settings.files.first == path
    {
      guard isRegular, unpacked == nil, let size = file.status?.size else {
        throw UsageError(
          "\(option: "shard"): \(name) cannot be divided: only a file that is not compressed can")
      }
      source = ShardSource(
        file, part: shard.part, of: shard.parts, size: size - (file.position ?? 0),
        delimiter: settings.delimiter(for: path), hasHeader: settings.columns == nil)
    }
    try self.init(
      source, name: name, delimiter: settings.delimiter(for: path), settings,
      file: isRegular ? file : nil)
  }

  /// A compressed file, unpacked by the program for it.
  static func unpacking(
    _ kind: CompressedFormat, _ file: SystemFile, _ name: String
  ) throws(Failure) -> Decompressor {
    do { return try Decompressor(kind, of: file) } catch { throw unpacked(error, name) }
  }

  /// Why a compressed file cannot be read.
  private static func unpacked(_ error: DecompressionError, _ name: String) -> Failure {
    switch error {
    case .missing(let kind):
      Failure(
        .noInput,
        "\(name): is compressed, and the program that unpacks it, \(kind.program), is not installed",
        hint: "install \(kind.program) (apt install \(kind.package)), or unpack the file elsewhere")
    case .failed(let kind, let words):
      Failure(.badData, "\(name): \(kind.program) cannot unpack it: \(Shown.line(words))")
    }
  }

  /// Reads CSV that is in memory.
  ///
  /// - Parameter name: what messages call it.
  package convenience init(
    bytes: [UInt8], named name: String, _ settings: InputSettings
  ) throws {
    try self.init(
      MemorySource(bytes), name: name, delimiter: settings.delimiter(for: nil), settings, file: nil)
  }

  /// Reads what a client sends; nil where it sends nothing at all.
  static func connection(
    _ source: ClientSource, name: String, _ settings: InputSettings
  ) throws -> Input? {
    do {
      let input = try Input(
        source, name: name, delimiter: settings.delimiter(for: nil), settings, file: nil)
      return source.count == 0 ? nil : input
    } catch {
      if source.count == 0 { return nil }
      throw error
    }
  }

  /// Standard input, if it can be read.
  package static func standardInput() throws(Failure) -> SystemFile {
    let file = SystemFile.standardInput
    guard file.isReadable else {
      throw Failure(.noInput, "standard input is closed: pipe something into it, or name a file")
    }
    guard file.status?.isDirectory != true else {
      throw Failure(.noInput, "standard input is a folder: name a file")
    }
    return file
  }

  /// Why a named file cannot be opened for reading.
  package static func cannotOpen(_ name: String, _ error: SystemError) -> Failure {
    Failure(.noInput, "\(name): \(error.isFolder ? "is a folder" : error.message)")
  }

  /// Reads a stream from any source.
  init(
    _ source: any ByteSource, name: String, delimiter: UInt8, _ settings: InputSettings,
    file: SystemFile?
  ) throws {
    guard let dialect = Dialect(delimiter: delimiter) else {
      throw Failure(
        .usage, "\(option: "delimiter"): a quote or a line ending cannot be the delimiter")
    }
    let lines = settings.members.map {
      JSONLines(
        source, members: $0.names, absentIsMissing: $0.absentIsMissing, forbidden: $0.written)
    }
    let reader: BlockReader
    do {
      reader = try BlockReader(
        lines ?? source, dialect: dialect, columns: settings.columns, eager: settings.isUnbuffered,
        keepsOpenRecord: settings.badRows == .report)
    } catch {
      throw Input.failure(error, reading: source, name, linesBefore: 0)
    }
    self.source = source
    self.name = name
    self.settings = settings
    header = reader.header
    self.file = file
    status = file?.status
    headerReader = HeaderText(
      bytes: reader.headerBytes, lines: reader.headerLines, dialect: dialect)
    self.reader = Guarded(reader)
    join = try settings.join.map {
      try JoinTable($0.path, key: $0.key, into: reader.header, name, settings)
    }
    let lookup = Lookup(header: reader.header, join: join, name: name)
    rowFilters = try settings.rows.map { (try lookup.reference($0.column), $0.texts) }
    for column in settings.bins.keys.sorted() { _ = try lookup.reference(column) }
  }

  /// How records are written.
  package var dialect: Dialect { headerReader.dialect }
  /// The lines before the first record.
  package var headerLines: Int { headerReader.lines }

  /// The header with new columns behind it, as bytes; empty for a stream without one.
  ///
  /// A header line that lacked its line ending, since no row follows, still lacks it.
  package func headerText(appending names: [String]) -> [UInt8] {
    // Without a header there is at most a byte-order mark.
    if settings.columns != nil { return headerReader.bytes }
    return BlockReader.header(headerReader.bytes, dialect, appending: names)
  }

  /// Makes this the second reading of a file: an error where it is not what it was, now or when it
  /// has been read to its end.
  func expect(_ before: FileStatus?) throws(Failure) {
    expected.withLock { $0 = before }
    try checkUnchanged()
  }

  /// Whether the file is still what it was when it was first read.
  func checkUnchanged() throws(Failure) {
    guard let before = expected.withLock({ $0 }) else { return }
    guard let now = file?.status, now.identity == before.identity, now.stamp == before.stamp else {
      throw Failure(
        .badData, "\(name): the file changed while it was read, but it must be read twice",
        hint: "wait until it is complete, or pipe it in")
    }
  }

  /// Hands the stream to its one reader.
  func takeReader() throws(Failure) -> BlockReader {
    let reader = self.reader.withLock { reader -> BlockReader? in
      defer { reader = nil }
      return reader
    }
    guard let reader else {
      throw Failure(.internalFault, "\(name): the stream must be read twice")
    }
    return reader
  }

  /// The column of that name; the error names the nearest that exists.
  package func column(_ name: String) throws(Failure) -> ColumnReference {
    try Lookup(header: header, join: join, name: self.name, separators: separatorAdvice)
      .reference(name)
  }

  /// The columns of those names.
  package func columns(_ names: [String]) throws(Failure) -> [ColumnReference] {
    var references: [ColumnReference] = []
    for name in names { references.append(try column(name)) }
    return references
  }

  /// Where a new column goes: behind the others, or over the one of that name with `--overwrite`.
  package func place(of name: String, overwrite: Bool) throws(Failure) -> OutputColumn.Place {
    guard header.contains(name) else { return .appended }
    guard overwrite else {
      throw Failure(
        .badData, "\(self.name): there is already a column \"\(name)\"",
        hint: "use \(option: "overwrite") to replace it")
    }
    guard let field = try column(name).field else { return .appended }
    return .replacing(field)
  }

  /// Where new columns go, which must differ from each other.
  package func places(
    of names: [String], overwrite: Bool
  ) throws(Failure) -> [OutputColumn.Place] {
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw Failure(.usage, "two of the new columns would be called \"\(twice)\"")
    }
    var places: [OutputColumn.Place] = []
    for name in names { places.append(try place(of: name, overwrite: overwrite)) }
    return places
  }

  /// An error of reading with file and line, or why what was read could not be unpacked.
  func failure(_ error: CSVError, linesBefore: Int) -> Failure {
    Input.failure(error, reading: source, name, linesBefore: linesBefore)
  }

  /// The MiB that were scanned to find where a part of a file begins; nil where that is next to nothing.
  var scannedBefore: Int? {
    guard let bytes = (source as? ShardSource)?.skippedBytes, bytes >> 20 > 0 else { return nil }
    return bytes >> 20
  }

  /// Whether several files are read as one.
  var isSeveralFiles: Bool { source is FileChain }

  /// Where a line stands, in words: of several files read as one, in which.
  package func place(ofLine line: Int) -> String {
    let (path, own) = Input.place(ofLine: line, in: source)
    return "\(path ?? name):\(own)"
  }

  /// A line of what a source gives, as the line of a file; nil is the one file that is read.
  private static func place(
    ofLine line: Int, in source: any ByteSource
  ) -> (path: String?, line: Int) {
    (source as? any LinePlaces)?.place(ofLine: line) ?? (nil, line)
  }

  private static func failure(
    _ error: CSVError, reading source: any ByteSource, _ name: String, linesBefore: Int
  ) -> Failure {
    if case .system = error {
      if let failure = (source as? Decompressor)?.failure { return unpacked(failure, name) }
      if let (path, failure) = (source as? FileChain)?.failure { return unpacked(failure, path) }
    }
    guard let line = error.shifted(by: linesBefore).line else {
      return failure(error, name: name, linesBefore: linesBefore)
    }
    let (path, own) = place(ofLine: line, in: source)
    return failure(error, name: path ?? name, linesBefore: linesBefore + own - line)
  }

  /// What a header of one column looks like that was meant as several; nil where it does not.
  package var separatorAdvice: Message? {
    guard header.names.count == 1, let only = header.names.first else { return nil }
    let signs: [(Character, String)] = [(";", "';'"), ("\t", "tab"), ("|", "'|'"), (",", "','")]
    guard let (_, word) = signs.first(where: { only.contains($0.0) }) else { return nil }
    return
      "the header is one column: if \(word) separates the columns, say \(option: "delimiter") \(word)"
  }

  /// A CSV error with file and line.
  static func failure(_ error: CSVError, name: String, linesBefore: Int) -> Failure {
    let error = error.shifted(by: linesBefore)
    let place = error.line.map { "\(name):\($0)" } ?? name
    if case .system(let error) = error {
      if let folder = error.temporaryFolder {
        return Failure(
          error.isNoAccess ? .cannotCreate : .inputOutput,
          "TMPDIR, \(folder): cannot keep \(name) there, which is read twice: \(error.message)",
          hint: "set TMPDIR to a folder with room, or name a file instead of a pipe")
      }
      return Failure(.inputOutput, "\(place): cannot read: \(error.message)")
    }
    return Failure(.badData, "\(place): \(error.message)")
  }
}

/// Finds columns by name in a header and a joined file's.
struct Lookup {
  let header: Header
  let join: JoinTable?
  let name: String
  var separators: Message?

  func reference(_ column: String) throws(Failure) -> ColumnReference {
    do {
      return ColumnReference(name: column, origin: .field(try header.index(of: column)))
    } catch {
      if case .ambiguous = error {
        throw Failure(
          .badData, "\(name): several columns are called \"\(column)\": rename all but one")
      }
    }
    if let join, let index = join.names.firstIndex(of: column) {
      return ColumnReference(name: column, origin: .joined(index))
    }
    let known = header.names + (join?.names ?? [])
    if separators == nil, let near = nearest(column, in: known) {
      throw Failure(.badData, "\(name): no column \"\(column)\": did you mean \"\(near)\"?")
    }
    if let separators {
      throw Failure(.badData, "\(name): no column \"\(column)\"", hint: separators)
    }
    let list = known.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ")
    let rest = known.count > 12 ? " and \(known.count - 12) more" : ""
    throw Failure(.badData, "\(name): no column \"\(column)\": the columns are \(list)\(rest)")
  }
}
