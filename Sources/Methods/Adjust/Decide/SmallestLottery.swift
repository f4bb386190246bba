extension GroupCurve {
  /// The lottery among thresholds that reaches a point while as little weight as possible depends on it.
  ///
  /// A lottery decides only the scores between its first and its last threshold by lot. So what is wanted is
  /// the narrowest stretch of the curve whose convex hull holds the point. The curve passes the point on one
  /// side; a stretch from A to B holds the point where the chord AB passes it on the other. The slopes from
  /// each A to the point and from the point to each B decide that, so that two walks outwards from the point
  /// find the narrowest pair. Nil where no stretch holds the point.
  func smallestLottery(reaching point: LabelWeights) -> RuleLottery? {
    let totals = totals
    let (x, y) = (1 / max(totals.negatives, 1e-300), 1 / max(totals.positives, 1e-300))
    let goal = Place(x: point.negatives * x, y: point.positives * y)
    var places = thresholds.indices.map { Place(x: negatives[$0] * x, y: positives[$0] * y) }
    let near = 1e-13
    // The curve rises in both directions: what lies below the point on the left comes first.
    let below = places.prefix { $0.x <= goal.x + near && $0.y <= goal.y + near }.count - 1
    let above = places.firstIndex { $0.x >= goal.x - near && $0.y >= goal.y - near }
    guard below >= 0, let above else { return nil }
    if above <= below { return RuleLottery(rule(above)) }
    var goalSeen = goal
    let passesLeft =
      below + 1 < above
      ? places[below + 1].y > goal.y
      : (places[above] - places[below]).cross(goal - places[below]) <= 0
    if !passesLeft {
      // The other side is this one with the two labels exchanged.
      places = places.map { Place(x: $0.y, y: $0.x) }
      goalSeen = Place(x: goal.y, y: goal.x)
    }
    guard let (first, last) = stretch(places, around: goalSeen, below, above) else { return nil }
    return mixture(places, from: first, to: last, reaching: goalSeen)
  }

  /// The narrowest stretch of a curve that passes a point on its left, and holds it.
  private func stretch(
    _ places: [Place], around goal: Place, _ below: Int, _ above: Int
  ) -> (Int, Int)? {
    // Ends further on are of use only where the slope from the point is less.
    var ends: [Int] = []
    for end in above..<places.count {
      if let last = ends.last, (places[end] - goal).cross(places[last] - goal) <= 0 { continue }
      ends.append(end)
    }
    var best: (first: Int, last: Int, weight: Double)?
    var steepest: Place?
    var count = ends.count
    for start in stride(from: below, through: 0, by: -1) {
      let step = goal - places[start]
      if let steepest, steepest.cross(step) <= 0 { continue }
      steepest = step
      func holds(_ end: Int) -> Bool {
        let onward = places[end] - goal
        return onward.cross(step) >= -1e-15 * (step.size + onward.size)
      }
      guard let farthest = ends.prefix(count).last, holds(farthest) else { continue }
      while count > 1, holds(ends[count - 2]) { count -= 1 }
      let weight = decided(ends[count - 1]).all - decided(start).all
      if let best, weight >= best.weight { continue }
      best = (start, ends[count - 1], weight)
    }
    return best.map { ($0.first, $0.last) }
  }

  /// The mixture of a stretch's first threshold and the edge of its hull that lies beyond the point.
  private func mixture(
    _ places: [Place], from first: Int, to last: Int, reaching goal: Place
  ) -> RuleLottery? {
    var corners = [first]
    for next in (first + 1)...last {
      while corners.count > 1 {
        let (a, b) = (places[corners[corners.count - 2]], places[corners[corners.count - 1]])
        if (b - a).cross(places[next] - a) < 0 { break }
        corners.removeLast()
      }
      corners.append(next)
    }
    let start = places[first]
    let step = goal - start
    func height(_ corner: Int) -> Double { step.cross(places[corners[corner]] - start) }
    var place = 1
    while place < corners.count - 1, height(place) >= 0 { place += 1 }
    // The ray from the first threshold leaves the hull between the corners before and at this place.
    let isEdge = place == 1
    let (above, below) = (isEdge ? 1 : height(place - 1), isEdge ? 0 : height(place))
    let share = isEdge || above <= below ? 1 : max(0, min(1, above / (above - below)))
    let (left, right) = (places[corners[place - 1]], places[corners[place]])
    let span = Place(
      x: left.x + share * (right.x - left.x) - start.x,
      y: left.y + share * (right.y - left.y) - start.y)
    let part = span.x >= span.y ? step.x / span.x : step.y / span.y
    guard part <= 1 + 1e-12 else { return nil }
    let reached = min(part, 1)
    var shares = [(rule(first), 1 - reached), (rule(corners[place]), reached * share)]
    if !isEdge { shares.insert((rule(corners[place - 1]), reached * (1 - share)), at: 1) }
    return RuleLottery(shares.map { (rule: $0.0, weight: $0.1) })
  }

  private func decided(_ place: Int) -> LabelWeights {
    LabelWeights(negatives: negatives[place], positives: positives[place])
  }

  /// The rule of a threshold.
  func rule(_ place: Int) -> DecisionRule {
    DecisionRule(
      threshold: thresholds[place], isReversed: false, decided: decided(place))
  }
}

/// A point or a step in the plane of the two rates.
private struct Place {
  let x: Double
  let y: Double

  var size: Double { abs(x) + abs(y) }

  /// Above 0 where the other turns to the left of this.
  func cross(_ other: Place) -> Double { x * other.y - y * other.x }

  static func - (left: Place, right: Place) -> Place {
    Place(x: left.x - right.x, y: left.y - right.y)
  }
}
