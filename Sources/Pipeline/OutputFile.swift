public import Numerics

/// Where a command's result goes: standard output, a device, or a regular file that is written whole
/// or not at all.
///
/// A regular file is written under a temporary name in the same folder and renamed over the target
/// when everything is on the disk. A symbolic link is followed, an existing file keeps its mode, and
/// an interrupt removes the temporary file.
public final class OutputFile: @unchecked Sendable {
  private let file: SystemFile
  private let temporary: String?
  private let target: String?
  /// What messages call it.
  public let name: String
  private var isDone = false

  private init(_ file: SystemFile, name: String, temporary: String? = nil, target: String? = nil) {
    self.file = file
    self.name = name
    self.temporary = temporary
    self.target = target
  }

  deinit {
    if !isDone { discard() }
  }

  /// Standard output.
  public static var standard: OutputFile {
    OutputFile(.standardOutput, name: "standard output")
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { file.isTerminal }

  /// Opens a path for writing; nil or `-` is standard output.
  public static func open(_ path: String?) throws(Failure) -> OutputFile {
    guard let path, path != "-" else { return .standard }
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
    let base = target.split(separator: "/").last.map(String.init) ?? "output"
    // The process number keeps two runs apart; it decides a passing name, never a result.
    for attempt in 0..<1000 {
      let temporary = "\(folder)/.\(base).\(ProcessFacts.identifier).\(attempt).tmp"
      do {
        let file = try SystemFile.creating(temporary, mode: 0o600)
        Signals.removeOnInterrupt(temporary)
        SystemPath.setMode(temporary, mode)
        return OutputFile(file, name: path, temporary: temporary, target: target)
      } catch {
        if error.isAlreadyThere { continue }
        throw Failure(.cannotCreate, "\(path): cannot create a file in \(folder): \(error.message)")
      }
    }
    throw Failure(.cannotCreate, "\(path): cannot find a free temporary name in \(folder)")
  }

  /// A path with its chain of symbolic links followed, even to a file that does not exist yet.
  private static func followed(_ path: String) -> String {
    if let real = SystemPath.resolved(path) { return real }
    var path = path
    for _ in 0..<40 {
      guard let next = SystemPath.linkTarget(path) else { return path }
      path = next.hasPrefix("/") ? next : "\(folderOf(path))/\(next)"
    }
    return path
  }

  private static func folderOf(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Writes all of a buffer.
  public func write(_ buffer: ByteBuffer) throws(Failure) {
    do { try file.write(buffer) } catch { throw failed(error) }
  }

  /// Writes some bytes.
  public func write(_ bytes: [UInt8]) throws(Failure) {
    do { try file.write(bytes) } catch { throw failed(error) }
  }

  /// Writes a text.
  public func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  private func failed(_ error: SystemError) -> Failure {
    if error.isClosedPipe { ProcessFacts.dieOfClosedPipe() }
    return Failure(.inputOutput, "\(name): cannot write: \(error.message)")
  }

  /// Puts the finished file into its place.
  public func commit() throws(Failure) {
    isDone = true
    guard let temporary, let target else { return }
    do {
      try file.sync()
      try SystemPath.rename(temporary, to: target)
      SystemPath.syncDirectory(OutputFile.folderOf(target))
      Signals.forget(temporary)
    } catch {
      SystemPath.remove(temporary)
      Signals.forget(temporary)
      throw Failure(.inputOutput, "\(name): cannot write: \(error.message)")
    }
  }

  /// Leaves nothing behind.
  public func discard() {
    isDone = true
    guard let temporary else { return }
    SystemPath.remove(temporary)
    Signals.forget(temporary)
  }
}
