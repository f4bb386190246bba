package import FairpostNumerics

/// Texts numbered from 0 in order of arrival, found again by their bytes without allocating.
package struct KeyTable: Sendable {
  /// The texts by number.
  package private(set) var texts: [ByteText] = []
  private var slots: [Slot] = Array(repeating: Slot(), count: 64)

  /// One place of the open-addressed table: the first eight bytes and the length settle most lookups.
  private struct Slot {
    var head: UInt64 = 0
    var length: Int32 = 0
    var number: Int32 = -1
  }

  /// An empty table.
  package init() {}

  /// A table of known texts, numbered as they stand.
  package init(_ texts: [ByteText]) {
    for text in texts { _ = insert(text.bytes) }
  }

  /// The number of a text; -1 where it is not there.
  package func number(of text: ByteText) -> Int32 {
    text.bytes.withUnsafeBufferPointer { find($0) }
  }

  /// The number of a text, which is added where it is new.
  package mutating func insert(_ bytes: [UInt8]) -> Int32 {
    bytes.withUnsafeBufferPointer { insert($0) }
  }

  @inline(__always)
  func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    let head = KeyTable.head(bytes)
    var place = KeyTable.hash(bytes, head: head) & (slots.count - 1)
    while true {
      let slot = slots[place]
      if slot.number < 0 { return -1 }
      if matches(slot, bytes, head: head) { return slot.number }
      place = (place + 1) & (slots.count - 1)
    }
  }

  /// The numbers of a column's texts up to the first one that is unknown, quoted, empty or longer than
  /// eight bytes; returns its row.
  func encodeKnown(
    _ block: Block, _ column: Int, from first: Int, into codes: UnsafeMutableBufferPointer<Int32>
  ) -> Int {
    let bytes = UnsafePointer(block.buffer.start)
    let rows = block.count
    return slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      for row in first..<rows {
        let (from, length) = block.field(row, column)
        if length == 0 || length > 8 || bytes[from] == Dialect.quote { return row }
        // The buffer may be read past its end, so one load does for every length.
        let word = UInt64(
          littleEndian: UnsafeRawPointer(bytes + from).loadUnaligned(as: UInt64.self))
        let head = word & ~0 &>> UInt64(8 &* (8 &- length))
        var place = KeyTable.hash(head: head, length: length) & mask
        while slots[place].head != head || Int(slots[place].length) != length {
          if slots[place].number < 0 { return row }
          place = (place &+ 1) & mask
        }
        codes[row] = slots[place].number
      }
      return rows
    }
  }

  @inline(__always)
  mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    let known = find(bytes)
    return known >= 0 ? known : add(bytes)
  }

  @inline(never)
  private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    if texts.count * 2 >= slots.count { grow() }
    let number = Int32(texts.count)
    texts.append(ByteText(Array(bytes)))
    place(number, bytes)
    return number
  }

  @inline(__always)
  private func matches(_ slot: Slot, _ bytes: UnsafeBufferPointer<UInt8>, head: UInt64) -> Bool {
    slot.head == head && Int(slot.length) == bytes.count
      && (bytes.count <= 8 || texts[Int(slot.number)].bytes.elementsEqual(bytes))
  }

  private mutating func place(_ number: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
    let head = KeyTable.head(bytes)
    var place = KeyTable.hash(bytes, head: head) & (slots.count - 1)
    while slots[place].number >= 0 { place = (place + 1) & (slots.count - 1) }
    slots[place] = Slot(head: head, length: Int32(bytes.count), number: number)
  }

  private mutating func grow() {
    slots = Array(repeating: Slot(), count: slots.count * 2)
    for (number, text) in texts.enumerated() {
      text.bytes.withUnsafeBufferPointer { place(Int32(number), $0) }
    }
  }

  /// The first eight bytes as a number, zeros behind the end.
  @inline(__always)
  private static func head(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let start = bytes.baseAddress else { return 0 }
    let raw = UnsafeRawPointer(start)
    if bytes.count >= 8 { return UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self)) }
    // Two loads that overlap, rather than a loop to a length that varies.
    if bytes.count >= 4 {
      let low = UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
      let high = UInt64(
        UInt32(littleEndian: (raw + bytes.count - 4).loadUnaligned(as: UInt32.self)))
      return low | high &<< UInt64(8 &* (bytes.count &- 4))
    }
    if bytes.isEmpty { return 0 }
    return UInt64(start[0]) | UInt64(start[bytes.count / 2]) &<< UInt64(8 &* (bytes.count / 2))
      | UInt64(start[bytes.count &- 1]) &<< UInt64(8 &* (bytes.count &- 1))
  }

  @inline(__always)
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, head: UInt64) -> Int {
    if bytes.count <= 8 { return hash(head: head, length: bytes.count) }
    var state = (head ^ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
    for byte in bytes.dropFirst(8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return spread(state)
  }

  /// The hash of a text that is all in its head.
  @inline(__always)
  private static func hash(head: UInt64, length: Int) -> Int {
    spread((head ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15)
  }

  @inline(__always)
  private static func spread(_ hash: UInt64) -> Int {
    var state = hash ^ hash &>> 29
    state = state &* 0xBF58_476D_1CE4_E5B9
    return Int(truncatingIfNeeded: (state ^ (state &>> 32)) & 0x7FFF_FFFF_FFFF_FFFF)
  }
}

/// Tuples of numbered texts, numbered from 0 in order of arrival: the keys of groups.
///
/// A key of several columns is folded pairwise, so that a lookup is one table access a column and no
/// two tuples can be taken for each other.
package struct TupleTable: Sendable {
  /// The tables of the columns' texts.
  package private(set) var columns: [KeyTable]
  /// For each fold after the first column: the pair (tuple so far, next text) to the longer tuple.
  private var folds: [[UInt64: Int32]]
  /// The tuples as texts, by number.
  package private(set) var tuples: [[ByteText]] = []
  private let isFixed: Bool

  /// An empty table that grows as new tuples come.
  package init(width: Int) {
    columns = Array(repeating: KeyTable(), count: width)
    folds = Array(repeating: [:], count: max(width - 1, 0))
    isFixed = false
  }

  /// A table of known tuples only, numbered as they stand.
  package init(width: Int, known: [[ByteText]]) {
    var table = TupleTable(width: width)
    for tuple in known {
      var codes: [Int32] = []
      for (place, text) in tuple.enumerated() {
        codes.append(table.columns[place].insert(text.bytes))
      }
      _ = table.insert(codes)
    }
    columns = table.columns
    folds = table.folds
    tuples = table.tuples
    isFixed = true
  }

  /// Encodes some columns of a block: each row's tuple number, -1 where a part is missing, -2 where a
  /// known-only table does not have it.
  ///
  /// - Parameter missing: texts that mean "missing" besides the empty one.
  package mutating func encode(
    _ block: Block, columns places: [Int], missing: Set<ByteText>, into codes: inout [Int32]
  ) {
    let rows = block.count
    // Missing texts never enter the tables, so that a column's numbers have no gaps.
    let absent = missing.isEmpty ? nil : KeyTable(Array(missing))
    // One column is what most files have: its texts' numbers are the tuples'.
    if places.count == 1 {
      codes = [Int32](unsafeUninitializedCapacity: rows) { target, filled in
        var row = 0
        while row < rows {
          // Known short texts are found without asking who owns the table; others stop the walk.
          if absent == nil {
            row = columns[0].encodeKnown(block, places[0], from: row, into: target)
          }
          if row < rows {
            target[row] = text(block, row, places[0], 0, absent)
            row += 1
          }
        }
        filled = rows
      }
      if !isFixed {
        for number in tuples.count..<columns[0].texts.count {
          tuples.append([columns[0].texts[number]])
        }
      }
      return
    }
    codes.removeAll(keepingCapacity: true)
    codes.reserveCapacity(rows)
    var parts: [Int32] = []
    for row in 0..<rows {
      parts.removeAll(keepingCapacity: true)
      for (place, column) in places.enumerated() {
        parts.append(text(block, row, column, place, absent))
      }
      if parts.contains(-1) {
        codes.append(-1)
      } else if parts.contains(-2) {
        codes.append(-2)
      } else {
        codes.append(isFixed ? find(parts) : insert(parts))
      }
    }
  }

  @inline(__always)
  private mutating func text(
    _ block: Block, _ row: Int, _ column: Int, _ place: Int, _ absent: KeyTable?
  ) -> Int32 {
    let (from, length) = block.field(row, column)
    if length == 0 { return -1 }
    let raw = UnsafeBufferPointer(start: block.buffer.start + from, count: length)
    if raw[0] == Dialect.quote {
      return Block.unquoted(raw).withUnsafeBufferPointer { number($0, place, absent) }
    }
    return number(raw, place, absent)
  }

  @inline(__always)
  private mutating func number(
    _ bytes: UnsafeBufferPointer<UInt8>, _ place: Int, _ absent: KeyTable?
  ) -> Int32 {
    if bytes.isEmpty { return -1 }
    if let absent, absent.find(bytes) >= 0 { return -1 }
    guard isFixed else { return columns[place].insert(bytes) }
    let number = columns[place].find(bytes)
    return number < 0 ? -2 : number
  }

  private func find(_ parts: [Int32]) -> Int32 {
    var code = parts[0]
    for place in folds.indices {
      let pair =
        UInt64(UInt32(bitPattern: code)) << 32 | UInt64(UInt32(bitPattern: parts[place + 1]))
      guard let next = folds[place][pair] else { return -2 }
      code = next
    }
    return code
  }

  private mutating func insert(_ parts: [Int32]) -> Int32 {
    var code = parts[0]
    for place in folds.indices {
      let pair =
        UInt64(UInt32(bitPattern: code)) << 32 | UInt64(UInt32(bitPattern: parts[place + 1]))
      if let next = folds[place][pair] {
        code = next
      } else {
        let next = Int32(folds[place].count)
        folds[place][pair] = next
        code = next
      }
    }
    if Int(code) == tuples.count {
      tuples.append(parts.indices.map { columns[$0].texts[Int(parts[$0])] })
    }
    return code
  }
}

extension TupleTable {
  /// The number of a tuple of texts: added where the table grows, -2 where it is fixed and lacks it.
  package mutating func code(of tuple: [ByteText]) -> Int32 {
    var parts: [Int32] = []
    for (place, text) in tuple.enumerated() {
      let part = isFixed ? columns[place].number(of: text) : columns[place].insert(text.bytes)
      if part < 0 { return -2 }
      parts.append(part)
    }
    return isFixed ? find(parts) : insert(parts)
  }
}
