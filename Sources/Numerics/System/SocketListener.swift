internal import FairpostCGSL

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A Unix socket that waits for clients.
package final class SocketListener: @unchecked Sendable {
  /// Why a path cannot be listened at.
  package enum Fault: Error {
    /// Somebody listens there.
    case inUse
    /// There is a file of another kind.
    case notSocket
    /// The system takes so many bytes at most.
    case tooLong(limit: Int)
    /// A call of the system failed.
    case system(SystemError)
  }

  private let descriptor: Int32
  /// The file to remove at the end; nil for a socket that was handed over.
  private let path: String?
  /// Connections that the system keeps waiting.
  private static let backlog: Int32 = 128

  private init(descriptor: Int32, path: String?) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// The socket that a supervisor opened for this process (systemd's socket units), if it did.
  package static func handedOver() -> SocketListener? {
    guard ProcessFacts.environment("LISTEN_PID") == String(getpid()),
      ProcessFacts.environment("LISTEN_FDS") == "1"
    else { return nil }
    _ = fcntl(3, F_SETFD, FD_CLOEXEC)
    return SocketListener(descriptor: 3, path: nil)
  }

  /// Listens at a path; a socket that nobody listens at any more is replaced.
  package static func at(_ path: String) throws(Fault) -> SocketListener {
    if let mode = kind(of: path) {
      guard mode & S_IFMT == S_IFSOCK else { throw .notSocket }
      let probe = try open()
      defer { close(probe) }
      if try withAddress(path, { connect(probe, $0, $1) }) == 0 { throw .inUse }
      guard errno == ECONNREFUSED else { throw .system(.last) }
      unlink(path)
    }
    let descriptor = try open()
    // It gets its name once it listens: who sees the path can connect.
    let listener = SocketListener(descriptor: descriptor, path: path)
    let birth = try birthPath(path)
    guard try withAddress(birth, { bind(descriptor, $0, $1) }) == 0 else { throw .system(.last) }
    defer { unlink(birth) }
    guard listen(descriptor, backlog) == 0, link(birth, path) == 0 else {
      throw errno == EEXIST ? .inUse : .system(.last)
    }
    return listener
  }

  /// A name in the folder of a path, for a socket that does not listen yet.
  private static func birthPath(_ path: String) throws(Fault) -> String {
    let bytes = Array(path.utf8)
    let folder = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes[...$0] } ?? []
    let name = Array(".\(getpid())".utf8)
    let limit = longestPath - max(0, name.count - (bytes.count - folder.count))
    guard bytes.count <= limit else { throw .tooLong(limit: limit) }
    return String(decoding: folder + name, as: UTF8.self)
  }

  private static var longestPath: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }

  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : nil
  }

  private static func open() throws(Fault) -> Int32 {
    #if canImport(Glibc)
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { throw .system(.last) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(Fault) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count <= longestPath else { throw .tooLong(limit: longestPath) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Waits for the next client; nil where nobody is waited for any more.
  package func next() throws(SystemError) -> SystemFile? {
    while true {
      let client = accept(descriptor, nil, nil)
      if client >= 0 {
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        return SystemFile(socket: client)
      }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EINVAL, EBADF: return nil
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        // Clients that leave make room.
        usleep(20_000)
      default: throw .last
      }
    }
  }

  /// Ends the wait for clients, and removes the socket.
  package func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    if let path { unlink(path) }
  }
}

/// What a supervisor asks of a service by a signal.
package enum ServiceSignal: Sendable {
  /// SIGTERM or SIGINT: end.
  case stop
  /// SIGHUP: read the files again.
  case reload

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    return set
  }

  /// From here on these signals wait for `next`, in this thread and those that it starts.
  package static func hold() {
    var set = signals
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // A supervisor may have had them ignored, and then they would not wait.
    for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_DFL) }
  }

  /// Waits for the next signal.
  package static func next() -> ServiceSignal {
    var set = signals
    var number: Int32 = 0
    while sigwait(&set, &number) != 0 {}
    return number == SIGHUP ? .reload : .stop
  }
}
