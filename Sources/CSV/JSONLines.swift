package import FairpostNumerics

/// Lines of JSON objects as the records of a stream.
///
/// Each line becomes a record with a field for each member that is asked for, the line itself behind
/// them, and what is wrong with it. So whatever reads records reads such lines, and an answer is the line
/// as it came with members added.
package final class JSONLines: ByteSource, @unchecked Sendable {
  /// The members that a command reads.
  private let members: [[UInt8]]
  /// Whether a member that is not there is one that is missing, instead of a fault.
  private let absentIsMissing: Bool
  private let source: any ByteSource
  /// Members that a line may not have, since a command writes them.
  private let forbidden: Set<[UInt8]>
  /// Bytes of a line whose end has not been read.
  private let pending = ByteBuffer(capacity: 1 << 16)
  /// Records that are not taken yet, from an offset on.
  private let records = ByteBuffer(capacity: 1 << 16)
  private var taken = 0
  private var atEnd = false
  private var isFirst = true

  /// Names that no member has, for the line itself and what is wrong with it.
  private static let hidden = ["\u{1}line", "\u{1}fault"]

  /// The columns of the records.
  package static func columns(_ members: [String]) -> [String] { members + hidden }

  /// A source of lines.
  ///
  /// - Parameter forbidden: members that a line may not have, since a command writes them.
  package init(
    _ source: any ByteSource, members: [String], absentIsMissing: Bool, forbidden: [String]
  ) {
    self.forbidden = Set(forbidden.map { Array($0.utf8) })
    self.source = source
    self.members = members.map { Array($0.utf8) }
    self.absentIsMissing = absentIsMissing
  }

  package func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    while taken == records.count {
      records.count = 0
      taken = 0
      if atEnd { return 0 }
      let before = pending.count
      if try source.read(onto: pending, limit: 1 << 16) == 0 {
        atEnd = true
        if pending.count > 0 { convert(to: pending.count) }
        continue
      }
      // Only what is new can hold the end of a line.
      guard
        let last = ByteScan.last(
          Dialect.newline, in: pending.start + before, count: pending.count - before)
      else {
        // What is longer than any record is handed on as one, which is refused for its length.
        if pending.count > BlockReader.recordLimit {
          convert(to: pending.count)
        }
        continue
      }
      convert(to: before + last + 1)
    }
    let count = min(limit, records.count - taken)
    buffer.append(records, from: taken, count: count)
    taken += count
    return count
  }

  /// Makes records of whole lines and keeps what stands behind them.
  private func convert(to end: Int) {
    var start = 0
    if isFirst, end >= 3, pending.start[0] == 0xEF, pending.start[1] == 0xBB,
      pending.start[2] == 0xBF
    {
      start = 3
    }
    isFirst = false
    while start < end {
      let length =
        ByteScan.first(Dialect.newline, in: pending.start + start, count: end - start)
        ?? end - start
      record(UnsafeBufferPointer(start: pending.start + start, count: length))
      start += length + 1
      if start <= end { records.append(Dialect.newline) }
    }
    let rest = pending.copy(end..<pending.count)
    pending.count = 0
    pending.append(rest)
  }

  /// A line as a record without its line ending; an empty one stays empty.
  private func record(_ line: UnsafeBufferPointer<UInt8>) {
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
    var values = [[UInt8]?](repeating: nil, count: members.count)
    var fault = ""
    do throws(JSONText.Fault) {
      try JSONText.forEachMember(of: line) { member throws(JSONText.Fault) in
        let raw = UnsafeBufferPointer(rebasing: line[member.name])
        let name = member.nameHasEscapes ? JSONText.unescaped(raw) ?? Array(raw) : nil
        func isName(_ wanted: [UInt8]) -> Bool {
          name.map { $0 == wanted } ?? raw.elementsEqual(wanted)
        }
        if let place = members.firstIndex(where: isName) {
          guard values[place] == nil else {
            throw JSONText.Fault("the member \(Self.word(members[place])) is there twice")
          }
          values[place] = try Self.text(
            UnsafeBufferPointer(rebasing: line[member.value]), of: members[place])
        }
        if !forbidden.isEmpty, let taken = forbidden.first(where: isName) {
          throw JSONText.Fault("there is already a member \(Self.word(taken))")
        }
      }
      if !absentIsMissing, let absent = values.firstIndex(where: { $0 == nil }) {
        throw JSONText.Fault("there is no member \(Self.word(members[absent]))")
      }
    } catch { fault = error.words }
    for value in values {
      if fault.isEmpty { records.append(Dialect.comma.quoted(value ?? [])) }
      records.append(Dialect.comma.delimiter)
    }
    records.append(Dialect.quote)
    for byte in line {
      if byte == Dialect.quote { records.append(byte) }
      records.append(byte)
    }
    records.append(Dialect.quote)
    records.append(Dialect.comma.delimiter)
    records.append(Dialect.comma.quoted(Array(fault.utf8)))
  }

  private static func word(_ name: [UInt8]) -> String {
    "\"\(String(decoding: name, as: UTF8.self))\""
  }

  /// A value as the text of a field: a string without its quotes, nothing for null, all else as it stands.
  private static func text(
    _ value: UnsafeBufferPointer<UInt8>, of member: [UInt8]
  ) throws(JSONText.Fault) -> [UInt8] {
    guard value.first == Dialect.quote else {
      return value.elementsEqual("null".utf8) ? [] : Array(value)
    }
    let inner = UnsafeBufferPointer(rebasing: value[1..<value.count - 1])
    guard let text = JSONText.unescaped(inner), !text.contains(0) else {
      throw JSONText.Fault("the text of the member \(word(member)) is no text")
    }
    return text
  }
}

/// Answers to lines of JSON: which members are added, and where the lines stand in the records.
package struct JSONAnswers: Sendable {
  private let names: [[UInt8]]
  private let replaced: Set<[UInt8]>
  private let line: Int

  /// Answers with these members, in order.
  ///
  /// - Parameters:
  ///   - replacing: whether members of these names that are there already are left out.
  ///   - members: how many members are read.
  package init(_ names: [String], replacing: Bool, members: Int) {
    self.names = names.map { JSONText.quoted(Array($0.utf8)) + [UInt8(ascii: ":")] }
    replaced = replacing ? Set(names.map { Array($0.utf8) }) : []
    line = members
  }

  /// Where records say what is wrong with their line.
  package static func fault(members: Int) -> Int { members + 1 }

  /// Writes the lines of a block with the members added.
  ///
  /// - Parameters:
  ///   - columns: the values of all members but the last one of a report.
  ///   - reported: bad records, whose last member says what is wrong.
  ///   - dropped: rows to leave out, ascending.
  package func write(
    _ block: Block, _ columns: [OutputColumn.Values], reporting reported: ReportedRecords?,
    dropped: [Int], into output: ByteBuffer
  ) {
    var nextDropped = 0
    var nextReported = 0
    let null = Array("null".utf8)
    for row in 0..<block.count {
      if nextDropped < dropped.count, dropped[nextDropped] == row {
        nextDropped += 1
        continue
      }
      let text = block.text(row, line)
      var report: [UInt8]?
      if let reported {
        report = null
        if nextReported < reported.records.count, reported.records[nextReported].record == row {
          report = JSONText.quoted(reported.records[nextReported].text)
          nextReported += 1
        }
      }
      let isBad = report != nil && report != null
      if isBad, block.field(row, line + 1).count > 0, !Self.isObject(text) {
        // The line is no object to add a member to.
        output.append(UInt8(ascii: "{"))
        output.append(names[names.count - 1])
        output.append(report ?? [])
        output.append(UInt8(ascii: "}"))
        output.append(Dialect.newline)
        continue
      }
      var isEmpty = copyOpen(text, into: output)
      func member(_ place: Int, _ value: [UInt8]) {
        if !isEmpty { output.append(Dialect.comma.delimiter) }
        isEmpty = false
        output.append(names[place])
        output.append(value)
      }
      for (place, values) in columns.enumerated() {
        switch values {
        case .numbers(let numbers):
          guard !isBad, !numbers[row].isNaN else {
            member(place, null)
            continue
          }
          member(place, [])
          output.reserve(output.count + NumberText.capacity)
          output.count += NumberText.write(numbers[row], to: output.start + output.count)
        case .choices(let codes, let texts):
          member(place, isBad ? null : Self.string(texts[Int(codes[row])]))
        case .texts(let texts): member(place, isBad ? null : Self.string(texts[row]))
        }
      }
      if let report { member(columns.count, report) }
      output.append(Self.closing(text))
      if block.recordEnd(row) > block.contentEnd(row) { output.append(Dialect.newline) }
    }
  }

  /// A line as it stands in the file.
  package func line(_ block: Block, _ row: Int) -> [UInt8] {
    block.text(row, line) + [Dialect.newline]
  }

  /// Whether members can be added to a bad line.
  private static func isObject(_ line: [UInt8]) -> Bool {
    line.withUnsafeBufferPointer { bytes in
      do {
        try JSONText.forEachMember(of: bytes) { _ in }
        return true
      } catch { return false }
    }
  }

  private static func string(_ field: [UInt8]) -> [UInt8] {
    field.withUnsafeBufferPointer { raw in
      JSONText.quoted(raw.first == Dialect.quote ? Block.unquoted(raw) : Array(raw))
    }
  }

  /// The end of a line from its last brace on.
  private static func closing(_ line: [UInt8]) -> [UInt8] {
    Array(line[(line.lastIndex(of: UInt8(ascii: "}")) ?? line.endIndex)...])
  }

  /// Copies a line up to its last brace, without the members that are replaced; whether the object is
  /// empty so far.
  private func copyOpen(_ line: [UInt8], into output: ByteBuffer) -> Bool {
    let end = line.lastIndex(of: UInt8(ascii: "}")) ?? line.endIndex
    guard !replaced.isEmpty else {
      output.append(Array(line[..<end]))
      return line[..<end].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "{") }
    }
    output.append(UInt8(ascii: "{"))
    var isEmpty = true
    line.withUnsafeBufferPointer { bytes in
      // What stands in a record was checked when it was read.
      do {
        try JSONText.forEachMember(of: bytes) { member throws(JSONText.Fault) in
          let raw = UnsafeBufferPointer(rebasing: bytes[member.name])
          let name = member.nameHasEscapes ? JSONText.unescaped(raw) ?? Array(raw) : Array(raw)
          if replaced.contains(name) { return }
          if !isEmpty { output.append(Dialect.comma.delimiter) }
          isEmpty = false
          output.append(UnsafeBufferPointer(rebasing: bytes[member.whole]))
        }
      } catch { return }
    }
    return isEmpty
  }
}
