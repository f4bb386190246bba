package import FairpostCSV
internal import FairpostNumerics
internal import FairpostText

/// What happened while a stream was read, for the summary.
package struct Tally: Sendable, Equatable {
  /// Well-formed records.
  package var records = 0
  /// Physical lines, the header's included.
  package var lines = 0
  /// Blank lines, passed through.
  package var blank = 0
  /// Rows left out as bad, ragged ones included.
  package var skipped = 0
  /// Bad rows that keep their place and say what is wrong.
  package var reported = 0
  /// Bad values passed as missing.
  package var passed = 0
  /// Rows `--rows` or the command left out.
  package var leftOut = 0
  /// What else was counted.
  package var counts: [String: Int] = [:]

  /// Nothing read.
  package init() {}

  /// Adds what was read of another file.
  package mutating func add(_ other: Tally) {
    records += other.records
    lines += other.lines
    blank += other.blank
    skipped += other.skipped
    reported += other.reported
    passed += other.passed
    leftOut += other.leftOut
    counts.merge(other.counts, uniquingKeysWith: +)
  }
}

/// A block's outcome on its way to be consumed in order.
struct BlockOutcome<Result: Sendable>: Sendable {
  let result: Result
  let tally: Tally
  let rejects: [UInt8]
  let flags: [UInt8]
  /// Rows to leave out, ascending.
  let dropped: [Int]
  /// The error of the record behind these, which ends the command once these are consumed.
  var failure: (any Error)?
}

/// An error about a row, before the lines of earlier blocks are known.
struct RowFailure: Error {
  let line: Int
  let column: String?
  let message: String
}

/// The rows of a block that take part, and what else the end of its work settled.
package struct Settled: Sendable {
  /// Rows to leave out, ascending.
  package let dropped: [Int]
  /// What was done to each row, as bits; empty where nothing was.
  package let flags: [UInt8]
  /// Bad rows that keep their place, where they are reported; nil where there is none.
  package var reported: ReportedRecords?
}

/// What has been consumed of a stream so far.
private struct Progress: Sendable {
  var total = Tally()
  var rejects: OutputFile?
  var blocks = 0
}

extension Input {
  /// Reads the whole stream: `transform` on several threads, `consume` in order.
  ///
  /// `finish` turns a block's intermediate value into its result once it is settled which rows are
  /// left out; it runs on the worker's thread too.
  package func run<State, Middle, Result: Sendable>(
    isFlagging: Bool = false, onProgress: (@Sendable (Int) -> Void)? = nil,
    makeState: @escaping @Sendable () -> State,
    transform: @escaping @Sendable (inout Batch, inout State) throws -> Middle,
    finish: @escaping @Sendable (Middle, Block, Settled, inout State) throws -> Result,
    consume: @escaping @Sendable (Result, Tally) throws -> Void
  ) throws -> Tally {
    var start = Progress()
    start.total.lines = headerLines
    if let path = settings.rejects {
      start.rejects = try OutputFile.open(path)
      try start.rejects?.write(headerText(appending: []))
    }
    let progress = Guarded(start)
    let name = name
    let maximumBad = settings.maximumBad
    let reader = try takeReader()

    @Sendable func work(_ block: Block, _ state: inout State) throws -> BlockOutcome<Result> {
      var batch = try Batch(block, self, isFlagging: isFlagging)
      let middle = try transform(&batch, &state)
      let (settled, tally, rejects) = try batch.settle(self.settings.badRows)
      let result = try finish(middle, block, settled, &state)
      return BlockOutcome(
        result: result, tally: tally, rejects: rejects, flags: settled.flags,
        dropped: settled.dropped)
    }
    let loop = OrderedBlocks<State, BlockOutcome<Result>>(
      makeState: makeState,
      transform: { block, state in
        do { return try work(block, &state) } catch {
          // Whoever waits for each answer gets those that stand before the record that fails.
          guard self.settings.isUnbuffered, let line = Input.line(of: error), line > 0 else {
            throw error
          }
          var answered = try work(block.before(line: line), &state)
          answered.failure = error
          return answered
        }
      },
      consume: { outcome in
        try consume(outcome.result, outcome.tally)
        if let failure = outcome.failure { throw failure }
        let (bad, blocks) = try progress.withLock { progress in
          progress.total.add(outcome.tally)
          try progress.rejects?.write(outcome.rejects)
          progress.blocks += 1
          let total = progress.total
          return (total.skipped + total.passed + total.reported, progress.blocks)
        }
        if let maximumBad, bad > maximumBad {
          throw Failure(
            .badData, "\(name): more than \(maximumBad) bad rows (\(option: "max-bad"))")
        }
        onProgress?(blocks)
      })
    do {
      try loop.run(reader, threads: settings.isUnbuffered ? 1 : settings.threads)
    } catch let error as CSVError {
      let lines = progress.withLock { $0.total.lines }
      throw self.failure(error, linesBefore: lines)
    } catch let error as RowFailure {
      let line = progress.withLock { $0.total.lines } + error.line + 1
      let column = error.column.map { " column \"\($0)\":" } ?? ""
      throw Failure(.badData, "\(place(ofLine: line)):\(column) \(error.message)")
    }
    try checkUnchanged()
    var (total, rejects) = progress.withLock { ($0.total, $0.rejects) }
    if let scanned = scannedBefore { total.counts["MiB scanned before the part"] = scanned }
    try rejects?.commit()
    return total
  }

  /// The line of its block, counted from 0, that an error is about.
  private static func line(of error: any Error) -> Int? {
    switch error {
    case let error as RowFailure: error.line
    case let error as CSVError: error.line.map { $0 - 1 }
    default: nil
    }
  }

  /// Reads the whole stream where a block's result needs no second look.
  @discardableResult
  package func run<State, Result: Sendable>(
    makeState: @escaping @Sendable () -> State,
    transform: @escaping @Sendable (inout Batch, inout State) throws -> Result,
    consume: @escaping @Sendable (Result, Tally) throws -> Void
  ) throws -> Tally {
    try run(
      makeState: makeState, transform: transform, finish: { middle, _, _, _ in middle },
      consume: consume)
  }
}

extension Batch {
  /// Settles which rows take part; throws where a bad row ends the command.
  func settle(
    _ policy: BadRowPolicy
  ) throws -> (settled: Settled, tally: Tally, rejects: [UInt8]) {
    var tally = Tally()
    tally.records = count
    tally.lines = block.lineCount
    tally.blank = block.blankCount
    tally.counts = counts

    if problems.isEmpty, !leavesOut, block.ragged.isEmpty {
      return (Settled(dropped: [], flags: flags), tally, [])
    }
    let problems = problems.filter { !isLeftOut($0.record) }
    let fatal = problems.filter { policy == .fail || (policy == .pass && !$0.canPass) }
    let firstRagged = policy == .skip || policy == .report ? nil : block.ragged.first
    let firstBad = fatal.min { $0.record < $1.record }
    if let ragged = firstRagged, firstBad.map({ block.line(of: $0.record) > ragged.line }) ?? true {
      throw ragged.error
    }
    if let bad = firstBad {
      throw RowFailure(line: block.line(of: bad.record), column: bad.column, message: bad.message)
    }

    if problems.isEmpty, block.ragged.isEmpty, !leavesOut {
      return (Settled(dropped: [], flags: flags), tally, [])
    }
    var drop = (0..<count).map { isLeftOut($0) }
    tally.leftOut = leavesOut ? drop.count { $0 } : 0
    var rejects: [UInt8] = []
    if policy == .report {
      let reported = reports(problems)
      tally.reported = reported.records.count + reported.ragged.count
      let dropped = tally.leftOut > 0 ? drop.indices.filter { drop[$0] } : []
      return (Settled(dropped: dropped, flags: flags, reported: reported), tally, [])
    }
    if policy == .skip {
      var bad: Set<Int> = []
      for problem in problems { bad.insert(problem.record) }
      tally.skipped = bad.count + block.ragged.count
      // Rejected rows in the order of the file, ragged ones among them.
      var raggedRows = block.ragged[...]
      for row in bad.sorted() {
        while let ragged = raggedRows.first, ragged.line < block.line(of: row) {
          rejects += block.text(ragged)
          raggedRows.removeFirst()
        }
        rejects += recordLine(row)
        drop[row] = true
      }
      for ragged in raggedRows { rejects += block.text(ragged) }
    } else {
      tally.passed = problems.count
    }
    let hasDropped = tally.leftOut > 0 || tally.skipped > 0
    let dropped = hasDropped ? drop.indices.filter { drop[$0] } : []
    return (Settled(dropped: dropped, flags: flags), tally, rejects)
  }

  /// A record as it came, with its line ending.
  private func recordLine(_ row: Int) -> [UInt8] {
    guard let members = input.settings.members else { return block.recordLine(row) }
    return JSONAnswers([], replacing: false, members: members.names.count).line(block, row)
  }

  /// What is wrong with each bad row: all its problems in one line, in words that depend on the row
  /// alone and not on where it stands.
  private func reports(_ problems: [RowProblem]) -> ReportedRecords {
    var words: [Int: [String]] = [:]
    for problem in problems {
      let column = problem.column.map { "column \"\($0)\": " } ?? ""
      let text = column + problem.message
      if words[problem.record]?.contains(text) == true { continue }
      words[problem.record, default: []].append(text)
    }
    return ReportedRecords(
      records: words.keys.sorted().map { row in
        (row, Array(Shown.line((words[row] ?? []).joined(separator: "; ")).utf8))
      },
      ragged: block.ragged.map { ragged in
        let record = String(decoding: block.content(ragged), as: UTF8.self)
        return Array(Shown.line("\(ragged.error.message): \(Shown.word(record))").utf8)
      })
  }
}
