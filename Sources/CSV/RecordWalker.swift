internal import FairpostNumerics

/// Walks over one record at a time by the full rules of quoting.
///
/// Advice for whoever changes this: `Block.index` has a faster path for blocks without quotes; the
/// two must agree on every input without a quote, blank lines and ragged records included, and a
/// test holds them against each other. A quote opens a quoted field only as the field's first byte;
/// anywhere else it is an ordinary byte. What follows a closing quote up to the next delimiter is
/// taken as text, so every input has a reading.
struct RecordWalker {
  let bytes: UnsafePointer<UInt8>
  let end: Int
  let delimiter: UInt8

  /// How a walk over a record ended.
  enum Ending {
    /// At a newline; the next record starts behind it.
    case newline
    /// At the end of the bytes, outside quotes.
    case bytesEnd
    /// At the end of the bytes, inside the quotes of a field that starts here.
    case openQuote(at: Int)
  }

  /// Walks from the start of a record; calls `field` with the end of each field, and returns the
  /// offset behind the record's content (a newline or the end) and how it ended.
  @inline(__always)
  func walk(from start: Int, _ field: (Int) -> Void) -> (end: Int, ending: Ending) {
    var at = start
    while true {
      if at < end, bytes[at] == Dialect.quote {
        let open = at
        at += 1
        while true {
          guard let hit = ByteScan.first(Dialect.quote, in: bytes + at, count: end - at) else {
            return (end, .openQuote(at: open))
          }
          at += hit + 1
          guard at < end, bytes[at] == Dialect.quote else { break }
          at += 1
        }
      }
      while at < end, bytes[at] != delimiter, bytes[at] != Dialect.newline { at += 1 }
      field(at)
      if at == end { return (end, .bytesEnd) }
      if bytes[at] == Dialect.newline { return (at, .newline) }
      at += 1
    }
  }
}
