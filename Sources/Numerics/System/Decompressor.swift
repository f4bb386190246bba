internal import FairpostCGSL

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A kind of compressed file, told by its first bytes, and the program that unpacks it.
package enum CompressedFormat: String, Sendable, CaseIterable {
  /// RFC 1952.
  case gzip
  /// RFC 8878.
  case zstd
  /// The .xz format.
  case xz
  /// The .bz2 format.
  case bzip2

  /// The bytes that such a file begins with.
  package var magic: [UInt8] {
    switch self {
    case .gzip: [0x1F, 0x8B]
    case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
    case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
    case .bzip2: [0x42, 0x5A, 0x68]
    }
  }

  /// The endings of names of such files.
  package var suffixes: [String] {
    switch self {
    case .gzip: [".gz"]
    case .zstd: [".zst", ".zstd"]
    case .xz: [".xz"]
    case .bzip2: [".bz2"]
    }
  }

  /// Debian's package with that program.
  package var package: String { self == .xz ? "xz-utils" : rawValue }

  /// The program that unpacks it from standard input to standard output.
  package var program: String { rawValue }

  /// What it is called, with its article.
  package var name: String { self == .xz ? "an xz file" : "a \(rawValue) file" }

  /// What some first bytes are.
  package static func of(_ head: [UInt8]) -> CompressedFormat? {
    guard let kind = allCases.first(where: { head.starts(with: $0.magic) }) else { return nil }
    // "BZh" could begin a header; a digit and the magic of a block, or of an end, do not.
    if kind == .bzip2 {
      let rest = head.dropFirst(3)
      guard let level = rest.first, (0x31...0x39).contains(level) else { return nil }
      let block: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
      let end: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
      let next = rest.dropFirst()
      guard block.starts(with: next.prefix(6)) || end.starts(with: next.prefix(6)) else {
        return nil
      }
    }
    return kind
  }

  /// A path without the ending that says it is compressed.
  package static func stem(_ path: String) -> String {
    for suffix in allCases.flatMap(\.suffixes) where path.hasSuffix(suffix) {
      return String(path.dropLast(suffix.count))
    }
    return path
  }
}

/// Why a compressed file cannot be unpacked.
package enum DecompressionError: Error, Equatable, Sendable {
  /// The program is not installed.
  case missing(CompressedFormat)
  /// The program failed: what it said, in a line.
  case failed(CompressedFormat, words: String)
}

extension SystemFile {
  /// What a regular file is compressed by, told by the first bytes from where it stands, which stay unread.
  package var compression: CompressedFormat? {
    guard status?.isRegular == true, let position else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { bytes in
      let got = pread(descriptor, bytes.baseAddress, 16, off_t(position))
      return got > 0 ? CompressedFormat.of(Array(bytes[..<got])) : nil
    }
  }
}

/// The bytes of a compressed file, unpacked by the program that is installed for it.
///
/// The file is handed to the program as its standard input. Its end is waited for, and a status other than
/// 0 is an error at the end of the bytes, so that a damaged file never passes for a short one.
package final class Decompressor: ByteSource, @unchecked Sendable {
  private let kind: CompressedFormat
  private var process: pid_t = -1
  /// What the program writes.
  private var output: Int32
  /// What it says.
  private var errors: Int32
  private var said: [UInt8] = []
  /// Why it failed, once it has.
  package private(set) var failure: DecompressionError?

  /// Starts the program.
  package init(_ kind: CompressedFormat, of file: SystemFile) throws(DecompressionError) {
    self.kind = kind
    let (out, err): ((reading: Int32, writing: Int32), (reading: Int32, writing: Int32))
    do throws(SystemError) { (out, err) = (try Decompressor.pipe(), try Decompressor.pipe()) } catch
    {
      throw .failed(kind, words: error.message)
    }
    output = out.reading
    errors = err.reading
    defer {
      close(out.writing)
      close(err.writing)
    }
    let status = Decompressor.spawn(
      kind.program, reading: file.descriptor, writing: out.writing, saying: err.writing, &process)
    guard status == 0 else {
      process = -1
      throw status == ENOENT || status == EACCES
        ? .missing(kind) : .failed(kind, words: SystemError(code: status).message)
    }
    _ = fcntl(errors, F_SETFL, O_NONBLOCK)
  }

  deinit {
    for descriptor in [output, errors] where descriptor >= 0 { close(descriptor) }
    // Not read to its end: it is not wanted any more, and no child is left behind.
    if process > 0 {
      kill(process, SIGTERM)
      _ = wait()
    }
  }

  package func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    if failure != nil { throw SystemError(code: EIO) }
    guard output >= 0 else { return 0 }
    buffer.reserve(buffer.count + limit)
    while true {
      waitForWords()
      #if canImport(Glibc)
        let got = Glibc.read(output, buffer.start + buffer.count, limit)
      #else
        let got = Darwin.read(output, buffer.start + buffer.count, limit)
      #endif
      if got > 0 {
        buffer.count += got
        return got
      }
      if got < 0 {
        if errno == EINTR { continue }
        throw .last
      }
      try end()
      return 0
    }
  }

  /// Waits until the program writes or ends; what it says meanwhile is heard, so that it need not wait.
  private func waitForWords() {
    while true {
      hear()
      var ends = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      if poll(&ends, nfds_t(ends.count), -1) < 0, errno != EINTR { return }
      if ends[0].revents != 0 { return }
    }
  }

  /// Keeps the first of what the program says, and drops the rest.
  private func hear() {
    while errors >= 0 {
      let buffer = ByteBuffer(capacity: 4096)
      #if canImport(Glibc)
        let got = Glibc.read(errors, buffer.start, 4096)
      #else
        let got = Darwin.read(errors, buffer.start, 4096)
      #endif
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        if got == 0 {
          close(errors)
          errors = -1
        }
        return
      }
      buffer.count = got
      if said.count < 4096 { said += buffer.contents }
    }
  }

  /// Settles how the program ended, when all it wrote has been read.
  private func end() throws(SystemError) {
    close(output)
    output = -1
    let status = wait()
    hear()
    guard status != 0 else { return }
    let lines = String(decoding: said, as: UTF8.self).split(separator: "\n")
      .map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
    failure = .failed(kind, words: lines.first.map(String.init) ?? "it ended with status \(status)")
    throw SystemError(code: EIO)
  }

  /// Waits for the program's end; its status, or 128 and the signal that ended it.
  private func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return 1 }
    }
    process = -1
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }

  /// A pipe that no other program inherits.
  private static func pipe() throws(SystemError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .last }
    #else
      guard Darwin.pipe(&ends) == 0 else { throw .last }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    #endif
    return (ends[0], ends[1])
  }

  /// Starts a program found on the PATH; the system's error number, 0 for none.
  private static func spawn(
    _ program: String, reading: Int32, writing: Int32, saying: Int32, _ process: inout pid_t
  ) -> Int32 {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, reading, 0)
    posix_spawn_file_actions_adddup2(&actions, writing, 1)
    posix_spawn_file_actions_adddup2(&actions, saying, 2)
    // A program that nobody reads any more dies of it quietly, as in a shell's pipe; a service, which holds
    // back the signals that end it, does not hold them back for others.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    let words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-dc"), nil]
    defer { for word in words { free(word) } }
    return posix_spawnp(&process, program, &actions, &attributes, words, environ)
  }
}
