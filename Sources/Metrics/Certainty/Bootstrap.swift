internal import FairpostNumerics
internal import FairpostTransport

/// Percentile intervals by resampling; the same for any number of threads and any order of rows.
package enum Bootstrap {
  /// Replaces the intervals of figures by bootstrap intervals.
  ///
  /// Figures of rates draw counts per (group, label, decision) cell, so their cost does not depend on
  /// the rows. The others draw a Poisson count for each record, keyed by its hash and its rank among
  /// identical records.
  package static func apply(
    to figures: [Figure], evaluator: Evaluator, metrics: [Metric], replicates: Int
  ) -> [Figure] {
    apply(
      to: figures, evaluator: evaluator, contexts: nil, metrics: metrics, replicates: replicates)
  }

  /// The same with contexts that are there already, for figures whose rows are gone.
  static func apply(
    to figures: [Figure], evaluator: Evaluator, contexts: [EvaluationContext]?, metrics: [Metric],
    replicates: Int
  ) -> [Figure] {
    guard replicates > 0 else { return figures }
    var byCells: [Metric] = []
    var byRows: [Metric] = []
    for metric in metrics {
      let other: Needs = [
        .scores, .ranks, .features, .tasks, .continuous, .strata, .classes, .rows,
      ]
      if metric.needs.isDisjoint(with: other) {
        byCells.append(metric)
      } else {
        byRows.append(metric)
      }
    }
    var draws: [FigureKey: [Double]] = [:]
    if !byCells.isEmpty {
      let contexts = contexts ?? evaluator.contexts(ranks: false)
      draws = cells(evaluator, contexts, byCells, replicates)
    }
    // Rows that are gone cannot be drawn again.
    if !byRows.isEmpty, contexts == nil { collect(rows(evaluator, byRows, replicates), &draws) }
    let tail = evaluator.options.tail
    let folded = Dictionary(
      metrics.filter(\.isOverGroups).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let growing = Dictionary(
      metrics.filter(\.growsWithNoise).map { ($0.id, $0.direction) },
      uniquingKeysWith: { first, _ in first })
    return figures.map { figure in
      guard figure.value != nil, var values = draws[FigureKey(figure)],
        values.count * 10 >= replicates * 9
      else { return figure }
      values.sort()
      var result = figure
      func quantile(_ level: Double) -> Double {
        // The k-th of N draws has the level k / (N + 1).
        let position = min(
          max(level * Double(values.count + 1) - 1, 0), Double(values.count - 1))
        let low = Int(position)
        let high = min(low + 1, values.count - 1)
        return values[low] + (position - Double(low)) * (values[high] - values[low])
      }
      var lower = quantile(tail / 2)
      var upper = quantile(1 - tail / 2)
      if let direction = growing[figure.metric], let value = figure.value {
        // Resamples hold the noise twice and lie above the value, as it lies above the truth: they are
        // taken about their own mean, moved down by as much as they are too high. Near its least value
        // that is not far enough, and the closed form, which holds there, is joined.
        let mean = values.reduce(0, +) / Double(values.count)
        let bias = mean - value
        let (below, above) = (mean - lower, upper - mean)
        lower = min(value - max(bias, 0) - below, figure.lower ?? .infinity)
        upper = max(value - min(bias, 0) + above, figure.upper ?? -.infinity)
        // Only a difference with a sign is below 0, and a folded ratio is at most 1.
        if direction != .target(0) { lower = max(0, lower) }
        if direction == .higher { upper = min(1, upper) }
      } else if let metric = folded[figure.metric], let value = figure.value {
        // A largest gap is never below 0, so resamples lie above it: the reflected interval is joined,
        // which lets the bound reach fairness.
        let (low, high) = (2 * value - upper, 2 * value - lower)
        lower = min(lower, low)
        upper = max(upper, high)
        // The largest of many gaps is over 0 in every resample, fair or not: on the fair side the
        // closed form, which holds for all pairs at once, has the last word.
        if metric.direction == .lower { lower = max(0, min(lower, figure.lower ?? lower)) }
        if metric.direction == .higher { upper = min(1, max(upper, figure.upper ?? upper)) }
      }
      // Rows that are all alike are so in every resample, which says nothing of the population.
      if lower == upper, figure.lower != nil { return figure }
      // Resamples of few rows spread too little and miss how skewed a mean's error is.
      if Double(figure.least ?? figure.count) < Proportion.exactBelow {
        lower = min(lower, figure.lower ?? lower)
        upper = max(upper, figure.upper ?? upper)
      }
      result.lower = lower
      result.upper = upper
      result.method = "bootstrap"
      return result
    }
  }

  private static func collect(_ figures: [[Figure]], _ draws: inout [FigureKey: [Double]]) {
    for replicate in figures {
      for figure in replicate {
        if let value = figure.value, !value.isNaN {
          draws[FigureKey(figure), default: []].append(value)
        }
      }
    }
  }

  /// The values of figures of resampled cell counts, by figure.
  static func cells(
    _ evaluator: Evaluator, _ contexts: [EvaluationContext], _ metrics: [Metric], _ replicates: Int
  ) -> [FigureKey: [Double]] {
    var options = evaluator.options
    options.noiseDraws = 0
    options.intervals = false
    // Intervals are drawn, not computed: a replicate needs the values alone.
    let plain = Evaluator(evaluator.data, options: options)
    var prepared: [(context: EvaluationContext, metrics: [Metric])] = []
    var keys: [FigureKey] = []
    for context in contexts {
      var own = context
      own.options = options
      let figures = plain.figures(metrics, in: own)
      // A metric that the data cannot give has no replicates.
      let usable = metrics.filter { metric in
        figures.contains { $0.metric == metric.id && $0.value != nil }
      }
      prepared.append((own, usable))
      keys += plain.figures(usable, in: own).map { FigureKey($0) }
    }
    let seed = options.seed
    let work = prepared
    let count = keys.count
    let values = Parallel.map(replicates, threads: options.threads) { replicate -> [Double] in
      var values: [Double] = []
      values.reserveCapacity(count)
      for (index, item) in work.enumerated() {
        var stream = RandomStream(
          seed: seed, purpose: "cell bootstrap", index: UInt64(replicate) << 16 | UInt64(index))
        let drawn = item.context.resampled(&stream)
        for metric in item.metrics {
          for outcome in metric.compute(drawn) { values.append(outcome.value ?? .nan) }
        }
      }
      return values
    }
    var draws: [FigureKey: [Double]] = [:]
    for (place, key) in keys.enumerated() {
      draws[key] = values.compactMap { replicate in
        place < replicate.count && !replicate[place].isNaN ? replicate[place] : nil
      }
    }
    return draws
  }

  /// Figures of resampled records.
  static func rows(_ evaluator: Evaluator, _ metrics: [Metric], _ replicates: Int) -> [[Figure]] {
    var options = evaluator.options
    options.noiseDraws = 0
    options.intervals = false
    options.threads = 1
    let data = evaluator.data
    let seed = options.seed
    let records = ResampledRecords(data, seed: seed)
    let settings = options
    return Parallel.map(replicates, threads: evaluator.options.threads) { replicate -> [Figure] in
      let hash = StableHash(seed: seed, purpose: "record bootstrap")
      let drawn = records.drawn(hash, hash(UInt64(replicate)))
      var resampled = data
      if case .survey(let weights) = data.weights {
        resampled.weights = .survey(weights.indices.map { weights[$0] * Double(drawn[$0]) })
      } else {
        resampled.weights = .frequencies(drawn)
      }
      return Evaluator(resampled, options: settings).figures(metrics)
    }
  }

  /// A Poisson count of mean 1 from 64 random bits, by inversion.
  static func poisson(_ bits: UInt64) -> Int {
    let u = (Double(bits >> 12) + 0.5) * 0x1p-52
    var mass = 0.36787944117144233
    var total = mass
    var count = 0
    while u > total, count < 20 {
      count += 1
      mass /= Double(count)
      total += mass
    }
    return count
  }
}

/// What makes a figure the same figure in another replicate.
struct FigureKey: Hashable {
  let text: [String]

  init(_ figure: Figure) {
    text =
      [figure.task, figure.score, figure.metric, figure.category ?? ""] + figure.attribute
      + ["|", figure.group.map { "\($0.parts.map(\.bytes))" } ?? ""]
  }
}

extension EvaluationContext {
  /// The same context with cell counts drawn from their own shares.
  fileprivate func resampled(_ stream: inout RandomStream) -> EvaluationContext {
    var counts: [Int] = []
    var tallies: [Tally] = []
    for group in groups {
      for cell in group.sums.cells {
        // With survey weights a cell counts by its effective size.
        counts.append(Int(cell.effective.rounded()))
        tallies.append(cell)
      }
    }
    let drawn = Draws.multinomial(counts.reduce(0, +), counts, &stream)
    var drawnGroups = groups
    var whole = GroupSums()
    for group in groups.indices {
      var sums = GroupSums()
      for cell in 0..<9 {
        let at = group * 9 + cell
        guard counts[at] > 0 else { continue }
        let factor = Double(drawn[at]) / Double(counts[at])
        var tally = Tally()
        tally.rows = Int((Double(tallies[at].rows) * factor).rounded())
        tally.weight = tallies[at].weight * factor
        tally.squares = tallies[at].squares * factor
        sums.cells[cell] = tally
        sums.total += tally
      }
      drawnGroups[group].sums = sums
      whole += sums
    }
    return replacing(
      groups: drawnGroups, overall: GroupView(sums: whole, ranked: overall.ranked))
  }
}
