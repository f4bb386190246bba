/// Minimisation of a smooth function of many variables from its gradients alone: L-BFGS.
///
/// Nocedal & Wright, "Numerical Optimization" (2006), algorithm 7.4, with a diagonal to begin from
/// and a step that satisfies the weak Wolfe conditions by bisection (Lewis & Overton 2013), or
/// Hager and Zhang's approximate ones (2005) where the value's rounding hides the descent.
package struct QuasiNewton: Sendable {
  /// Steps of which the change of the gradient is remembered.
  package var memory = 20
  /// Steps at most.
  package var limit = 5000
  /// The search ends where the largest entry of the gradient is at most this.
  package var tolerance: Double
  /// How far rounding moves the function's value, relative to it.
  package var rounding: Double

  /// A search from its limits.
  package init(tolerance: Double, rounding: Double = 0x1p-50) {
    self.tolerance = tolerance
    self.rounding = rounding
  }

  /// Where a search ended.
  package struct Result: Sendable {
    /// The place.
    package var place: [Double]
    /// The gradient there.
    package var gradient: [Double]
    /// The value there.
    package var value: Double
    /// Steps taken.
    package var steps: Int
    /// Whether the gradient is within the tolerance.
    package var isWithinTolerance: Bool
  }

  /// Searches from a place.
  ///
  /// - Parameters:
  ///   - scale: for each variable about the second derivative of the function; positive.
  ///   - evaluate: the value at a place, and the gradient put into its second argument.
  /// - Returns: the place with the smallest gradient; where rounding lets the gradient fall no
  ///   further, it may be above the tolerance.
  package func minimise(
    from start: [Double], scale: [Double], _ evaluate: ([Double], inout [Double]) -> Double
  ) -> Result {
    var gradient = [Double](repeating: 0, count: start.count)
    let value = evaluate(start, &gradient)
    var now = Result(
      place: start, gradient: gradient, value: value, steps: 0, isWithinTolerance: false)
    var best = now
    var smallest = Self.largest(gradient)
    var pairs: [Pair] = []
    var idle = 0
    while smallest > tolerance, now.steps < limit, idle < 30, now.value.isFinite {
      var direction = Self.direction(now.gradient, pairs, scale)
      var slope = Elementwise.dot(direction, now.gradient)
      if !(slope < 0) {
        pairs = []
        direction = Self.direction(now.gradient, pairs, scale)
        slope = Elementwise.dot(direction, now.gradient)
        guard slope < 0 else { break }
      }
      guard let next = step(from: now, along: direction, slope: slope, evaluate) else {
        // From here the remembered curvature leads nowhere: once more without it.
        if pairs.isEmpty { break }
        pairs = []
        idle += 1
        continue
      }
      if let pair = Pair(from: now, to: next) {
        pairs.append(pair)
        if pairs.count > memory { pairs.removeFirst() }
      }
      now = next
      let size = Self.largest(now.gradient)
      idle = size < smallest ? 0 : idle + 1
      if size < smallest {
        smallest = size
        best = now
      }
    }
    best.steps = now.steps
    best.isWithinTolerance = smallest <= tolerance
    return best
  }

  /// A step that was taken: how place and gradient changed.
  private struct Pair {
    let move: [Double]
    let change: [Double]
    let product: Double

    /// The change between two places; nil where it tells no curvature.
    init?(from old: Result, to new: Result) {
      var move = old.place
      Elementwise.sum(new.place, -1, times: old.place, into: &move)
      var change = old.gradient
      Elementwise.sum(new.gradient, -1, times: old.gradient, into: &change)
      product = Elementwise.dot(move, change)
      guard
        product > 0x1p-52 * Elementwise.dot(change, change).squareRoot()
          * Elementwise.dot(move, move).squareRoot()
      else { return nil }
      self.move = move
      self.change = change
    }
  }

  /// Minus the gradient times the inverse curvature as the remembered steps tell it.
  private static func direction(
    _ gradient: [Double], _ pairs: [Pair], _ scale: [Double]
  ) -> [Double] {
    var q = gradient
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = Elementwise.dot(pair.move, q) / pair.product
      shares.append(share)
      Elementwise.add(-share, times: pair.change, to: &q)
    }
    // How much the diagonal over- or underrates the curvature that was seen last.
    var factor = 1.0
    if let last = pairs.last {
      var weighted = 0.0
      for i in last.change.indices { weighted += last.change[i] * last.change[i] / scale[i] }
      if weighted > 0 { factor = last.product / weighted }
    }
    for i in q.indices { q[i] = factor * q[i] / scale[i] }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let own = Elementwise.dot(pair.change, q) / pair.product
      Elementwise.add(share - own, times: pair.move, to: &q)
    }
    for i in q.indices { q[i] = -q[i] }
    return q
  }

  /// A place along a direction where value and slope have fallen enough; nil where there is none.
  private func step(
    from now: Result, along direction: [Double], slope: Double,
    _ evaluate: ([Double], inout [Double]) -> Double
  ) -> Result? {
    let noise = rounding * abs(now.value)
    var next = now
    next.steps += 1
    var low = 0.0
    var high = Double.infinity
    var length = 1.0
    for _ in 0..<60 {
      Elementwise.sum(now.place, length, times: direction, into: &next.place)
      next.value = evaluate(next.place, &next.gradient)
      let nextSlope = Elementwise.dot(direction, next.gradient)
      let hasFallen = next.value <= now.value + 1e-4 * length * slope
      let hasFallenAsFarAsSeen =
        next.value <= now.value + noise && nextSlope <= (2e-4 - 1) * slope
      if !next.value.isFinite || !(hasFallen || hasFallenAsFarAsSeen) {
        high = length
      } else if nextSlope < 0.9 * slope {
        low = length
      } else {
        return next
      }
      length = high.isFinite ? (low + high) / 2 : 2 * length
      if length * Self.largest(direction) < 0x1p-60 * (1 + Self.largest(now.place)) { return nil }
    }
    return nil
  }

  private static func largest(_ numbers: [Double]) -> Double {
    var result = 0.0
    for number in numbers { result = max(result, abs(number)) }
    return result
  }
}
