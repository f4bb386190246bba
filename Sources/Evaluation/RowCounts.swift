internal import FairpostCSV
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
package import FairpostText

/// The records of files, counted: each different combination of values in the columns in use stands once,
/// with the number of records that have it.
///
/// Every figure follows from such counts, read with a frequency; the counts of parts, read together and
/// counted again, are the counts of the whole, byte for byte.
package struct RowCounts {
  /// How the values of a column are kept.
  package enum Use: Sendable {
    /// As they stand.
    case text
    /// As groups: cut into bins where that is asked for.
    case group
    /// As numbers, which may be rounded, but not across this threshold.
    case score(threshold: Double?)
    /// As 0 or 1.
    case zeroOne
  }

  /// A column that is kept.
  package struct Column: Sendable {
    let reference: ColumnReference
    let use: Use

    /// A column and its use.
    package init(_ reference: ColumnReference, _ use: Use) {
      self.reference = reference
      self.use = use
    }
  }

  /// The column of the counts.
  package static let countColumn = "n"
  /// The binary digits that a rounded score can keep.
  package static let sketchDigits = 4...52

  private let columns: [Column]
  private let weight: WeightColumn?
  private let digits: Int?
  private let counts = Guarded(Counts())

  private struct Counts {
    var records = KeyTable()
    var numbers: [Int] = []
    var frequencies = 0.0

    mutating func add(_ number: Int, of record: [UInt8]) {
      let place = Int(records.insert(record))
      if place == numbers.count { numbers.append(0) }
      numbers[place] += number
    }
  }

  /// Counts of no records yet.
  ///
  /// - Parameters:
  ///   - columns: the columns to keep; one that is named twice is kept once.
  ///   - weight: a frequency, which is multiplied in.
  ///   - digits: the significant binary digits of scores; nil for scores as they are.
  package init(
    _ columns: [Column], weight: WeightColumn?, digits: Int?
  ) throws(UsageError) {
    var kept: [Column] = []
    for column in columns
    where !kept.contains(where: { $0.reference.name == column.reference.name }) {
      kept.append(column)
    }
    if let weight, !weight.isFrequency {
      throw UsageError(
        "\(option: "summary") counts records, and \(option: "weight") makes them count differently: read the records as they are"
      )
    }
    if kept.contains(where: { $0.reference.name == Self.countColumn }) {
      throw UsageError(
        "the counts are written to a column \(Self.countColumn), but the file has one in use",
        hint: "give it another name")
    }
    self.columns = kept
    self.weight = weight
    self.digits = digits
  }

  /// Counts the records of a file.
  package func read(_ input: Input, progress: ProgressBar?) throws -> Tally {
    var report: (@Sendable (Int) -> Void)?
    if let progress { report = { blocks in progress.update(blocks: blocks) } }
    let (columns, weight, digits, counts) = (columns, weight, digits, counts)
    return try input.run(
      onProgress: report, makeState: { TupleTables(columns.count) },
      transform: { (batch: inout Batch, state: inout TupleTables) -> ([[ByteText]], [Double]) in
        let texts = columns.enumerated().map { place, column in
          Self.texts(column, &batch, &state.tables[place], digits)
        }
        guard let weight else { return (texts, []) }
        let weights = batch.numbers(weight.column)
        weight.check(weights, &batch)
        return (texts, weight.isFrequency ? weights : [])
      },
      finish: { middle, block, settled, _ -> Counts in
        let (texts, frequencies) = middle
        let dropped = Set(settled.dropped)
        var part = Counts()
        for row in 0..<block.count where !dropped.contains(row) {
          let number = frequencies.isEmpty ? 1 : Int(frequencies[row])
          guard number > 0 else { continue }
          part.frequencies += Double(number)
          part.add(number, of: Dialect.comma.record(texts.map { $0[row].bytes }))
        }
        return part
      },
      consume: { part, _ in
        try counts.withLock { counts in
          counts.frequencies += part.frequencies
          try weight?.checkTotal(counts.frequencies, input.name)
          for (record, number) in zip(part.records.texts, part.numbers) {
            counts.add(number, of: record.bytes)
          }
        }
      })
  }

  /// The groups that a worker has seen, by column.
  private struct TupleTables: Sendable {
    var tables: [TupleTable]

    init(_ count: Int) { tables = (0..<count).map { _ in TupleTable(width: 1) } }
  }

  /// The values of a column as they are kept; empty where missing.
  private static func texts(
    _ column: Column, _ batch: inout Batch, _ table: inout TupleTable, _ digits: Int?
  ) -> [ByteText] {
    let none = ByteText([])
    func asTheyStand() -> [ByteText] {
      (0..<batch.count).map { row in
        let text = batch.text(row, column.reference)
        return batch.input(isMissing: text) ? none : text
      }
    }
    switch column.use {
    case .text: return asTheyStand()
    case .zeroOne:
      for (row, value) in batch.numbers(column.reference).enumerated()
      where !value.isNaN && value != 0 && value != 1 {
        batch.note(
          row, column.reference.name, "\(NumberText.text(value)) is neither 0 nor 1")
      }
      return asTheyStand()
    case .group:
      let codes = batch.groups([column.reference], &table)
      return codes.map { $0 < 0 ? none : table.tuples[Int($0)][0] }
    case .score(let threshold):
      let values = batch.numbers(column.reference)
      return values.enumerated().map { row, value in
        if value.isNaN { return none }
        guard let digits else { return batch.text(row, column.reference) }
        return ByteText(NumberText.text(rounded(value, digits, threshold)))
      }
    }
  }

  /// A score of fewer digits, on the side of the threshold where it was.
  private static func rounded(_ value: Double, _ digits: Int, _ threshold: Double?) -> Double {
    let result = Sketch.rounded(value, digits: digits, within: nil)
    guard let threshold, (value >= threshold) != (result >= threshold) else { return result }
    return value >= threshold ? threshold : threshold.nextDown
  }

  /// The counts as CSV, in the order of their bytes.
  package func csv() -> [UInt8] {
    counts.withLock { counts in
      var lines = Dialect.comma.record(
        columns.map { Array($0.reference.name.utf8) } + [Array(Self.countColumn.utf8)])
      lines.append(UInt8(ascii: "\n"))
      let records = counts.records.texts
      for place in records.indices.sorted(by: { records[$0] < records[$1] }) {
        lines += records[place].bytes
        lines.append(UInt8(ascii: ","))
        lines += String(counts.numbers[place]).utf8
        lines.append(UInt8(ascii: "\n"))
      }
      return lines
    }
  }

  /// Counts files, writes the counts and says what was done.
  package func write(_ inputs: [Input], to path: String?, _ console: Console) throws {
    let output = try OutputFile.open(path)
    let bar = console.bar(size: inputs.count == 1 ? inputs[0].size : nil)
    var tally = Tally()
    for input in inputs { tally.add(try read(input, progress: bar)) }
    bar?.clear()
    try output.write(csv())
    try output.commit()
    console.summary(tally, [words])
  }

  /// What was made of the records, and how to go on.
  private var words: Message {
    let number = counts.withLock { $0.numbers.count }
    let rounding: Message =
      digits.map {
        "; scores are moved by at most 2^-\($0) of themselves, never across a threshold"
      } ?? ""
    return
      "\(Console.grouped(number)) different records counted\(rounding); read them with \(option: "frequency") \(Self.countColumn)"
  }
}

extension RowCounts {
  /// The columns that an evaluation looks at.
  package init(_ request: EvaluationRequest, _ input: Input, digits: Int?) throws {
    let plan = try EvaluationPlan(request, input)
    var columns: [Column] = []
    for task in plan.tasks {
      let isZeroOne: Bool = if case .binary(positive: nil) = task.kind { true } else { false }
      if let label = task.label { columns.append(Column(label, isZeroOne ? .zeroOne : .text)) }
      if let decision = task.decision {
        columns.append(Column(decision, task.isMulticlass ? .text : .zeroOne))
      }
      for score in task.scores {
        let threshold = task.decision(of: score) == nil ? request.threshold ?? 0.5 : nil
        columns += score.columns.map { Column($0.column, .score(threshold: threshold)) }
      }
    }
    columns += (plan.features + plan.continuous).map { Column($0, .text) }
    columns += (plan.attributes.joined() + plan.strata).map { Column($0, .group) }
    try self.init(columns, weight: try WeightColumn(request.roles, input), digits: digits)
  }
}
