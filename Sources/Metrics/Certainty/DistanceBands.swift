package import FairpostNumerics

/// Bounds and noise floors for distances of distribution functions.
///
/// A distance is a supremum (over x for KS, over functions of slope at most 1 for W1), so an upper
/// bound needs only the sampling error at the supremum's place; the lower bound takes the supremum of
/// the noise away, all pairs at once.
package enum DistanceBands {
  /// The band of the largest KS distance over pairs of groups.
  package static func kolmogorovSmirnov(_ samples: [SortedSample], tail: Double) -> Interval {
    let summary = PairSweep.summary(samples, tail: tail, threads: 1)
    return Interval(summary.ksLower, summary.ksUpper)
  }

  /// The band of the largest W1 distance over pairs of groups.
  package static func wasserstein1(
    _ samples: [SortedSample], tail: Double, _ stream: inout RandomStream
  ) -> Interval {
    let summary = PairSweep.summary(samples, tail: tail, threads: 1)
    return wasserstein1(samples, summary, tail: tail, &stream)
  }

  /// The same where the pairs have been walked already.
  static func wasserstein1(
    _ samples: [SortedSample], _ summary: PairSummary, tail: Double, _ stream: inout RandomStream
  ) -> Interval {
    let draws = ManyGroups.draws(400, groups: samples.count)
    let noise = noise(samples, draws: draws, tail: tail, &stream)
    return Interval(max(0, summary.w1 - noise), summary.w1Upper)
  }

  /// What W1 of all pairs shows at most by chance, each group around its own distribution.
  private static func noise(
    _ samples: [SortedSample], draws: Int, tail: Double, _ stream: inout RandomStream
  ) -> Double {
    // Areas are sums over the cuts: of many groups, where each costs most, fewer do.
    let grid = Grid(samples, most: samples.count > ManyGroups.above ? 32 : 128)
    // A small sample's own spread says too little; everybody's stands in for it.
    let pooled = grid.pooled(samples)
    let laws = samples.map { $0.tally.effective < 50 ? pooled : grid.shares(of: $0) }
    let sizes = samples.map { max($0.tally.effective - 1, 1) }
    var largest: [Double] = []
    if samples.count > ManyGroups.above {
      largest = ManyPaths.areas(grid, laws: laws, sizes: sizes, draws: draws, &stream)
    }
    while largest.count < draws {
      let paths = laws.indices.map { grid.bridge(laws[$0], size: sizes[$0], &stream) }
      largest.append(grid.largestArea(paths))
    }
    largest.sort()
    // A little farther out than the tail says, for what is simulated and not known.
    return largest[Int((1 - 0.8 * tail) * Double(largest.count))]
  }

  /// The rows behind one group's distribution function: its own, and those of the map, if any, that
  /// its scores went through.
  package struct Rows {
    /// The effective number of rows measured.
    package let measured: Double
    /// The rows the map was fitted to; 0 without a map.
    package let calibration: Int

    /// The rows of a group.
    package init(measured: Double, calibration: Int) {
      self.measured = measured
      self.calibration = calibration
    }

    /// The one sample that would vary as much.
    package var together: Double {
      calibration > 0 ? 1 / (1 / measured + 1 / Double(calibration)) : measured
    }
  }

  /// What groups drawn from one common distribution would show.
  package static func floor(
    _ samples: [SortedSample], sizes: [Rows], draws: Int, integral: Bool,
    _ stream: inout RandomStream
  ) -> NoiseFloor {
    let grid = Grid(samples)
    let law = grid.pooled(samples)
    var results: [Double] = []
    for _ in 0..<draws {
      let paths = sizes.map { grid.noise(law, $0, &stream) }
      results.append(integral ? grid.largestArea(paths) : grid.largestHeight(paths))
    }
    return NoiseFloor(simulated: results)
  }

  /// Some cut points through the pooled scores, on which noise is simulated.
  package struct Grid {
    package var cuts: [Double] = []

    package init(_ samples: [SortedSample], most: Int = 128) {
      let middle = PairSweep.middle(samples)
      if middle.values.count <= most {
        cuts = middle.values
      } else {
        let levels = (0..<most).map { Double($0) / Double(most - 1) }
        for cut in middle.quantiles(levels) where cuts.last != cut { cuts.append(cut) }
      }
      // The ends are those of the scores, so that no area is cut off.
      for sample in samples where !sample.isEmpty {
        cuts[0] = min(cuts[0], sample.values[0])
        cuts[cuts.count - 1] = max(
          cuts[cuts.count - 1], sample.values[sample.values.count - 1])
      }
    }

    /// The share of all samples together up to each cut, beyond the cut before.
    package func pooled(_ samples: [SortedSample]) -> [Double] {
      var result = [Double](repeating: 0, count: cuts.count)
      let total = samples.reduce(0) { $0 + $1.tally.weight }
      for sample in samples {
        for (place, share) in shares(of: sample).enumerated() {
          result[place] += share * sample.tally.weight / total
        }
      }
      return result
    }

    /// The share of a sample up to each cut, beyond the cut before.
    package func shares(of sample: SortedSample) -> [Double] {
      var result = [Double](repeating: 0, count: cuts.count)
      var at = 0
      if sample.weights.isEmpty {
        // Where each counts once, a cut's place says it.
        var before = 0
        for (place, cut) in cuts.enumerated() {
          let end =
            place + 1 == cuts.count ? sample.values.count : sample.values.end(of: cut, from: before)
          result[place] = Double(end - before) / sample.tally.weight
          before = end
        }
        return result
      }
      for (value, weight) in zip(sample.values, sample.weights) {
        while at + 1 < cuts.count, value > cuts[at] { at += 1 }
        result[at] += weight
      }
      for place in result.indices { result[place] /= sample.tally.weight }
      return result
    }

    /// Fewer rows than this are drawn one by one: the bridge, their limit, leaves 0 to 1 for so few.
    package static let fewest = 100.0

    /// How far a sample's distribution function lies from its law at the cuts, after a map if there is
    /// one; a difference of two is between -1 and 1.
    package func noise(_ law: [Double], _ rows: Rows, _ stream: inout RandomStream) -> [Double] {
      if rows.together >= Self.fewest { return bridge(law, size: rows.together, &stream) }
      var (levels, level) = ([Double](), 0.0)
      for share in law {
        level += share
        levels.append(min(level, 1))
      }
      // The shares of the population that a map of few rows brings below each cut.
      var reached = levels
      if rows.calibration > 0 {
        if Double(rows.calibration) < 10 * Self.fewest {
          reached = Self.reached(levels, rows: rows.calibration, &stream)
        } else {
          let moved = bridge(law, size: Double(rows.calibration), &stream)
          var before = 0.0
          for place in levels.indices {
            before = max(before, min(max(levels[place] + moved[place], 0), 1))
            reached[place] = before
          }
        }
        reached[reached.count - 1] = 1
      }
      guard rows.measured < 10 * Self.fewest else {
        let size = 1 / rows.measured.squareRoot()
        var before = 0.0
        let shares = reached.map { level -> Double in
          defer { before = level }
          return max(level - before, 0)
        }
        let path = bridge(shares, size: 1, &stream)
        return reached.indices.map {
          min(max(reached[$0] + path[$0] * size, 0), 1) - levels[$0]
        }
      }
      let count = max(1, Int(rows.measured.rounded()))
      var hits = [Int](repeating: 0, count: levels.count)
      for _ in 0..<count {
        let draw = stream.uniform()
        hits[reached.indices.dropLast().firstPlace { reached[$0] >= draw }] += 1
      }
      var through = 0
      return levels.indices.map { place in
        through += hits[place]
        return Double(through) / Double(count) - levels[place]
      }
    }

    /// The population's shares below the levels that a map of so many rows takes for them: between two
    /// of its rows, in order, the levels run straight.
    private static func reached(
      _ levels: [Double], rows: Int, _ stream: inout RandomStream
    ) -> [Double] {
      var drawn = (0..<rows).map { _ in stream.uniform() }
      drawn.sort()
      return levels.map { level in
        let place = level * Double(rows) - 0.5
        if place < 0 { return drawn[0] * max(0, 2 * level * Double(rows)) }
        let index = Int(place)
        if index >= rows - 1 {
          let rest = min(1, 2 * (place - Double(rows - 1)))
          return drawn[rows - 1] + (1 - drawn[rows - 1]) * rest
        }
        return drawn[index] + (drawn[index + 1] - drawn[index]) * (place - Double(index))
      }
    }

    /// The noise of an empirical distribution function at the cuts: a Brownian bridge.
    package func bridge(_ shares: [Double], size: Double, _ stream: inout RandomStream) -> [Double]
    {
      var steps = [Double](repeating: 0, count: shares.count)
      var total = 0.0
      for i in shares.indices where shares[i] > 0 {
        steps[i] = shares[i].squareRoot() * stream.normal()
        total += steps[i]
      }
      let scale = 1 / size.squareRoot()
      var path = 0.0
      for i in steps.indices {
        path += (steps[i] - shares[i] * total) * scale
        steps[i] = path
      }
      return steps
    }

    /// The largest area between two of the paths.
    ///
    /// Areas to the axis bound those between two paths, so that few pairs of many are measured.
    package func largestArea(_ paths: [[Double]]) -> Double {
      let zero = [Double](repeating: 0, count: cuts.count)
      let sizes = paths.map { area($0, zero) }
      let order = paths.indices.sorted { (sizes[$0], $0) > (sizes[$1], $1) }
      var largest = 0.0
      for (place, i) in order.enumerated() {
        for j in order[(place + 1)...] {
          if sizes[i] + sizes[j] <= largest { break }
          largest = max(largest, area(paths[i], paths[j]))
        }
      }
      return largest
    }

    /// The largest height of one path above another.
    package func largestHeight(_ paths: [[Double]]) -> Double {
      var largest = 0.0
      for place in cuts.indices {
        var low = Double.infinity
        var high = -Double.infinity
        for path in paths {
          low = min(low, path[place])
          high = max(high, path[place])
        }
        largest = max(largest, high - low)
      }
      return largest
    }

    private func area(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<max(0, cuts.count - 1) { sum += abs(a[i] - b[i]) * (cuts[i + 1] - cuts[i]) }
      return sum
    }
  }
}

extension [Double] {
  /// The first place from `start` on whose value is greater, in rising values.
  fileprivate func end(of value: Double, from start: Int) -> Int {
    (start..<count).firstPlace { self[$0] > value }
  }
}
