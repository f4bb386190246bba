package import FairpostNumerics

/// A part of a file: its header, and the records that begin within a range of bytes.
///
/// The bytes before the range are read too, since only they tell whether a newline stands within quotes.
package final class ShardSource: LinePlaces, @unchecked Sendable {
  private let source: any ByteSource
  private let delimiter: UInt8
  private let hasHeader: Bool
  /// The part and how many there are, and the bytes of the whole file.
  private let (part, parts, size): (Int, Int, Int)
  /// What is read and not yet looked at or taken.
  private let chunk = ByteBuffer(capacity: 256 << 10)
  private var at = 0
  /// The offset in the file of the chunk's first byte, and of the first record's.
  private var offset = 0
  private var firstRecord: Int?
  private var state = State.fieldStart
  private var isWanted: Bool
  private var isFinished = false
  /// What was passed over behind the header, known before any later record is read.
  private let skipped = Guarded((lines: 0, bytes: 0))
  private let headerLines = Guarded(0)

  private enum State { case fieldStart, plain, quoted, quoteInQuoted }

  /// Part `part` of `parts`, counted from 1, of a file of `size` bytes.
  package init(
    _ source: any ByteSource, part: Int, of parts: Int, size: Int, delimiter: UInt8,
    hasHeader: Bool
  ) {
    precondition(part >= 1 && part <= parts)
    self.source = source
    self.delimiter = delimiter
    self.hasHeader = hasHeader
    (self.part, self.parts, self.size) = (part, parts, size)
    isWanted = true
    if !hasHeader { firstRecord = 0 }
    if !hasHeader { isWanted = begins(at: 0) }
  }

  package func place(ofLine line: Int) -> (path: String?, line: Int) {
    (nil, line > headerLines.withLock { $0 } ? line + skipped.withLock { $0.lines } : line)
  }

  /// The bytes that were scanned and are no part of this.
  package var skippedBytes: Int { skipped.withLock { $0.bytes } }

  /// Whether a record that begins here belongs to this part; it ends the reading behind the range.
  private func begins(at place: Int) -> Bool {
    let first = firstRecord ?? 0
    if place >= cut(part, first), part < parts { isFinished = true }
    return place >= cut(part - 1, first) && !isFinished
  }

  package func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    while !isFinished || at < chunk.count {
      if at == chunk.count {
        offset += chunk.count
        chunk.count = 0
        at = 0
        if try source.read(onto: chunk, limit: 256 << 10) == 0 { return 0 }
      }
      // Bytes of one kind, wanted or not, up to where that changes.
      let start = at
      let wanted = isWanted
      let end = min(chunk.count, start + limit)
      let isHeader = firstRecord == nil
      while at < end, isWanted == wanted, !isFinished {
        if !pass(to: end) { step() }
      }
      if isFinished, !isWanted, at < chunk.count { chunk.count = at }
      guard at > start else { continue }
      if isHeader {
        let to = firstRecord.map { $0 - offset } ?? at
        let lines = chunk.count(of: Dialect.newline, in: start..<to)
        headerLines.withLock { $0 += lines }
      }
      if wanted {
        buffer.append(chunk, from: start, count: at - start)
        return at - start
      }
      let lines = chunk.count(of: Dialect.newline, in: start..<at)
      let bytes = at - start
      skipped.withLock { $0 = ($0.lines + lines, $0.bytes + bytes) }
    }
    return 0
  }

  /// Passes over bytes at once, where none of them can change whose records these are; false where the
  /// next byte may.
  private func pass(to end: Int) -> Bool {
    guard let first = firstRecord, state != .quoteInQuoted else { return false }
    if state == .quoted {
      at += ByteScan.first(Dialect.quote, in: chunk.start + at, count: end - at) ?? end - at
      return at == end
    }
    // A record that begins before the border is of the kind at hand.
    let border = isWanted ? (part == parts ? Int.max : cut(part, first)) : cut(part - 1, first)
    let most = min(end - at, border - 1 - offset - at)
    guard most > 0 else { return false }
    let count = ByteScan.first(Dialect.quote, in: chunk.start + at, count: most) ?? most
    guard count > 0 else { return false }
    at += count
    let last = chunk.start[at - 1]
    state = last == delimiter || last == Dialect.newline ? .fieldStart : .plain
    return true
  }

  /// Where the records of the part behind this one begin: at this offset or later.
  private func cut(_ part: Int, _ first: Int) -> Int {
    let (full, rest) = (size - first).quotientAndRemainder(dividingBy: parts)
    return first + full * part + rest * part / parts
  }

  /// Takes a byte; at the end of a record it is settled whose the next one is.
  @inline(__always)
  private func step() {
    let byte = chunk.start[at]
    at &+= 1
    switch state {
    case .quoted:
      if byte == Dialect.quote { state = .quoteInQuoted }
      return
    case .quoteInQuoted:
      if byte == Dialect.quote {
        state = .quoted
        return
      }
      state = .plain
    case .fieldStart:
      if byte == Dialect.quote {
        state = .quoted
        return
      }
      state = .plain
    case .plain: break
    }
    if byte == delimiter {
      state = .fieldStart
    } else if byte == Dialect.newline {
      state = .fieldStart
      if firstRecord == nil { firstRecord = offset + at }
      isWanted = begins(at: offset + at)
    }
  }
}
