internal import FairpostNumerics
internal import FairpostTransport

/// The chance level on held-out folds: the mean of the largest KS distance over all pairs of groups
/// that an exactly fair score would show there, by seeded draws of the whole procedure.
///
/// In every draw each record is held out with probability 1/5, the map is fitted to the others and the
/// records held out go through it. So the level holds the noise of the fold and that of the fit.
enum HeldOutChance {
  /// The chance level of a fitted score; nil where no draw could be fitted.
  static func level(
    _ fitting: StepFitting, _ summary: CalibrationSummary, _ settings: WassersteinSettings
  ) -> Double? {
    if fitting.cells.count < 2 { return 0 }
    let counts = fitting.cells.map { max(1, Int($0.all.effectiveCount.rounded())) }
    let isPlain =
      fitting.steps.count == 1 && fitting.steps[0].epsilon == 0
      && (settings.smallCell == .error || fitting.steps[0].small.isEmpty)
    if isPlain, !fitting.cells.contains(where: { $0.all.hasTies }) {
      return ofRanks(counts, settings.estimator, threads: settings.threads)
    }
    let law = Distribution.merging(fitting.cells.map(\.all))
    if isPlain {
      // An atom shifts the figure by no more than it holds.
      let heaviest = (law.masses?.max() ?? 1) / law.total
      let smallest = counts.sorted()[1]
      let noise = (12.5 / Double(smallest)).squareRoot()
      if heaviest < 0.02 * noise {
        return ofRanks(counts, settings.estimator, threads: settings.threads)
      }
    }
    return TiedDraws(fitting, summary, settings, law: law, counts: counts).level()
  }

  // MARK: Without ties

  /// The level for continuous scores, which depends on the sizes alone: ranks are all that counts.
  static func ofRanks(_ counts: [Int], _ estimator: Estimator, threads: Int) -> Double? {
    let sorted = counts.sorted()
    // Large samples are drawn smaller, and the distance scaled.
    let second = sorted[1]
    let scale = min(1, Double(mostRows) / Double(second))
    let sizes = sorted.map { count in
      min(20 * min(second, mostRows), max(2, Int((Double(count) * scale).rounded())))
    }
    let question = Question(sizes: sizes, estimator: estimator)
    let mean: Double?
    if let found = known.withLock({ $0[question] }) {
      mean = found
    } else {
      let steps = sizes.reduce(0, +)
      let draws = min(1000, max(20, 4_000_000 / steps))
      let found = Parallel.map(draws, threads: threads) { draw -> Double? in
        var stream = RandomStream(seed: 0, purpose: "held-out chance", index: UInt64(draw))
        var groups: [Distribution] = []
        for size in sizes {
          guard let levels = heldOut(size, estimator, &stream) else { return nil }
          groups.append(Distribution(sorted: levels))
        }
        return Distribution.largestKolmogorovSmirnov(of: groups)
      }
      mean = average(found)
      known.withLock { $0[question] = mean }
    }
    return mean.map { $0 * scale.squareRoot() }
  }

  /// The second smallest group is drawn with no more rows than this.
  private static let mostRows = 5000

  private struct Question: Hashable {
    let sizes: [Int]
    let estimator: Estimator
  }

  /// The levels found already: the scores of one fit mostly ask for the same one.
  private static let known = Guarded<[Question: Double?]>([:])

  static func average(_ draws: [Double?]) -> Double? {
    let found = draws.compactMap { $0 }
    return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
  }

  /// The levels, ascending, that a map of the other records gives to those held out of a group; nil
  /// where none are left to fit.
  private static func heldOut(
    _ size: Int, _ estimator: Estimator, _ stream: inout RandomStream
  ) -> [Double]? {
    var places: [Double] = []
    places.reserveCapacity(size / 4 + 8)
    var (fitted, gapStart) = (0, 0)
    let isStep = estimator == .equipy || estimator == .split
    for _ in 0..<size {
      let bits = stream.next()
      if bits < UInt64.max / 5 {
        guard !isStep else {
          places.append(Double(fitted))
          continue
        }
        // Between two fitted records, those held out lie anywhere, in order.
        places.append(Double(fitted) + stream.uniform())
        var at = places.count - 1
        while at > gapStart, places[at] < places[at - 1] {
          places.swapAt(at, at - 1)
          at -= 1
        }
      } else if estimator != .split || bits & 1 == 0 {
        fitted += 1
        gapStart = places.count
      }
    }
    guard fitted > 0 else { return nil }
    let total = Double(fitted)
    if isStep { return places.map { $0 / total } }
    return places.map { (min(max($0 - 0.5, 0.5), total - 0.5)) / total }
  }
}
