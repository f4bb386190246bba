package import FairpostCSV
package import FairpostNumerics
internal import FairpostText

/// A row that cannot be used, in the words of the error that names it.
struct RowProblem: Sendable {
  let record: Int
  let column: String?
  let message: String
  /// Whether the row can pass with the value missing.
  let canPass: Bool
}

/// The rows of one block with the input's settings applied: what a command's work sees.
package struct Batch {
  /// The rows' bytes.
  package let block: Block
  let input: Input
  /// Rows found bad so far, in order of discovery.
  private(set) var problems: [RowProblem] = []
  /// Rows that `--rows` or the command leaves out.
  private var leftOut: [Bool] = []
  /// Things counted for the summary.
  private(set) var counts: [String: Int] = [:]
  /// What was done to each row, as bits.
  private(set) var flags: [UInt8] = []
  private var isFlagging: Bool
  /// Lines that are no records: nothing else is wrong with them.
  private var faulty: Set<Int> = []

  init(_ block: Block, _ input: Input, isFlagging: Bool) throws {
    self.block = block
    self.input = input
    self.isFlagging = isFlagging
    if let members = input.settings.members {
      let fault = JSONAnswers.fault(members: members.names.count)
      for row in 0..<block.count {
        let words = block.text(row, fault)
        if words.isEmpty { continue }
        note(row, nil, String(decoding: words, as: UTF8.self))
        faulty.insert(row)
      }
    }
    for filter in input.rowFilters {
      for row in 0..<block.count where !filter.texts.contains(text(row, filter.reference)) {
        leaveOut(row)
      }
    }
  }

  /// The records of the stream before this batch, left-out ones included.
  package var firstRecord: Int { block.firstRecord }
  /// The rows in the block, left-out ones included.
  package var count: Int { block.count }

  /// The texts that mean "missing" besides the usual ones.
  package var missingTexts: Set<ByteText> { input.settings.missing }

  /// The value of a column in a row, unquoted.
  package func text(_ row: Int, _ column: ColumnReference) -> ByteText {
    switch column.origin {
    case .field(let field): ByteText(block.text(row, field))
    case .joined(let index): input.join?.text(block, row, index) ?? ByteText([])
    }
  }

  /// A column as numbers: NaN where missing or bad; bad ones are noted.
  package mutating func numbers(_ column: ColumnReference) -> [Double] {
    var values: [Double] = []
    switch column.origin {
    case .field(let field):
      var found: [FieldProblem] = []
      read(field, into: &values, &found)
      for problem in found where !isLeftOut(problem.record) {
        note(
          problem.record, column.name,
          Batch.message(problem.kind, text(problem.record, column)), canPass: true)
      }
    case .joined(let index):
      for row in 0..<count {
        let text = input.join?.text(block, row, index) ?? ByteText([])
        if input.settings.missing.contains(text) {
          values.append(.nan)
          continue
        }
        switch parse(text) {
        case .number(let value): values.append(value)
        case .missing: values.append(.nan)
        case .notFinite:
          values.append(.nan)
          note(row, column.name, Batch.message(.notFinite, text), canPass: true)
        case .invalid:
          values.append(.nan)
          note(row, column.name, Batch.message(.notNumber, text), canPass: true)
        }
      }
    }
    return values
  }

  /// A column as numbers where it holds numbers: NaN where missing or none, with up to three
  /// different texts that are none; no row becomes bad by it.
  package func lenientNumbers(_ column: ColumnReference) -> (values: [Double], texts: [ByteText]) {
    var values: [Double] = []
    var texts: [ByteText] = []
    func see(_ row: Int, _ text: ByteText) {
      if texts.count < 3, !isLeftOut(row), !texts.contains(text) { texts.append(text) }
    }
    switch column.origin {
    case .field(let field):
      var found: [FieldProblem] = []
      read(field, into: &values, &found)
      for problem in found where texts.count < 3 {
        see(problem.record, text(problem.record, column))
      }
    case .joined:
      for row in 0..<count {
        let text = text(row, column)
        switch input.settings.missing.contains(text) ? .missing : parse(text) {
        case .number(let value): values.append(value)
        case .missing: values.append(.nan)
        case .notFinite, .invalid:
          values.append(.nan)
          see(row, text)
        }
      }
    }
    return (values, texts)
  }

  /// The numbers of a field of all rows.
  package func read(_ field: Int, into values: inout [Double], _ found: inout [FieldProblem]) {
    let missing = input.settings.missing
    guard input.settings.hasDecimalCommas else {
      return block.numbers(field, missing: missing, into: &values, problems: &found)
    }
    values.reserveCapacity(count)
    for row in 0..<count {
      let text = ByteText(block.text(row, field))
      var value = Double.nan
      switch missing.contains(text) ? .missing : parse(text) {
      case .number(let number): value = number
      case .missing: break
      case .notFinite: found.append(FieldProblem(record: row, kind: .notFinite))
      case .invalid: found.append(FieldProblem(record: row, kind: .notNumber))
      }
      values.append(value)
    }
  }

  /// A text as a number, as these numbers are written.
  package func parse(_ text: ByteText) -> NumberReading {
    guard input.settings.hasDecimalCommas else { return NumberText.parse(text.bytes) }
    // A point would be one between thousands, or a number of another file's.
    if text.bytes.contains(UInt8(ascii: ".")) { return .invalid }
    return NumberText.parse(
      text.bytes.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 })
  }

  private static func message(_ kind: FieldProblem.Kind, _ text: ByteText) -> String {
    let shown = Shown.word(text.description)
    return switch kind {
    case .notNumber: "\"\(shown)\" is not a number" + NumberAdvice.words(text.description)
    case .notFinite: "\"\(shown)\" is not a finite number"
    }
  }

  /// Whether a text means missing besides the empty one (`--missing`).
  package func input(isMissing text: ByteText) -> Bool { input.settings.missing.contains(text) }

  /// The group of each row under an attribute: its number in the table, -1 where a part is missing,
  /// -2 where a table of known groups does not have it.
  package mutating func groups(_ columns: [ColumnReference], _ table: inout TupleTable) -> [Int32] {
    var codes: [Int32] = []
    let fields = columns.compactMap(\.field)
    let needsTexts =
      fields.count < columns.count
      || columns.contains { input.settings.bins[$0.name] != nil }
    guard needsTexts else {
      table.encode(block, columns: fields, missing: input.settings.missing, into: &codes)
      return codes
    }
    // Joined and binned columns: their texts are made row by row.
    let binned = columns.map { column in
      input.settings.bins[column.name].map { (Bins($0), numbers(column)) }
    }
    for row in 0..<count {
      var tuple: [ByteText] = []
      for (place, column) in columns.enumerated() {
        if let (bins, values) = binned[place] {
          tuple.append(bins.label(values[row]))
        } else {
          let text = text(row, column)
          tuple.append(input.settings.missing.contains(text) ? ByteText([]) : text)
        }
      }
      codes.append(tuple.contains { $0.isEmpty } ? -1 : table.code(of: tuple))
    }
    return codes
  }

  /// A hash of each row's key: of the column, or of the whole record.
  package func hashes(_ column: ColumnReference?, _ hash: StableHash) -> [UInt64] {
    var values: [UInt64] = []
    switch column?.origin {
    case .none: block.recordHashes(hash, into: &values)
    case .field(let field): block.hashes(field, hash, into: &values)
    case .joined:
      if let column { values = (0..<count).map { hash(text($0, column)) } }
    }
    return values
  }

  /// Notes that a row cannot be used.
  package mutating func note(
    _ row: Int, _ column: String?, _ message: String, canPass: Bool = false
  ) {
    guard !isLeftOut(row), !faulty.contains(row) else { return }
    problems.append(RowProblem(record: row, column: column, message: message, canPass: canPass))
  }

  /// Whether bad rows are left out.
  package var skipsBadRows: Bool { input.settings.badRows == .skip }

  /// The rows noted so far, which the policy fails on, skips or passes.
  package var badRows: Set<Int> { Set(problems.map(\.record)) }

  /// Leaves a row out of the output without calling it bad.
  package mutating func leaveOut(_ row: Int) {
    if leftOut.isEmpty { leftOut = Array(repeating: false, count: count) }
    leftOut[row] = true
  }

  /// Whether `--rows` or the command leaves a row out.
  package func isLeftOut(_ row: Int) -> Bool { !leftOut.isEmpty && leftOut[row] }

  /// Whether any row is left out so far.
  package var leavesOut: Bool { !leftOut.isEmpty }

  /// Counts something for the summary.
  package mutating func tally(_ what: String, _ number: Int = 1) {
    if number != 0 { counts[what, default: 0] += number }
  }

  /// Marks what was done to a row: bit `bit` of the command's list of flags.
  package mutating func flag(_ row: Int, _ bit: Int) {
    guard isFlagging else { return }
    if flags.isEmpty { flags = Array(repeating: 0, count: count) }
    flags[row] |= 1 << UInt8(bit)
  }
}
