internal import FairpostNumerics

/// Where a walk over the groups' levels is cut into stretches.
///
/// The cuts are levels, and every step up to a level belongs before its cut, so that the stretches
/// follow one another. They depend on nothing but the distributions.
struct SweepCuts: Sendable {
  /// The index of each group's first step behind a cut; from no step at all to every step.
  let places: [[Int]]

  /// The number of stretches.
  var count: Int { places.count - 1 }

  /// The cuts of a walk: none in a short one, nor where groups have few steps to a stretch.
  init(_ groups: [Distribution]) {
    let steps = groups.reduce(0) { $0 + $1.values.count }
    self.init(groups, stretches: steps >= 1 << 17 && steps >= groups.count << 10 ? 64 : 1)
  }

  /// A given number of stretches, at equal distances of level.
  init(_ groups: [Distribution], stretches: Int) {
    places = (0...stretches).map { cut in
      if cut == 0 { return [Int](repeating: 0, count: groups.count) }
      if cut == stretches { return groups.map(\.values.count) }
      let level = Double(cut) / Double(stretches)
      return groups.map { $0.steps(through: level) }
    }
  }
}

extension Distribution {
  /// How many values have a level of at most the one given.
  fileprivate func steps(through level: Double) -> Int {
    let total = self.total
    return values.indices.firstPlace { sum(through: $0) / total > level }
  }
}
