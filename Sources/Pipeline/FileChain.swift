internal import FairpostCSV
internal import FairpostNumerics
internal import FairpostText

/// Several files with the same columns, read as one: the first as it stands, the others without their headers.
final class FileChain: LinePlaces, @unchecked Sendable {
  private let paths: [String]
  /// The bytes and lines of each further file's header, which are passed over.
  private let headers: [(bytes: Int, lines: Int)]
  private var source: any ByteSource
  private var place = 0
  private var endsWithNewline = true
  private var lines = 0
  /// Where each file begins among all lines, and the lines of its header; looked at by the threads that
  /// name lines.
  private let marks = Guarded<[(path: String, line: Int, header: Int)]>([])

  /// Opens the first file, and holds the headers of the others against its own.
  init(_ paths: [String], _ settings: InputSettings) throws {
    self.paths = paths
    source = try Self.opened(paths[0])
    var first: [String]?
    var headers: [(bytes: Int, lines: Int)] = []
    for path in paths {
      guard path != "-" else {
        throw UsageError("standard input cannot be one of several files")
      }
      let reader = try Self.header(path, settings)
      if let first, settings.columns == nil, first != reader.header.names {
        throw Self.difference(paths[0], first, path, reader.header.names)
      }
      first = reader.header.names
      headers.append((reader.headerBytes.count, reader.headerLines))
    }
    self.headers = headers
    marks.withLock { $0.append((paths[0], 0, 0)) }
  }

  /// What messages call them together.
  static func name(_ paths: [String]) -> String {
    "\(paths[0]) and \(paths.count - 1) more file\(paths.count == 2 ? "" : "s")"
  }

  private static func opened(_ path: String) throws(Failure) -> any ByteSource {
    let file: SystemFile
    do { file = try SystemFile.reading(path) } catch { throw Input.cannotOpen(path, error) }
    guard let kind = file.compression else { return file }
    return try Input.unpacking(kind, file, path)
  }

  private static func header(_ path: String, _ settings: InputSettings) throws -> BlockReader {
    guard let dialect = Dialect(delimiter: settings.delimiter(for: path)) else {
      throw Failure(
        .usage, "\(option: "delimiter"): a quote or a line ending cannot be the delimiter")
    }
    let source = try opened(path)
    do { return try BlockReader(source, dialect: dialect, columns: settings.columns) } catch {
      throw Input.failure(error, name: path, linesBefore: 0)
    }
  }

  /// The first column in which two headers differ.
  private static func difference(
    _ one: String, _ first: [String], _ other: String, _ second: [String]
  ) -> Failure {
    let place = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let words =
      place.map { "its column \($0 + 1) is \"\(second[$0])\", there \"\(first[$0])\"" }
      ?? "it has \(second.count) columns, there are \(first.count)"
    return Failure(
      .badData, "\(other): the header is not that of \(one): \(words)",
      hint: "files that are read as one must have the same columns in the same order")
  }

  func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    while true {
      let before = buffer.count
      let got = try source.read(onto: buffer, limit: limit)
      if got > 0 {
        lines += buffer.count(of: Dialect.newline, in: before..<buffer.count)
        endsWithNewline = buffer.last == Dialect.newline
        return got
      }
      guard place + 1 < paths.count else { return 0 }
      if !endsWithNewline {
        // The last line of a file may lack its ending; the next file's first record needs it.
        endsWithNewline = true
        lines += 1
        buffer.append(Dialect.newline)
        return 1
      }
      place += 1
      try next()
    }
  }

  /// Opens the next file behind its header.
  private func next() throws(SystemError) {
    let path = paths[place]
    do throws(Failure) { source = try Self.opened(path) } catch {
      throw SystemError.gone
    }
    let skipped = ByteBuffer(capacity: headers[place].bytes)
    while skipped.count < headers[place].bytes {
      if try source.read(onto: skipped, limit: headers[place].bytes - skipped.count) == 0 { break }
    }
    let (line, header) = (lines, headers[place].lines)
    marks.withLock { $0.append((path, line, header)) }
  }

  func place(ofLine line: Int) -> (path: String?, line: Int) {
    marks.withLock { marks in
      let mark = marks.last { $0.line < line } ?? marks[0]
      return (mark.path, line - mark.line + mark.header)
    }
  }

  /// Why the file at hand could not be unpacked.
  var failure: (path: String, error: DecompressionError)? {
    (source as? Decompressor)?.failure.map { (paths[place], $0) }
  }
}
