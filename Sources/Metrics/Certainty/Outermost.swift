/// The groups that can be one side of the two farthest apart.
///
/// How far two groups are apart, bounds included, rises with the one's value and falls with the
/// other's, and rises (or falls) with the distance of either's bound from its value. A group that two
/// others beat in both is in no farthest pair that one of these two would not do better in: one layer
/// of undominated groups, and a second one because a group cannot be paired with itself.
enum Outermost {
  /// At which end values are sought.
  enum End { case highest, lowest }

  /// The groups that at most one other beats in value and in the distance of the bound.
  ///
  /// - Parameter far: whether a bound far from its value makes the pair's larger, or a near one.
  static func groups(_ values: [Double], _ distances: [Double], _ end: End, far: Bool) -> [Int] {
    let turn = end == .highest ? 1.0 : -1.0
    let sign = far ? 1.0 : -1.0
    let order = values.indices.sorted {
      let (a, b) = (turn * values[$0], turn * values[$1])
      if a != b { return a > b }
      let (c, d) = (sign * distances[$0], sign * distances[$1])
      return c == d ? $0 < $1 : c > d
    }
    var best = (-Double.infinity, -Double.infinity)
    var kept: [Int] = []
    for index in order {
      let own = sign * distances[index]
      if best.1 >= own { continue }
      kept.append(index)
      best = own > best.0 ? (own, best.0) : (best.0, own)
    }
    return kept
  }
}
