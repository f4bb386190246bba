internal import FairpostCSV
internal import FairpostNumerics
internal import FairpostText

/// A stream a command must read twice: a file is opened again, anything else is kept while it is read.
package final class TwicePass {
  private let path: String?
  private let settings: InputSettings
  private let spool: Spool
  /// What is read, where it is in memory already.
  private let bytes: [UInt8]?
  private let first: Input
  /// Where standard input stood, if it is a regular file (`< file`).
  private let startPosition: Int?

  /// Opens the stream for its first reading.
  ///
  /// - Parameter memoryLimit: bytes of a pipe kept in memory; what is beyond goes to a nameless
  ///   temporary file (in TMPDIR).
  package init(_ path: String?, _ settings: InputSettings, memoryLimit: Int) throws {
    self.path = path
    self.settings = settings
    bytes = nil
    startPosition = path == nil || path == "-" ? SystemFile.standardInput.position : nil
    spool = Spool(
      memoryLimit: memoryLimit, folder: ProcessFacts.environment("TMPDIR") ?? "/tmp")
    first = try Input(path, settings, keepingIn: spool)
  }

  /// CSV that is in memory.
  package init(bytes: [UInt8], named name: String, _ settings: InputSettings) throws {
    path = nil
    self.settings = settings
    self.bytes = bytes
    startPosition = nil
    spool = Spool(memoryLimit: 0, folder: "")
    first = try Input(bytes: bytes, named: name, settings)
  }

  /// The first reading.
  package var firstPass: Input { first }

  /// The second reading, if need be with other settings; only after the first has ended.
  package func secondPass(_ changed: InputSettings? = nil) throws -> Input {
    let settings = changed ?? settings
    if let bytes { return try Input(bytes: bytes, named: first.name, settings) }
    if first.isSeveralFiles { return try Input(path, settings) }
    if first.size != nil {
      if let startPosition {
        do { try SystemFile.standardInput.seek(startPosition) } catch {
          throw Failure(.inputOutput, "\(first.name): \(error.message)")
        }
      }
      let again = try Input(path == "-" ? nil : path, settings)
      try again.expect(first.status)
      return again
    }
    let source: any ByteSource
    do { source = try spool.replay() } catch {
      throw Input.failure(.system(error), name: first.name, linesBefore: 0)
    }
    return try Input(
      source, name: first.name, delimiter: settings.delimiter(for: path), settings, file: nil)
  }
}
