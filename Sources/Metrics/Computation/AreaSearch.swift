internal import FairpostNumerics

/// The largest area between two groups' distribution functions with its upper bound, of many groups.
///
/// Every group is measured once against a coarse distribution of everybody. The distances of two groups
/// to it bound their own (triangle inequality), and so do the signed areas in a few cells of the score,
/// up to what is left within the cells. Only pairs that these bounds leave open are walked.
package struct AreaSearch {
  /// Cells of the score.
  private static let cells = 16
  /// Pairs that are walked for the upper bound; of what is left open then the bound itself is taken,
  /// which can only be larger.
  private static let walks = 200_000

  package private(set) var value = 0.0
  package private(set) var upper = 0.0

  private let samples: [SortedSample]
  /// The distance of each group to everybody.
  private var near: [Double] = []
  /// Signed areas to everybody, cell by cell, and the area that they leave out.
  private var signed: [Float] = []
  private var rest: [Double] = []
  private var errors: [Double] = []
  private var students: [Double] = []

  package init(_ samples: [SortedSample], tail: Double?, threads: Int) {
    self.samples = samples
    let middle = Self.middle(samples)
    let ends = Interval(
      samples.map { $0.values[0] }.min() ?? 0,
      samples.map { $0.values[$0.values.count - 1] }.max() ?? 0)
    let levels = (1..<Self.cells).map { Double($0) / Double(Self.cells) }
    let cuts = [ends.lower] + middle.quantiles(levels) + [ends.upper]
    let profiles = Parallel.map(samples.count, threads: threads) {
      Self.profile(samples[$0], middle, cuts)
    }
    for profile in profiles {
      near.append(profile.near)
      signed += profile.signed
      rest.append(profile.rest)
    }
    if let tail {
      errors = Parallel.map(samples.count, threads: threads) {
        samples[$0].variance / max(samples[$0].tally.effective - 1, 1)
      }
      students = samples.map {
        Tails.studentQuantile(1 - tail / 2, degrees: max($0.tally.effective - 1, 1))
      }
    }
    begin()
    seekValue()
    if tail != nil { seekUpper() }
  }

  /// Everybody, coarsely.
  private static func middle(_ samples: [SortedSample]) -> SortedSample {
    let levels = (0..<256).map { (Double($0) + 0.5) / 256 }
    return SortedSample(
      values: PairSweep.middle(samples).quantiles(levels), weights: levels.map { _ in 1 })
  }

  private struct Profile: Sendable {
    var near = 0.0
    var rest = 0.0
    var signed = [Float](repeating: 0, count: AreaSearch.cells)
  }

  private static func profile(
    _ sample: SortedSample, _ middle: SortedSample, _ cuts: [Double]
  ) -> Profile {
    var result = Profile()
    // The pieces of one cell; outside of them both functions are the same.
    var pieces: [(height: Double, width: Double)] = []
    var cell = 0
    func end() {
      let whole = cuts[cell + 1] - cuts[cell]
      var (area, width) = (0.0, 0.0)
      for piece in pieces {
        area += piece.height * piece.width
        width += piece.width
      }
      let mean = whole > 0 ? area / whole : 0
      for piece in pieces {
        result.near += abs(piece.height) * piece.width
        result.rest += abs(piece.height - mean) * piece.width
      }
      result.rest += abs(mean) * max(0, whole - width)
      result.signed[cell] = Float(area)
      pieces.removeAll(keepingCapacity: true)
    }
    var left = 0.0
    var right = 0.0
    var last = cuts[0]
    forEachPooled(sample, middle) { value, a, b in
      let height = left / sample.tally.weight - right / middle.tally.weight
      while value > cuts[cell + 1], cell + 1 < Self.cells {
        if cuts[cell + 1] > last { pieces.append((height, cuts[cell + 1] - last)) }
        last = max(last, cuts[cell + 1])
        end()
        cell += 1
      }
      if value > last { pieces.append((height, value - last)) }
      last = value
      left += a
      right += b
    }
    end()
    return result
  }

  /// Takes one pair; the same sums as of few groups.
  private mutating func walk(_ i: Int, _ j: Int) {
    let gap = PairSweep.gap(samples[i], samples[j])
    value = max(value, gap.w1)
    guard !students.isEmpty else { return }
    let n = max(samples[i].tally.effective - 1, 1)
    let m = max(samples[j].tally.effective - 1, 1)
    let error = (gap.variances.0 / n + gap.variances.1 / m).squareRoot()
    upper = max(upper, gap.w1 + max(students[i], students[j]) * error)
  }

  /// Walks pairs that are likely far apart, so that most others are ruled out at once.
  private mutating func begin() {
    let places = near.indices
    let means = samples.map(\.mean)
    let rising = places.sorted { (means[$0], $0) < (means[$1], $1) }
    let far = places.sorted { (near[$0], $1) > (near[$1], $0) }
    let some = min(8, samples.count)
    for i in rising.suffix(some) { for j in rising.prefix(some) where i != j { walk(i, j) } }
    for i in far.prefix(2 * some) { for j in far.prefix(2 * some) where i < j { walk(i, j) } }
    guard !students.isEmpty else { return }
    let unsure = places.sorted { (width($0), $1) > (width($1), $0) }
    for i in unsure.prefix(2 * some) { for j in unsure.prefix(2 * some) where i < j { walk(i, j) } }
  }

  private func width(_ group: Int) -> Double { students[group] * errors[group].squareRoot() }

  /// No area between the two is larger than this.
  private func bound(_ i: Int, _ j: Int) -> Double {
    var sum: Float = 0
    let (a, b) = (i * Self.cells, j * Self.cells)
    for cell in 0..<Self.cells { sum += abs(signed[a + cell] - signed[b + cell]) }
    // The last digits of the short numbers are not trusted.
    return min(near[i] + near[j], Double(sum) * 1.000_01 + rest[i] + rest[j])
  }

  private mutating func seekValue() {
    let order = near.indices.sorted { (near[$0], $1) > (near[$1], $0) }
    for (place, i) in order.enumerated() {
      for j in order[(place + 1)...] {
        if near[i] + near[j] <= value { break }
        if bound(i, j) > value { walk(i, j) }
      }
    }
  }

  private mutating func seekUpper() {
    let widest = students.max() ?? 0
    // A potential spreads no more than the scores; no pair's error is more than the two's together.
    let keys = near.indices.map { near[$0] + widest * errors[$0].squareRoot() }
    let order = keys.indices.sorted { (keys[$0], $1) > (keys[$1], $0) }
    var left = Self.walks
    for (place, i) in order.enumerated() {
      for j in order[(place + 1)...] {
        if keys[i] + keys[j] <= upper { break }
        let error = max(students[i], students[j]) * (errors[i] + errors[j]).squareRoot()
        guard near[i] + near[j] + error > upper else { continue }
        let most = bound(i, j) + error
        guard most > upper else { continue }
        if left > 0 {
          left -= 1
          walk(i, j)
        } else {
          upper = most
        }
      }
    }
  }
}
