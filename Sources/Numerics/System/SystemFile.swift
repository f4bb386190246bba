#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A call of the operating system that failed, and why.
public struct SystemError: Error, Equatable, Sendable {
  /// The system's error number.
  public let code: Int32

  /// The error the last call left behind.
  static var last: SystemError { SystemError(code: errno) }

  /// The system's words for it.
  public var message: String { String(cString: strerror(code)) }

  /// Whether the file or folder is not there.
  public var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether a file of that name is there already.
  public var isAlreadyThere: Bool { code == EEXIST }

  /// Whether the reader of a pipe has gone away.
  public var isClosedPipe: Bool { code == EPIPE }
}

/// An open file, pipe or device.
public final class SystemFile: @unchecked Sendable {
  private let descriptor: Int32
  private let closes: Bool

  private init(descriptor: Int32, closes: Bool) {
    self.descriptor = descriptor
    self.closes = closes
  }

  deinit { if closes { close(descriptor) } }

  /// Standard input.
  public static var standardInput: SystemFile { SystemFile(descriptor: 0, closes: false) }
  /// Standard output.
  public static var standardOutput: SystemFile { SystemFile(descriptor: 1, closes: false) }
  /// Standard error.
  public static var standardError: SystemFile { SystemFile(descriptor: 2, closes: false) }

  /// Opens a file for reading.
  public static func reading(_ path: String) throws(SystemError) -> SystemFile {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    return SystemFile(descriptor: descriptor, closes: true)
  }

  /// Opens an existing device or pipe, or makes a file, for writing in place.
  public static func writing(_ path: String) throws(SystemError) -> SystemFile {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last }
    return SystemFile(descriptor: descriptor, closes: true)
  }

  /// Makes a new file that must not exist yet, readable and writable.
  public static func creating(_ path: String, mode: UInt32) throws(SystemError) -> SystemFile {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else { throw .last }
    return SystemFile(descriptor: descriptor, closes: true)
  }

  /// Reads up to `limit` bytes onto the end of a buffer; 0 at the end of the file.
  public func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    buffer.reserve(buffer.count + limit)
    while true {
      #if canImport(Glibc)
        let got = Glibc.read(descriptor, buffer.start + buffer.count, limit)
      #else
        let got = Darwin.read(descriptor, buffer.start + buffer.count, limit)
      #endif
      if got >= 0 {
        buffer.count += got
        return got
      }
      if errno != EINTR { throw .last }
    }
  }

  /// Writes all of a buffer.
  public func write(_ buffer: ByteBuffer) throws(SystemError) {
    try write(buffer.start, count: buffer.count)
  }

  /// Writes some bytes.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    try write(ByteBuffer(bytes))
  }

  /// Writes a text.
  public func write(_ text: String) throws(SystemError) { try write(Array(text.utf8)) }

  private func write(_ bytes: UnsafePointer<UInt8>, count: Int) throws(SystemError) {
    var at = 0
    while at < count {
      #if canImport(Glibc)
        let put = Glibc.write(descriptor, bytes + at, count - at)
      #else
        let put = Darwin.write(descriptor, bytes + at, count - at)
      #endif
      if put >= 0 {
        at += put
      } else if errno != EINTR {
        throw .last
      }
    }
  }

  /// Where the next byte is read, for a regular file.
  public var position: Int? {
    let position = lseek(descriptor, 0, SEEK_CUR)
    return position >= 0 ? Int(position) : nil
  }

  /// Moves to a position counted from the start of the file.
  public func seek(_ position: Int) throws(SystemError) {
    guard lseek(descriptor, off_t(position), SEEK_SET) >= 0 else { throw .last }
  }

  /// Waits until what was written is on the disk.
  public func sync() throws(SystemError) {
    // Devices and pipes cannot be synced, which is no failure.
    if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { throw .last }
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The columns of the terminal, where it is one.
  public var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// What kind of file it is, and how large.
  public var status: FileStatus? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    return FileStatus(status)
  }
}

/// What kind of thing a file is.
public struct FileStatus: Sendable {
  /// Whether it is an ordinary file (not a pipe, device or folder).
  public let isRegular: Bool
  /// Whether it is a folder.
  public let isDirectory: Bool
  /// Its bytes.
  public let size: Int
  /// Its permission bits.
  public let mode: UInt32
  /// Tells files apart: device and inode.
  public let identity: [UInt64]

  init(_ status: stat) {
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    size = Int(status.st_size)
    mode = UInt32(status.st_mode & 0o7777)
    identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
  }

  /// The status of a path, following symbolic links.
  public static func of(_ path: String) -> FileStatus? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileStatus(status)
  }
}

/// Operations on paths.
public enum SystemPath {
  /// The path with every symbolic link followed, where the file exists.
  public static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// The target of a symbolic link, even one that points nowhere yet.
  public static func linkTarget(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let count = readlink(path, base, 4096)
      guard count > 0 else { return nil }
      base[count] = 0
      return String(cString: base)
    }
  }

  /// Moves a file over another in one step.
  public static func rename(_ from: String, to: String) throws(SystemError) {
    #if canImport(Glibc)
      let status = Glibc.rename(from, to)
    #else
      let status = Darwin.rename(from, to)
    #endif
    guard status == 0 else { throw .last }
  }

  /// Removes a file.
  public static func remove(_ path: String) { unlink(path) }

  /// Makes a folder; one that is there already is no error.
  public static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o777) != 0, errno != EEXIST { throw .last }
  }

  /// The names in a folder, sorted by bytes.
  public static func contents(of path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw .last }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Sets a file's permission bits.
  public static func setMode(_ path: String, _ mode: UInt32) { chmod(path, mode_t(mode)) }

  /// The permission bits this process takes away from new files.
  public static var creationMask: UInt32 {
    let mask = umask(0)
    umask(mask)
    return UInt32(mask)
  }

  /// Makes a folder's entries durable.
  public static func syncDirectory(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// Facts about this process.
public enum ProcessFacts {
  /// A number no other running process has.
  public static var identifier: Int { Int(getpid()) }

  /// The value of an environment variable, if set and not empty.
  public static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// Ends the process as a closed pipe does, quietly, even where the signal was ignored.
  public static func dieOfClosedPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    kill(getpid(), SIGPIPE)
    exit(141)
  }

  /// Restores the quiet end on a closed pipe, which a parent process may have switched off.
  public static func endQuietlyOnClosedPipe() { signal(SIGPIPE, SIG_DFL) }

  /// Ends the process at once.
  public static func exit(_ status: Int32) -> Never {
    #if canImport(Glibc)
      Glibc.exit(status)
    #else
      Darwin.exit(status)
    #endif
  }

  /// Seconds on a clock that only goes forward; for progress, never for results.
  public static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Processor seconds the calling thread has used so far.
  public static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Processor seconds used so far, and the largest memory in bytes.
  public static var usage: (processor: Double, memory: Int) {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      let memory = Int(usage.ru_maxrss) * 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      let memory = Int(usage.ru_maxrss)
    #endif
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6
    let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) * 1e-6
    return (user + system, memory)
  }
}
