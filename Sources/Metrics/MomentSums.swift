internal import Numerics

extension SumAccumulator {
  /// Adds the sums that need the score's value.
  mutating func addMoments(
    rows: Range<Int>, codes: [Int32], labels: [Double], scores: [Double], survey: [Double],
    frequencies: [Int], binary: Bool
  ) {
    let hasLabels = !labels.isEmpty
    let weighted = !survey.isEmpty
    let frequent = !frequencies.isEmpty
    let width = MomentIndex.count
    let bins = hasLabels && binary ? 10 : 0
    var sums = [Double](repeating: 0, count: groups.count * width)
    var scored = [Tally](repeating: Tally(), count: groups.count)
    var paired = scored
    var pivots = [Double](repeating: .nan, count: hasLabels ? groups.count : 0)
    var binned = [CalibrationBin](repeating: CalibrationBin(), count: groups.count * bins)
    var outside = [Int](repeating: 0, count: bins > 0 ? groups.count : 0)
    for row in rows {
      let code = Int(codes[row])
      let s = scores[row]
      if code < 0 || s.isNaN { continue }
      let count = frequent ? frequencies[row] : 1
      let w = weighted ? survey[row] : Double(count)
      if w == 0 { continue }
      let square = weighted ? w * w : w
      let at = code &* width
      scored[code].rows &+= count
      scored[code].weight += w
      scored[code].squares += square
      sums[at] += w * s
      sums[at &+ 1] += w * s * s
      guard hasLabels else { continue }
      let y = labels[row]
      if y.isNaN { continue }
      if pivots[code].isNaN { pivots[code] = y }
      paired[code].rows &+= count
      paired[code].weight += w
      paired[code].squares += square
      let error = s - y
      let squared = error * error
      let d = y - pivots[code]
      sums[at &+ 2] += w * d
      sums[at &+ 3] += w * d * d
      sums[at &+ 4] += w * squared
      sums[at &+ 5] += w * squared * squared
      sums[at &+ 6] += w * abs(error)
      sums[at &+ 9] += w * d * d * d
      sums[at &+ 10] += w * d * d * d * d
      sums[at &+ 11] += w * squared * d
      sums[at &+ 12] += w * squared * d * d
      guard binary else { continue }
      let loss = logLoss(label: y, score: s)
      sums[at &+ 7] += w * loss
      sums[at &+ 8] += w * loss * loss
      if s >= 0, s <= 1 {
        let bin = code &* 10 &+ min(9, Int(s * 10))
        binned[bin].tally.rows &+= count
        binned[bin].tally.weight += w
        binned[bin].tally.squares += square
        binned[bin].score += w * s
        binned[bin].label += w * y
        binned[bin].squaredError += w * squared
      } else {
        outside[code] &+= count
      }
    }
    for group in groups.indices {
      var part = Moments()
      part.scored = scored[group]
      part.paired = paired[group]
      for i in 0..<width { part.sums[i] = sums[group * width + i] }
      if hasLabels, !pivots[group].isNaN { part.pivot = pivots[group] }
      if bins > 0, part.paired.rows > 0 {
        part.bins = Array(binned[(group * bins)..<(group * bins + bins)])
        part.outside = outside[group]
      }
      add(part, to: group)
    }
  }
}
