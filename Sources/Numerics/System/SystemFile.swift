#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A call of the operating system that failed, and why.
package struct SystemError: Error, Equatable, Sendable {
  /// The system's error number.
  package let code: Int32
  /// The folder of temporary files it is about, where it is not the named file itself.
  package private(set) var temporaryFolder: String?

  /// An error of a number.
  init(code: Int32) { self.code = code }

  /// The same error, about a temporary file in a folder.
  func about(temporaryFolder folder: String) -> SystemError {
    var error = self
    error.temporaryFolder = folder
    return error
  }

  /// A file that was there is there no more.
  package static var gone: SystemError { SystemError(code: ENOENT) }

  /// The error the last call left behind.
  static var last: SystemError { SystemError(code: errno) }

  /// The system's words for it.
  package var message: String { String(cString: strerror(code)) }

  /// Whether the file or folder is not there.
  package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether a file of that name is there already.
  package var isAlreadyThere: Bool { code == EEXIST }

  /// Whether a file or folder cannot be had at all, rather than not read or written.
  package var isNoAccess: Bool {
    isNotFound || code == EACCES || code == EPERM || code == EROFS || code == ENAMETOOLONG
  }

  /// Whether the file is a folder.
  package var isFolder: Bool { code == EISDIR }

  /// Whether the reader of a pipe has gone away.
  package var isClosedPipe: Bool { code == EPIPE }

  /// Whether the other end of a connection has gone away.
  package var isBrokenConnection: Bool { code == EPIPE || code == ECONNRESET }
}

/// An open file, pipe or device.
package final class SystemFile: @unchecked Sendable {
  let descriptor: Int32
  private let closes: Bool

  private init(descriptor: Int32, closes: Bool) {
    self.descriptor = descriptor
    self.closes = closes
  }

  /// One end of a connection.
  convenience init(socket: Int32) { self.init(descriptor: socket, closes: true) }

  deinit { if closes { close(descriptor) } }

  /// Ends the reading of a connection behind what has arrived.
  package func endReading() { shutdown(descriptor, Int32(SHUT_RD)) }

  /// Ends a connection whatever is under way.
  package func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Standard input.
  package static var standardInput: SystemFile { SystemFile(descriptor: 0, closes: false) }
  /// Standard output.
  package static var standardOutput: SystemFile { SystemFile(descriptor: 1, closes: false) }
  /// Standard error.
  package static var standardError: SystemFile { SystemFile(descriptor: 2, closes: false) }

  /// Opens a file for reading; a folder is refused.
  package static func reading(_ path: String) throws(SystemError) -> SystemFile {
    let file = try opened { open(path, O_RDONLY | O_CLOEXEC) }
    if file.status?.isDirectory == true { throw SystemError(code: EISDIR) }
    return file
  }

  /// Opens an existing device or pipe, or makes a file, for writing in place.
  package static func writing(_ path: String) throws(SystemError) -> SystemFile {
    try opened { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
  }

  /// Makes a new file that must not exist yet, readable and writable.
  package static func creating(_ path: String, mode: UInt32) throws(SystemError) -> SystemFile {
    try opened { open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode)) }
  }

  /// Makes a file without a name, readable and writable: it is gone when it is closed, whatever
  /// ends the process.
  package static func nameless(in folder: String) throws(SystemError) -> SystemFile {
    #if os(Linux)
      // O_TMPFILE, which Glibc's module does not show.
      let descriptor = open(folder, 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
      if descriptor >= 0 { return SystemFile(descriptor: descriptor, closes: true) }
      // Some file systems cannot; every other error is the folder's.
      guard [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) else { throw .last }
    #endif
    let path = "\(folder)/\(SystemPath.passingName())"
    let doomed = try Signals.creating(path, mode: 0o600)
    // Where it cannot be removed it stays on the list of what goes when the process is stopped.
    guard unlink(path) == 0 else { throw .last }
    doomed.forget()
    return doomed.file
  }

  /// Opens by a call of the system, once more where a signal came in between.
  private static func opened(_ call: () -> Int32) throws(SystemError) -> SystemFile {
    while true {
      let descriptor = call()
      if descriptor >= 0 { return SystemFile(descriptor: descriptor, closes: true) }
      if errno != EINTR { throw .last }
    }
  }

  /// Puts closed standard streams on the null device, the wrong way round for input and output, so
  /// that no file that is opened later takes their place and reading or writing them is an error.
  ///
  /// Standard error is a mere sink then: words are lost, not results.
  package static func occupyStandardStreams() {
    for stream in [0, 1, 2] as [Int32] where fcntl(stream, F_GETFD) < 0 && errno == EBADF {
      // The lowest free number is taken, and that is this one. Without devices a folder will do.
      if open("/dev/null", stream == 1 ? O_RDONLY : O_WRONLY) < 0 { _ = open("/", O_RDONLY) }
    }
  }

  /// Whether it is open for reading.
  package var isReadable: Bool { access != O_WRONLY }
  /// Whether it is open for writing.
  package var isWritable: Bool { access != O_RDONLY }

  private var access: Int32? {
    let flags = fcntl(descriptor, F_GETFL)
    return flags < 0 ? nil : flags & O_ACCMODE
  }

  /// Waits until a stream that does not block has bytes or room, where that is all that failed.
  private func waited(for event: Int32) -> Bool {
    guard errno == EAGAIN || errno == EWOULDBLOCK else { return errno == EINTR }
    var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    return poll(&request, 1, -1) >= 0 || errno == EINTR
  }

  /// Reads up to `limit` bytes onto the end of a buffer; 0 at the end of the file.
  package func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
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
      let error = SystemError.last
      guard waited(for: Int32(POLLIN)) else { throw error }
    }
  }

  /// Writes all of a buffer.
  package func write(_ buffer: ByteBuffer) throws(SystemError) {
    try write(buffer.start, count: buffer.count)
  }

  /// Writes some bytes.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try write(ByteBuffer(bytes))
  }

  /// Writes a text.
  package func write(_ text: String) throws(SystemError) { try write(Array(text.utf8)) }

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
        continue
      }
      let error = SystemError.last
      guard waited(for: Int32(POLLOUT)) else { throw error }
    }
  }

  /// Where the next byte is read, for a regular file.
  package var position: Int? {
    let position = lseek(descriptor, 0, SEEK_CUR)
    return position >= 0 ? Int(position) : nil
  }

  /// Moves to a position counted from the start of the file.
  package func seek(_ position: Int) throws(SystemError) {
    guard lseek(descriptor, off_t(position), SEEK_SET) >= 0 else { throw .last }
  }

  /// Waits until what was written is on the disk.
  package func sync() throws(SystemError) {
    while fsync(descriptor) != 0 {
      // Devices and pipes cannot be synced, which is no failure.
      if errno == EINVAL || errno == EROFS { return }
      if errno != EINTR { throw .last }
    }
  }

  /// Whether it is a terminal.
  package var isTerminal: Bool { isatty(descriptor) == 1 }

  /// How many columns the terminal has; nil where it is none, or does not say.
  package var terminalColumns: Int? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// The columns of the terminal, where it is one.
  package var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// What kind of file it is, and how large.
  package var status: FileStatus? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    return FileStatus(status)
  }
}

/// What kind of thing a file is.
package struct FileStatus: Sendable {
  /// Whether it is an ordinary file (not a pipe, device or folder).
  package let isRegular: Bool
  /// Whether it is a folder.
  package let isDirectory: Bool
  /// Whether it is a pipe.
  package let isPipe: Bool
  /// Its bytes.
  package let size: Int
  /// Its permission bits.
  package let mode: UInt32
  /// Tells files apart: device and inode.
  package let identity: [UInt64]
  /// Tells whether a file's contents were touched: when it was changed, and its size.
  package let stamp: [Int]

  init(_ status: stat) {
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isPipe = status.st_mode & S_IFMT == S_IFIFO
    size = Int(status.st_size)
    mode = UInt32(status.st_mode & 0o7777)
    identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
    #if canImport(Glibc)
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #else
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #endif
    stamp = [
      Int(status.st_size), Int(modified.tv_sec), modified.tv_nsec, Int(changed.tv_sec),
      changed.tv_nsec,
    ]
  }

  /// The status of a path, following symbolic links.
  package static func of(_ path: String) -> FileStatus? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileStatus(status)
  }
}

/// Operations on paths.
package enum SystemPath {
  /// The path with every symbolic link followed, where the file exists.
  package static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// The target of a symbolic link, even one that points nowhere yet.
  package static func linkTarget(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let count = readlink(path, base, 4096)
      guard count > 0 else { return nil }
      base[count] = 0
      return String(cString: base)
    }
  }

  /// A short name for a file that is passing, which no other file has; it decides no result.
  package static func passingName() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return ".fairpost.\(digits).tmp"
  }

  /// Moves a file over another in one step.
  package static func rename(_ from: String, to: String) throws(SystemError) {
    #if canImport(Glibc)
      let status = Glibc.rename(from, to)
    #else
      let status = Darwin.rename(from, to)
    #endif
    guard status == 0 else { throw .last }
  }

  /// Removes a file.
  package static func remove(_ path: String) { unlink(path) }

  /// Makes a folder; one that is there already is no error.
  package static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o777) != 0, errno != EEXIST { throw .last }
  }

  /// The names in a folder, sorted by bytes.
  package static func contents(of path: String) throws(SystemError) -> [String] {
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
  package static func setMode(_ path: String, _ mode: UInt32) { chmod(path, mode_t(mode)) }

  /// The permission bits this process takes away from new files.
  package static var creationMask: UInt32 {
    let mask = umask(0)
    umask(mask)
    return UInt32(mask)
  }

  /// Makes a folder's entries durable, where it may be opened at all.
  package static func syncDirectory(_ path: String) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    while fsync(descriptor) != 0 {
      if errno == EINVAL || errno == EROFS { return }
      if errno != EINTR { throw .last }
    }
  }
}

/// Facts about this process.
package enum ProcessFacts {
  /// The value of an environment variable, if set and not empty.
  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// Ends the process as a closed pipe does, quietly, even where the signal was ignored.
  package static func dieOfClosedPipe() -> Never {
    Signals.removeUnfinished()
    signal(SIGPIPE, SIG_DFL)
    kill(getpid(), SIGPIPE)
    exit(141)
  }

  /// Ends the process at once.
  package static func exit(_ status: Int32) -> Never {
    #if canImport(Glibc)
      Glibc.exit(status)
    #else
      Darwin.exit(status)
    #endif
  }

  /// Seconds on a clock that only goes forward; for progress, never for results.
  package static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Lets the calling thread wait.
  package static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

  /// Processor seconds the calling thread has used so far.
  package static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Processor seconds used so far, and the largest memory in bytes.
  package static var usage: (processor: Double, memory: Int) {
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
