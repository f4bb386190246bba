package import FairpostNumerics
internal import FairpostText

/// Where a command's result goes: standard output, a device, or a regular file that is written whole
/// or not at all.
///
/// A regular file is written under a temporary name in the same folder and renamed over the target
/// when everything is on the disk. A symbolic link is followed, an existing file keeps its mode, and
/// an interrupt removes the temporary file.
package final class OutputFile: @unchecked Sendable {
  private let file: SystemFile
  private let temporary: (path: String, doomed: DoomedFile)?
  private let target: String?
  /// What messages call it.
  package let name: String
  private var isDone = false
  /// Whether a reader that has gone away ends what is written here, and not the process.
  private let outlivesReader: Bool
  /// Whether the reader of a connection has gone away.
  package private(set) var isBroken = false

  private init(
    _ file: SystemFile, name: String, temporary: (path: String, doomed: DoomedFile)? = nil,
    target: String? = nil, outlivesReader: Bool = false
  ) {
    self.outlivesReader = outlivesReader
    self.file = file
    self.name = name
    self.temporary = temporary
    self.target = target
  }

  deinit {
    if !isDone { discard() }
  }

  /// Standard output.
  package static var standard: OutputFile {
    OutputFile(.standardOutput, name: "standard output")
  }

  /// One end of a connection, to whom one of many clients listens.
  package static func connection(_ file: SystemFile, name: String) -> OutputFile {
    OutputFile(file, name: name, outlivesReader: true)
  }

  /// Whether it is a terminal.
  package var isTerminal: Bool { file.isTerminal }
  /// The columns of its lines: the terminal's, else what COLUMNS says, else 80.
  package var columns: Int {
    file.terminalColumns ?? ProcessFacts.environment("COLUMNS").flatMap { Int($0) } ?? 80
  }

  /// Opens a path for writing; nil or `-` is standard output.
  package static func open(_ path: String?) throws(Failure) -> OutputFile {
    guard let path, path != "-" else {
      guard SystemFile.standardOutput.isWritable else {
        throw Failure(.inputOutput, "standard output is closed: name a file with -o FILE")
      }
      return .standard
    }
    if let status = FileStatus.of(path) {
      if status.isDirectory { throw Failure(.cannotCreate, "\(path): is a folder") }
      if !status.isRegular {
        do { return OutputFile(try SystemFile.writing(path), name: path) } catch {
          throw Failure(.cannotCreate, "\(path): \(error.message)")
        }
      }
    }
    let target = followed(path)
    let folder = folderOf(target)
    let mode = FileStatus.of(target)?.mode ?? (0o666 & ~SystemPath.creationMask)
    // A short name: the target's own may be as long as the system allows.
    let temporary = "\(folder)/\(SystemPath.passingName())"
    do {
      let doomed = try Signals.creating(temporary, mode: 0o600)
      SystemPath.setMode(temporary, mode)
      return OutputFile(
        doomed.file, name: path, temporary: (temporary, doomed), target: target)
    } catch {
      throw Failure(.cannotCreate, "\(path): cannot create a file in \(folder): \(error.message)")
    }
  }

  /// A path with its chain of symbolic links followed, even to a file that does not exist yet.
  package static func followed(_ path: String) -> String {
    if let real = SystemPath.resolved(path) { return real }
    var path = path
    for _ in 0..<40 {
      guard let next = SystemPath.linkTarget(path) else { return path }
      path = next.hasPrefix("/") ? next : "\(folderOf(path))/\(next)"
    }
    return path
  }

  package static func folderOf(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Writes all of a buffer.
  package func write(_ buffer: ByteBuffer) throws(Failure) {
    do { try file.write(buffer) } catch { throw failed(error) }
  }

  /// Writes some bytes.
  package func write(_ bytes: [UInt8]) throws(Failure) {
    do { try file.write(bytes) } catch { throw failed(error) }
  }

  /// Writes a text.
  package func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  private func failed(_ error: SystemError) -> Failure {
    if outlivesReader {
      isBroken = error.isBrokenConnection
    } else if error.isClosedPipe {
      ProcessFacts.dieOfClosedPipe()
    }
    return Failure(.inputOutput, "\(name): cannot write: \(error.message)")
  }

  /// Puts the finished file into its place.
  package func commit() throws(Failure) {
    isDone = true
    guard let temporary, let target else { return }
    do {
      try file.sync()
      try SystemPath.rename(temporary.path, to: target)
    } catch {
      discard()
      throw Failure(.inputOutput, "\(name): cannot write: \(error.message)")
    }
    temporary.doomed.forget()
    do { try SystemPath.syncDirectory(OutputFile.folderOf(target)) } catch {
      throw Failure(
        .inputOutput,
        "\(name): is written, but the system could not confirm that it is safe on the disk: \(error.message)"
      )
    }
  }

  /// Leaves nothing behind.
  package func discard() {
    isDone = true
    guard let temporary else { return }
    SystemPath.remove(temporary.path)
    temporary.doomed.forget()
  }
}
