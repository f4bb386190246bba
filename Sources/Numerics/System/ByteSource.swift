/// Something bytes can be read from, once and in order.
package protocol ByteSource: AnyObject, Sendable {
  /// Reads up to `limit` bytes onto the end of a buffer; 0 at the end.
  func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int
}

extension SystemFile: ByteSource {}

/// What was read of a stream that cannot be read twice: in memory up to a limit, then on the disk.
///
/// The file on the disk has no name, so nothing of it outlives the process.
package final class Spool: @unchecked Sendable {
  private var chunks: [ByteBuffer] = []
  private var inMemory = 0
  private let memoryLimit: Int
  private var file: SystemFile?
  private let folder: String
  /// All bytes kept.
  package private(set) var count = 0

  /// An empty spool that goes to a nameless file in `folder` past the limit.
  package init(memoryLimit: Int, folder: String) {
    self.memoryLimit = memoryLimit
    self.folder = folder
  }

  /// Keeps a buffer's bytes from an offset on; an error names the folder.
  func keep(_ buffer: ByteBuffer, from offset: Int) throws(SystemError) {
    do { try put(buffer, from: offset) } catch { throw error.about(temporaryFolder: folder) }
  }

  private func put(_ buffer: ByteBuffer, from offset: Int) throws(SystemError) {
    let added = buffer.count - offset
    guard added > 0 else { return }
    count += added
    if file == nil, inMemory + added > memoryLimit {
      file = try SystemFile.nameless(in: folder)
    }
    let chunk: ByteBuffer
    if file == nil, let last = chunks.last, last.count + added <= last.capacity {
      chunk = last
    } else {
      chunk = ByteBuffer(capacity: file == nil ? 4 << 20 : added)
      if file == nil { chunks.append(chunk) }
    }
    chunk.append(buffer, from: offset)
    if let file {
      try file.write(chunk)
    } else {
      inMemory += added
    }
  }

  /// The kept bytes from the start, once more.
  package func replay() throws(SystemError) -> any ByteSource {
    do { try file?.seek(0) } catch { throw error.about(temporaryFolder: folder) }
    return Replay(chunks: chunks, file: file)
  }

  private final class Replay: ByteSource, @unchecked Sendable {
    private let chunks: [ByteBuffer]
    private let file: SystemFile?
    private var chunk = 0
    private var offset = 0

    init(chunks: [ByteBuffer], file: SystemFile?) {
      self.chunks = chunks
      self.file = file
    }

    func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
      while chunk < chunks.count, offset == chunks[chunk].count {
        chunk += 1
        offset = 0
      }
      guard chunk < chunks.count else { return try file?.read(onto: buffer, limit: limit) ?? 0 }
      let bytes = min(limit, chunks[chunk].count - offset)
      buffer.append(chunks[chunk], from: offset, count: bytes)
      offset += bytes
      return bytes
    }
  }
}

/// A source that keeps what passes through it.
package final class TeeSource: ByteSource {
  private let source: any ByteSource
  private let spool: Spool

  /// Reads from `source` and keeps all in `spool`.
  package init(_ source: any ByteSource, keepingIn spool: Spool) {
    self.source = source
    self.spool = spool
  }

  package func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    let before = buffer.count
    let got = try source.read(onto: buffer, limit: limit)
    try spool.keep(buffer, from: before)
    return got
  }
}

/// What a client sends: a connection that breaks ends it.
package final class ClientSource: ByteSource, @unchecked Sendable {
  private let file: SystemFile
  /// The bytes read so far, by the one who reads.
  package private(set) var count = 0
  /// Whether the client went away without a word.
  package private(set) var isBroken = false

  /// Reads from a connection.
  package init(_ file: SystemFile) { self.file = file }

  package func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    do throws(SystemError) {
      let got = try file.read(onto: buffer, limit: limit)
      count += got
      return got
    } catch {
      guard error.isBrokenConnection else { throw error }
      isBroken = true
      return 0
    }
  }
}

/// Bytes that are in memory already.
package final class MemorySource: ByteSource, @unchecked Sendable {
  private let bytes: [UInt8]
  private var offset = 0

  /// A source of these bytes.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package func read(onto buffer: ByteBuffer, limit: Int) -> Int {
    let count = min(limit, bytes.count - offset)
    buffer.append(Array(bytes[offset..<(offset + count)]))
    offset += count
    return count
  }
}
