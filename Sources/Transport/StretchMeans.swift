/// The means of the average quantile function over the atoms that end in one stretch of the walk.
///
/// An atom's interval may begin in an earlier stretch. So for each group the integral up to its first
/// step here and from its last one on are kept, from which `joined` makes the means that are missing.
struct StretchMeans: Sendable {
  /// The means, group after group; at a group's first step the average's value there.
  private let means: [Double]
  /// Where each group's means begin.
  private let offsets: [Int]
  /// The integral of the average over the stretch.
  private let integral: DoubleDouble
  /// The integral up to the end of each group's first step, and the level there.
  private let firsts: [(integral: DoubleDouble, level: Double)]
  /// The integral up to the end of each group's last step, and the level there.
  private let lasts: [(integral: DoubleDouble, level: Double)]

  init(_ groups: [Distribution], shares: [Double], cuts: SweepCuts, stretch: Int) {
    var offsets = [0]
    for (start, end) in zip(cuts.places[stretch], cuts.places[stretch + 1]) {
      offsets.append(offsets[offsets.count - 1] + end - start)
    }
    let none = (integral: DoubleDouble(), level: 0.0)
    var meanList = [Double](repeating: 0, count: offsets[groups.count])
    var firstList = [(integral: DoubleDouble, level: Double)](repeating: none, count: groups.count)
    var lastList = firstList
    var placeList = offsets
    // Spans, since a list is asked at every write whether it is shared.
    var mean = meanList.mutableSpan
    var first = firstList.mutableSpan
    var last = lastList.mutableSpan
    var next = placeList.mutableSpan
    var integral = DoubleDouble()
    QuantileSweep.walk(groups, shares: shares, cuts: cuts, stretch: stretch) {
      from, level, value, group in
      if level > from {
        integral.addProduct(value.high, level - from)
        integral.low += value.low * (level - from)
      }
      let place = next[group]
      next[group] = place &+ 1
      if place == offsets[group] {
        mean[place] = value.value
        first[group] = (integral, level)
      } else {
        let width = level - last[group].level
        mean[place] =
          width > 0 ? integral.minus(last[group].integral) / width : value.value
      }
      last[group] = (integral, level)
    }
    self.offsets = offsets
    self.integral = integral
    means = meanList
    firsts = firstList
    lasts = lastList
  }

  /// All means of a group, not descending: rounding may not turn the order of two values round.
  static func joined(_ stretches: [StretchMeans], group: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(
      stretches.reduce(0) { $0 + $1.offsets[group + 1] - $1.offsets[group] })
    // The integral since the group's last step, and the level there.
    var since = DoubleDouble()
    var level = 0.0
    var greatest = -Double.infinity
    for stretch in stretches {
      let range = stretch.offsets[group]..<stretch.offsets[group + 1]
      guard let start = range.first else {
        since.add(stretch.integral)
        continue
      }
      let end = stretch.firsts[group]
      since.add(end.integral)
      let width = end.level - level
      greatest = max(width > 0 ? since.value / width : stretch.means[start], greatest)
      result.append(greatest)
      for mean in stretch.means[range].dropFirst() {
        greatest = max(mean, greatest)
        result.append(greatest)
      }
      since = stretch.integral
      since.subtract(stretch.lasts[group].integral)
      level = stretch.lasts[group].level
    }
    return result
  }
}
