package import FairpostCSV
package import FairpostMetrics
package import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
internal import FairpostTransport
package import FairpostText

/// Reads a stream once and keeps sums by group, and the scores by cell where figures of ranks are wanted.
///
/// Each block's sums are made on the worker that read it and are exact until all are added, so that
/// neither the threads matter nor where a block ends, which follows what a read returned. Scores are kept by cell: the combination of all attributes' groups
/// by the label. So they are held and sorted once, whatever the number of attributes.
package struct SumReader {
  package let plan: EvaluationPlan
  package let threshold: Double?
  package let weight: WeightColumn?
  /// Whether scores are kept for figures of ranks.
  package let keepsScores: Bool
  /// Whether sums of scores are wanted, not only of decisions.
  package let sumsScores: Bool
  /// Whether labels that are not 0 and 1 are kept: the constant predictor's absolute error needs them.
  package let keepsLabels: Bool
  package let threads: Int
  /// Whether a figure looks at decisions.
  package let decides: Bool
  /// The scores that each store holds as they stand.
  private let mostHeld: Int

  /// A reader for what these metrics need.
  package init(
    _ plan: EvaluationPlan, threshold: Double?, weight: WeightColumn?, metrics: [Metric],
    memory: Int, threads: Int
  ) {
    self.plan = plan
    self.threshold = threshold
    self.weight = weight
    self.threads = threads
    let stores = plan.tasks.reduce(0) { $0 + $1.scores.count + 1 }
    mostHeld = max(4096, memory / 8 / max(stores, 1))
    decides = DefaultThreshold.isNeeded(metrics)
    keepsScores = metrics.contains { $0.needs.contains(.ranks) }
    sumsScores = metrics.contains { $0.needs.contains(.scores) }
    keepsLabels = metrics.contains(where: \.needsEachLabel)
  }

  /// Whether a stream is enough for these metrics, asked for like this.
  package static func suffices(
    _ metrics: [Metric], _ plan: EvaluationPlan, _ request: EvaluationRequest
  ) -> Bool {
    guard request.rate == nil, request.permutations == 0 else { return false }
    let isBootstrap = request.bootstrap > 0
    return metrics.allSatisfy { $0.isStreamed && !(isBootstrap && $0.needs.contains(.scores)) }
      && !plan.tasks.contains { $0.isMulticlass }
  }

  /// The sums, with what was counted besides.
  package struct Reading {
    package var streams: [StreamedSums]
    package var tally: FairpostPipeline.Tally
    package var notes: [Message]
  }

  /// What a stream shows of the labels and scores of a task.
  package struct Seen: Sendable {
    package var facts = LabelFacts()
    /// The texts of labels with a positive value.
    package var texts: [ByteText] = []
    /// By score.
    package var ranges: [ScoreRange] = []
    package var missing = MissingValues()
    /// The weights of labels 0, of labels 1 and of others, and the sum of the others.
    package var sums = ExactSums(count: 4)
    package static let (zeros, ones, others, otherLabels) = (0, 1, 2, 3)

    package mutating func add(_ other: Seen, behind line: Int) {
      facts.add(other.facts, behind: line)
      for text in other.texts where texts.count < 3 && !texts.contains(text) { texts.append(text) }
      if ranges.isEmpty {
        ranges = other.ranges
      } else {
        for place in ranges.indices { ranges[place].add(other.ranges[place]) }
      }
      missing.add(other.missing)
      for place in 0..<4 { sums.add(other.sums, from: place, at: place) }
    }

    package var negatives: Double { sums.value(at: Self.zeros) }
    package var positives: Double { sums.value(at: Self.ones) }

    /// The mean label: what the constant predictor says.
    package var mean: Double {
      var sums = sums
      sums.add(sums, from: Self.ones, at: Self.otherLabels)
      for place in [Self.zeros, Self.ones] { sums.add(sums, from: place, at: Self.others) }
      return sums.value(at: Self.otherLabels) / sums.value(at: Self.others)
    }
  }

  /// One block on its way to be added.
  package struct Columns: Sendable {
    package var labels: [[Double]]
    package var scores: [[[Double]]]
    package var decisions: [[Double]]
    package var texts: [[ByteText]]
    package var weights: [Double]
    package var codes: [[Int32]]
    package var newKeys: [[[ByteText]]]
    package var worker: Int
  }

  /// One block's share, in the numbering of the worker that read it.
  package struct Part: Sendable {
    /// By task, score.
    package var scores: [[CellBlock]] = []
    /// By task.
    package var labels: [CellBlock?] = []
    package var seen: [Seen] = []
    package var missing: [Int] = []
    package var newKeys: [[[ByteText]]]
    package var newCombinations: [[Int32]] = []
    /// The sum of the frequencies.
    package var frequencies = 0.0
    package var worker: Int
  }

  package struct WorkerState {
    package let id: Int
    package var tables: [TupleTable]
    package var handedOn: [Int]
    package var combinations = GroupCombinations()
    /// Zeros, one for each cell.
    package var places: [Int32] = []
    /// The sums of the blocks this worker has read.
    let sums: WorkerSums
  }

  /// What one worker has summed, in its own numbering of groups; only that worker changes it, and it
  /// is looked at when all have ended.
  ///
  /// Whether labels are 0 and 1 is known when the last block is read: those of blocks where they are
  /// all so are kept apart, since their sums say all there is to know of their labels.
  package final class WorkerSums: @unchecked Sendable {
    /// By task, score, attribute: of blocks whose labels are all 0 and 1.
    var zeroOne: [[[RowSums]]]
    /// The same of other blocks.
    var other: [[[RowSums]]]
    /// By task, attribute: of the labels alone of those others, where a regression's constant
    /// predictor may need them.
    var labels: [[RowSums]]

    init(_ plan: EvaluationPlan) {
      let empty = (0..<max(1, plan.attributes.count)).map { _ in RowSums(groupCount: 0) }
      zeroOne = plan.tasks.map { $0.scores.map { _ in empty } }
      other = zeroOne
      labels = plan.tasks.map { _ in empty }
    }
  }

  package struct Total: Sendable {
    package var sums: [[[RowSums]]]
    package var labelSums: [[RowSums]]
    package var scores: [[CellStore]]
    package var labels: [CellStore]
    package var seen: [Seen]
    package var missing: [Int]
    package var merged: [TupleTable]
    package var remap: [[[Int32]]] = []
    package var combinations: [[Int32]: Int32] = [:]
    /// The groups of each combination.
    package var combined: [[Int32]] = []
    package var combinedRemap: [[Int32]] = []
    /// The frequencies so far.
    package var frequencies = 0.0
    /// The lines before the next block.
    package var lines: Int
  }

  package func read(_ input: Input, progress: ProgressBar?) throws -> Reading {
    let widths = plan.attributes.map(\.count)
    let attributeCount = max(1, plan.attributes.count)
    let empty = (0..<attributeCount).map { _ in
      RowSums(groupCount: plan.attributes.isEmpty ? 1 : 0)
    }
    let total = Guarded(
      Total(
        sums: plan.tasks.map { $0.scores.map { _ in empty } },
        labelSums: plan.tasks.map { _ in empty },
        scores: plan.tasks.map { $0.scores.map { _ in CellStore(most: mostHeld) } },
        labels: plan.tasks.map { _ in CellStore(most: mostHeld) },
        seen: plan.tasks.map { _ in Seen() },
        missing: plan.attributes.map { _ in 0 }, merged: widths.map { TupleTable(width: $0) },
        lines: input.headerLines))
    let workers = Guarded<[WorkerSums]>([])
    let reader = self
    var report: (@Sendable (Int) -> Void)?
    if let progress { report = { blocks in progress.update(blocks: blocks) } }
    let tally: FairpostPipeline.Tally = try input.run(
      onProgress: report,
      makeState: { () -> WorkerState in
        let sums = WorkerSums(reader.plan)
        let id = workers.withLock { all -> Int in
          all.append(sums)
          return all.count - 1
        }
        return WorkerState(
          id: id, tables: widths.map { TupleTable(width: $0) }, handedOn: widths.map { _ in 0 },
          sums: sums)
      },
      transform: { (batch: inout Batch, state: inout WorkerState) -> Columns in
        reader.columns(&batch, &state)
      },
      finish: {
        (columns: Columns, block: Block, settled: Settled, state: inout WorkerState) -> Part in
        reader.part(columns, block, dropped: settled.dropped, &state)
      },
      consume: { (part: Part, tally: FairpostPipeline.Tally) -> Void in
        try total.withLock { total in
          total.frequencies += part.frequencies
          try reader.weight?.checkTotal(total.frequencies, input.name)
          reader.add(part, to: &total)
          total.lines += tally.lines
        }
      })
    return try total.withLock { total in
      for (worker, sums) in workers.withLock({ $0 }).enumerated() {
        add(sums, of: worker, to: &total)
      }
      return try finished(&total, tally, input.name)
    }
  }

  /// Adds a worker's sums in the numbering of the whole.
  private func add(_ sums: WorkerSums, of worker: Int, to total: inout Total) {
    let places =
      plan.attributes.isEmpty
      ? [[0]] : worker < total.remap.count ? total.remap[worker] : plan.attributes.map { _ in [] }
    for (task, declared) in plan.tasks.enumerated() {
      for score in declared.scores.indices {
        for attribute in places.indices {
          total.sums[task][score][attribute].merge(
            sums.zeroOne[task][score][attribute], at: places[attribute])
          total.sums[task][score][attribute].merge(
            sums.other[task][score][attribute], at: places[attribute])
        }
      }
      guard declared.isPerhapsRegression, sumsScores else { continue }
      for attribute in places.indices {
        if let first = sums.zeroOne[task].first {
          total.labelSums[task][attribute].merge(
            first[attribute].ofLabels, at: places[attribute])
        }
        total.labelSums[task][attribute].merge(
          sums.labels[task][attribute], at: places[attribute])
      }
    }
  }

  /// Adds a block's share in the numbering of the whole.
  private func add(_ part: Part, to total: inout Total) {
    while total.remap.count <= part.worker {
      total.remap.append(plan.attributes.map { _ in [] })
      total.combinedRemap.append([])
    }
    for place in plan.attributes.indices {
      for key in part.newKeys[place] {
        total.remap[part.worker][place].append(total.merged[place].code(of: key))
      }
      total.missing[place] += part.missing[place]
    }
    let remap = plan.attributes.isEmpty ? [[0]] : total.remap[part.worker]
    for combination in part.newCombinations {
      let merged = combination.enumerated().map { $1 < 0 ? -1 : remap[$0][Int($1)] }
      if total.combinations[merged] == nil {
        total.combinations[merged] = Int32(total.combined.count)
        total.combined.append(merged)
      }
      total.combinedRemap[part.worker].append(total.combinations[merged] ?? 0)
    }
    let cells = plan.attributes.count > 1 ? total.combinedRemap[part.worker] : remap[0]
    for task in part.seen.indices {
      total.seen[task].add(part.seen[task], behind: total.lines)
      for score in part.scores[task].indices {
        total.scores[task][score].add(part.scores[task][score], groups: cells)
      }
      if let labels = part.labels[task] { total.labels[task].add(labels, groups: cells) }
    }
  }
}

/// The combinations of groups of several attributes, numbered as they come.
package struct GroupCombinations {
  /// For each attribute after the first: (number so far, group) to number.
  private var numbers: [[UInt64: Int32]] = []
  /// The groups of each combination.
  package private(set) var combinations: [[Int32]] = []
  /// How many of them were handed on already.
  package var handedOn = 0

  /// The number of each row's combination; -1 where no attribute has a group.
  package mutating func encode(_ codes: [[Int32]]) -> [Int32] {
    while numbers.count + 1 < codes.count { numbers.append([:]) }
    return codes[0].indices.map { row in
      var number = codes[0][row]
      var isNone = number < 0
      for place in 1..<codes.count {
        let code = codes[place][row]
        isNone = isNone && code < 0
        let key = UInt64(UInt32(bitPattern: number)) << 32 | UInt64(UInt32(bitPattern: code))
        if let known = numbers[place - 1][key] {
          number = known
          continue
        }
        // Only the last attribute's numbers are those of combinations.
        let isLast = place + 1 == codes.count
        number = Int32(isLast ? combinations.count : numbers[place - 1].count)
        numbers[place - 1][key] = number
        if isLast { combinations.append(codes.map { $0[row] }) }
      }
      return isNone ? -1 : number
    }
  }
}
