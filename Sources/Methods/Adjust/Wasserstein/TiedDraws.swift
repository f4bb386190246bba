internal import FairpostNumerics
internal import FairpostTransport

/// Draws of the held-out procedure where scores are tied, or where the map is more than one plain step:
/// samples of the groups' common distribution go through the fit itself.
struct TiedDraws {
  private let fitting: StepFitting
  private let attributes: [CalibrationSummary.Attribute]
  private let settings: WassersteinSettings
  private let counts: [Int]
  private let values: [Double]
  private let shares: [Double]
  /// For each of equal slices of [0, 1] the first value that reaches into it.
  private let guide: [Int32]
  private let levels: [Double]

  /// A draw of a group has no more rows than this; of more, the deviation is scaled.
  private static let mostRows = 4096
  /// The common distribution keeps about so many values.
  private static let mostValues = 1024

  init(
    _ fitting: StepFitting, _ summary: CalibrationSummary, _ settings: WassersteinSettings,
    law: Distribution, counts: [Int]
  ) {
    self.fitting = fitting
    attributes = summary.attributes
    var settings = settings
    settings.certificate = false
    settings.epsilons = fitting.steps.map(\.epsilon)
    settings.targetW2 = nil
    settings.knots = nil
    self.settings = settings
    self.counts = counts
    var (values, shares) = ([Double](), [Double]())
    let kept = Compression.knots(of: law, limit: Self.mostValues)
    var before = 0.0
    for place in kept {
      let through = law.sum(through: place)
      values.append(law.values[place])
      shares.append((through - before) / law.total)
      before = through
    }
    var (levels, level) = ([Double](), 0.0)
    for share in shares {
      level += share
      levels.append(level)
    }
    levels[levels.count - 1] = 1
    let slices = 2 * levels.count
    var guide: [Int32] = []
    var at = 0
    for slice in 0..<slices {
      while at < levels.count - 1, levels[at] < Double(slice) / Double(slices) { at += 1 }
      guide.append(Int32(at))
    }
    (self.values, self.shares, self.levels, self.guide) = (values, shares, levels, guide)
  }

  /// The mean over draws.
  func level() -> Double? {
    let steps = counts.reduce(0) { $0 + min($1, Self.mostRows) }
    let draws = min(300, max(12, 3_000_000 / max(steps, 1)))
    return HeldOutChance.average(
      Parallel.map(draws, threads: settings.threads) { draw in
        var stream = RandomStream(seed: 0, purpose: "held-out ties", index: UInt64(draw))
        return one(&stream)
      })
  }

  private func one(_ stream: inout RandomStream) -> Double? {
    var settings = self.settings
    settings.threads = 1
    var held: [Distribution] = []
    var cells: [(codes: [Int], parts: [Distribution])] = []
    // Scaled samples have no whole weights, which EquiPy's quantiles need; the plain ones are close.
    let isScaled = counts.contains { $0 > Self.mostRows }
    if isScaled, settings.estimator == .equipy { settings.estimator = .split }
    let halves = self.settings.estimator == .split
    for (cell, count) in zip(fitting.cells, counts) {
      let parts = drawn(count, halves: halves, &stream)
      held.append(parts[0])
      let isDoubled = settings.estimator == .split && !halves
      cells.append((cell.codes, isDoubled ? [parts[1], parts[1]] : Array(parts[1...])))
    }
    var other = StepFitting(
      score: fitting.score, attributes: attributes, settings: settings, isFinal: false,
      cells: cells)
    // A draw that leaves a group without records is not counted, as such a fit has no figure.
    guard cells.allSatisfy({ $0.parts.allSatisfy { !$0.isEmpty } }) else { return nil }
    do { try other.run() } catch { return nil }
    var outputs: [Distribution] = []
    for (cell, own) in zip(cells, held) where !own.isEmpty {
      guard let images = other.images(of: own, codes: cell.codes) else { return nil }
      outputs.append(own.mapped(to: images))
    }
    return Distribution.largestKolmogorovSmirnov(of: outputs)
  }

  /// The records held out, and the others in one part or in halves.
  private func drawn(
    _ count: Int, halves: Bool, _ stream: inout RandomStream
  ) -> [Distribution] {
    let rows = min(count, Self.mostRows)
    var places = [[Int32]](repeating: [], count: halves ? 3 : 2)
    let slices = Double(guide.count)
    for _ in 0..<rows {
      let level = stream.uniform()
      var at = Int(guide[Int(level * slices)])
      while levels[at] < level { at += 1 }
      let bits = stream.next()
      let part = bits < UInt64.max / 5 ? 0 : halves ? 1 + Int(bits & 1) : 1
      places[part].append(Int32(at))
    }
    let scale = count > rows ? (Double(rows) / Double(count)).squareRoot() : 1
    return places.map { own in
      var own = own
      own.sort()
      var (values, masses) = ([Double](), [Double]())
      if scale == 1 {
        for place in own {
          let value = self.values[Int(place)]
          if values.last == value {
            masses[masses.count - 1] += 1
          } else {
            values.append(value)
            masses.append(1)
          }
        }
      } else {
        values = self.values
        masses = shares.map { $0 * (1 - scale) * Double(own.count) }
        for place in own { masses[Int(place)] += scale }
      }
      return Distribution(
        values: values, masses: masses, rows: own.count, squaredWeights: [Double(own.count)])
    }
  }
}
