internal import FairpostNumerics

/// Whether a linear model wastes accuracy: whether another one has a smaller risk in every group.
package struct ParetoEfficiency: Sendable {
  /// The model's risk in each group.
  package let risks: [Double]
  /// The shortest mixture of the groups' gradients, over the mean length of these; near 0 where no
  /// direction helps every group.
  package let stationarity: Double
  /// The weights under which the best rival is the minimiser of the weighted risk.
  package let lambda: [Double]
  /// The rival's risk in each group.
  package let rival: [Double]
  /// By how much the rival's risk is smaller in the group that gains least; 0 where none is.
  package let waste: Double

  /// Looks for the rival whose least gain over a model's parameters is largest.
  ///
  /// min over w of max over groups of F_a(w) - f_a is a convex problem; its dual, sum of
  /// lambda_a (F_a(w(lambda)) - f_a), is concave with those differences as its gradient, and both
  /// bounds are watched: so "no rival" is a fact and not a search that gave up.
  package init(
    _ groups: GroupRisks, _ parameters: [Double]
  ) throws(LinearFit.Failure) {
    let own = groups.point(parameters)
    risks = own.risks
    let count = groups.groups
    let lengths = own.gradients.map { Elementwise.dot($0, $0).squareRoot() }
    var weights = [Double](repeating: 1 / Double(count), count: count)
    // The shortest mixture by projected steps on its square, which is a small quadratic.
    let gram = own.gradients.map { a in own.gradients.map { Elementwise.dot(a, $0) } }
    let steep = max(gram.indices.map { gram[$0][$0] }.reduce(0, +), 1e-300)
    for _ in 0..<10_000 {
      let slope = gram.map { Elementwise.dot($0, weights) }
      let next = Simplex.projection(zip(weights, slope).map { $0 - $1 / steep })
      let moved = zip(next, weights).reduce(0) { max($0, abs($1.0 - $1.1)) }
      weights = next
      if moved < 1e-15 { break }
    }
    let square = zip(gram, weights).reduce(0) { $0 + $1.1 * Elementwise.dot($1.0, weights) }
    let mean = lengths.reduce(0, +) / Double(count)
    stationarity = mean > 0 ? max(square, 0).squareRoot() / mean : 0

    var lambda = weights
    var now = try groups.minimiser(lambda, from: parameters)
    func differences(_ point: GroupRisks.Point) -> [Double] {
      zip(point.risks, own.risks).map { $0 - $1 }
    }
    func dual(_ point: GroupRisks.Point, _ lambda: [Double]) -> Double {
      zip(lambda, differences(point)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var best = now
    var bestLambda = lambda
    var step = 1.0
    for _ in 0..<500 {
      let gains = differences(now)
      if (gains.max() ?? 0) < (differences(best).max() ?? 0) { (best, bestLambda) = (now, lambda) }
      let value = dual(now, lambda)
      if (differences(best).max() ?? 0) - value < 1e-9 * max(1, abs(value)) { break }
      var moved = false
      while step > 1e-14 {
        let next = Simplex.projection(zip(lambda, gains).map { $0 + step * $1 })
        let point = try groups.minimiser(next, from: now.parameters)
        if dual(point, next) > value {
          moved = true
          (now, lambda) = (point, next)
          step *= 2
          break
        }
        step /= 4
      }
      if !moved { break }
    }
    self.lambda = bestLambda
    rival = best.risks
    waste = max(0, -(differences(best).max() ?? 0))
  }
}
