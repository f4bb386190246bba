internal import FairpostNumerics

/// Which weights of the groups give the fairest of all Pareto-efficient models.
///
///     minimise Fair(w(lambda)) over the simplex, w(lambda) = argmin sum_a lambda_a F_a(w)
///
/// The lower level is solved by Newton's method, the derivative by lambda comes from one more solve
/// with its Hessian: with H v = -grad Fair, d/dlambda_a = <grad F_a, v>.
package struct ParetoSearch: Sendable {
  /// The risks of the groups.
  package let risks: GroupRisks
  /// What is made small.
  package let objective: UpperObjective
  /// Steps of each search at most.
  package var limit = 200

  /// A search.
  package init(_ risks: GroupRisks, _ objective: UpperObjective) {
    self.risks = risks
    self.objective = objective
  }

  /// A model of the front.
  package struct Model: Sendable {
    /// The groups' weights.
    package let lambda: [Double]
    /// The model's parameters, risks and outputs.
    package let point: GroupRisks.Point
    /// The objective.
    package let value: Double
    /// The objective's gradient by the parameters.
    let gradient: [Double]
  }

  /// The model of some weights.
  ///
  /// - Parameter tolerance: how small the lower level's gradient must be.
  package func model(
    _ lambda: [Double], from start: [Double], tolerance: Double = 1e-11
  ) throws(LinearFit.Failure) -> Model {
    let point = try risks.minimiser(lambda, from: start, tolerance: tolerance)
    let (value, gradient) = objective.evaluate(risks, at: point)
    return Model(lambda: lambda, point: point, value: value, gradient: gradient)
  }

  /// The derivatives of the objective by the weights; weighted by them they sum to 0.
  package func slopes(_ model: Model) throws(LinearFit.Failure) -> [Double] {
    let hessian = risks.hessian(model.lambda, at: model.point)
    guard let factor = Cholesky(hessian, order: model.gradient.count) else { throw .singular }
    let adjoint = factor.solve(model.gradient)
    return model.point.gradients.map { -Elementwise.dot($0, adjoint) }
  }

  /// Weights that stand for other ways to train, by name: what a search is never worse than.
  package func baselines(from start: [Double]) throws(LinearFit.Failure) -> [(
    name: String, model: Model
  )] {
    let groups = risks.groups
    let uniform = [Double](repeating: 1 / Double(groups), count: groups)
    let total = risks.totals.reduce(0, +)
    let inverse = risks.totals.map { total / $0 }
    let sum = inverse.reduce(0, +)
    var found = [("uniform", try model(uniform, from: start))]
    let center = found[0].1.point.parameters
    found.append(("balanced", try model(inverse.map { $0 / sum }, from: center)))
    found.append(("rows", try model(risks.totals.map { $0 / total }, from: center)))
    found.append(("minimax", try minimax(from: center)))
    for group in 0..<groups {
      var vertex = [Double](repeating: 0, count: groups)
      vertex[group] = 1
      found.append(("only \(group)", try model(vertex, from: center)))
    }
    return found
  }

  /// The weights under which the largest risk of a group is least: the best of the dual, which is
  /// concave with the risks as its gradient.
  package func minimax(from start: [Double]) throws(LinearFit.Failure) -> Model {
    let groups = risks.groups
    func dual(_ model: Model) -> Double {
      zip(model.lambda, model.point.risks).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var now = try model(
      [Double](repeating: 1 / Double(groups), count: groups), from: start)
    if groups == 2 { return try evenRisks(from: now) }
    var step = 1.0
    for _ in 0..<limit {
      let mean = dual(now)
      // Where all weighted groups have the largest risk, nothing is left to gain.
      if (now.point.risks.max() ?? 0) - mean < 1e-10 * max(1, mean) { break }
      var moved = false
      while step > 1e-12 {
        let lambda = Simplex.projection(
          zip(now.lambda, now.point.risks).map { $0 + step * ($1 - mean) })
        let next = try model(lambda, from: now.point.parameters)
        if dual(next) > mean {
          moved = dual(next) - mean > 1e-13 * max(1, abs(mean))
          now = next
          step *= 2
          break
        }
        step /= 4
      }
      if !moved { break }
    }
    return now
  }

  /// The best weights found, never worse than any baseline; the baselines are listed beside.
  package func best(
    from start: [Double], log: (Int, Model) -> Void = { _, _ in }
  ) throws(LinearFit.Failure) -> (
    model: Model, baselines: [(name: String, model: Model)], steps: Int
  ) {
    let baselines = try baselines(from: start)
    var best = baselines.map(\.model).min { $0.value < $1.value } ?? baselines[0].model
    var steps = 0
    if risks.groups == 2 {
      let scale = baselines.reduce(0) { max($0, abs($1.model.value)) }
      let valleys = try valleys(baselines[0].model)
      for valley in valleys {
        steps += 1
        log(steps, valley)
      }
      let found = valleys.dropFirst().reduce(valleys[0]) { isBetter($1, than: $0, scale) ? $1 : $0 }
      if found.value < best.value { best = found }
      return (best, baselines, steps)
    }
    // The objective may have several valleys: the best few starts go down each its own.
    for seed in baselines.map(\.model).sorted(by: { $0.value < $1.value }).prefix(3) {
      var now = seed
      var step = 1.0
      for _ in 0..<limit {
        let slopes = try slopes(now)
        let scale = slopes.reduce(0) { max($0, abs($1)) }
        guard scale > 0 else { break }
        var gain = 0.0
        step = min(step, 1 / scale)
        while step * scale > 1e-14 {
          let lambda = Simplex.projection(zip(now.lambda, slopes).map { $0 - step * $1 })
          let move = zip(lambda, now.lambda).map { $0 - $1 }
          let slope = zip(move, slopes).reduce(0) { $0 + $1.0 * $1.1 }
          guard slope < 0 else {
            step /= 4
            continue
          }
          let next = try model(lambda, from: now.point.parameters)
          if next.value <= now.value + 1e-4 * slope {
            gain = now.value - next.value
            // Where the slope has turned, the place between both is nearer.
            now = next
            step *= 2
            break
          }
          step /= 4
        }
        steps += 1
        log(steps, now)
        if gain <= 1e-15 * max(1, abs(now.value)) { break }
      }
      if now.value < best.value { best = now }
    }
    return (best, baselines, steps)
  }
}

// MARK: Two groups

/// The front of two groups is a line, and what is searched on it is found to the last digits.
extension ParetoSearch {
  /// Weights of the first group at which the line is looked at.
  private static let cuts = 32

  /// The best model of every valley of the objective, a few at most.
  ///
  /// Where the valleys are need not be known to many digits, only where they end: between the
  /// neighbours of each least value the slope changes its sign, which finds the place to more digits
  /// than values, which are flat there, could.
  private func valleys(_ centre: Model) throws(LinearFit.Failure) -> [Model] {
    var models: [Model] = []
    var starts = [centre.point.parameters]
    for cut in 0...Self.cuts {
      let share = Double(cut) / Double(Self.cuts)
      let next = try model(share, from: starts, tolerance: 1e-6)
      // The models move smoothly along the line: the next is where the last two point, as a rule.
      starts = [next.point.parameters]
      if let last = models.last?.point.parameters {
        starts.insert(zip(starts[0], last).map { 2 * $0 - $1 }, at: 0)
      }
      models.append(next)
    }
    let least = models.indices.filter { place in
      (place == 0 || models[place].value <= models[place - 1].value)
        && (place == Self.cuts || models[place].value <= models[place + 1].value)
    }
    return try least.sorted { models[$0].value < models[$1].value }.prefix(3).map {
      (place) throws(LinearFit.Failure) in
      let low = models[max(place - 1, 0)]
      let high = models[min(place + 1, Self.cuts)]
      return try turn(between: low, high) { (model) throws(LinearFit.Failure) in
        let slopes = try slopes(model)
        return slopes[0] - slopes[1]
      }
    }
  }

  /// Whether a model is fairer, or as fair to twelve digits of what is at stake with a smaller mean loss:
  /// an objective may be 0 in several places.
  private func isBetter(_ one: Model, than other: Model, _ scale: Double) -> Bool {
    func loss(_ model: Model) -> Double {
      zip(risks.totals, model.point.losses).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let difference = one.value - other.value
    return abs(difference) > 1e-12 * scale ? difference < 0 : loss(one) < loss(other)
  }

  /// The model of the first group's weight, from the first start that leads there.
  private func model(
    _ share: Double, from starts: [[Double]], tolerance: Double = 1e-11
  ) throws(LinearFit.Failure) -> Model {
    for start in starts.dropLast() {
      do { return try model([share, 1 - share], from: start, tolerance: tolerance) } catch {
        continue
      }
    }
    return try model([share, 1 - share], from: starts[starts.count - 1], tolerance: tolerance)
  }

  /// The weights under which both risks are the same, or as near to it as weights bring them.
  private func evenRisks(from centre: Model) throws(LinearFit.Failure) -> Model {
    let low = try model([0, 1], from: centre.point.parameters)
    let high = try model([1, 0], from: centre.point.parameters)
    // More weight on a group makes its risk smaller.
    return try turn(between: low, high) { $0.point.risks[1] - $0.point.risks[0] }
  }

  /// The model between two at which a rising figure is 0, to the last digits; an end where it has one
  /// sign.
  ///
  /// False position with the Illinois rule: where an end stays twice, its figure counts half.
  private func turn(
    between first: Model, _ second: Model,
    _ figure: (Model) throws(LinearFit.Failure) -> Double
  ) throws(LinearFit.Failure) -> Model {
    func exact(_ share: Double, _ near: Model) throws(LinearFit.Failure) -> Model {
      try model([share, 1 - share], from: near.point.parameters)
    }
    var low = try exact(first.lambda[0], first)
    var high = try exact(second.lambda[0], second)
    var below = try figure(low)
    var above = try figure(high)
    guard below < 0, above > 0 else {
      return below >= 0 ? (above > 0 ? low : (low.value <= high.value ? low : high)) : high
    }
    var best = low
    let scale = max(-below, above)
    var lastWasLow: Bool?
    for _ in 0..<60 where high.lambda[0] - low.lambda[0] > 1e-12 {
      let (a, b) = (low.lambda[0], high.lambda[0])
      var share = (a * above - b * below) / (above - below)
      if !(share > a && share < b) { share = (a + b) / 2 }
      if share <= a || share >= b { break }
      let middle = try exact(share, share - a < b - share ? low : high)
      let value = try figure(middle)
      best = middle
      if abs(value) <= 1e-13 * scale { break }
      if value > 0 {
        (high, above) = (middle, value)
        if lastWasLow == false { below /= 2 }
        lastWasLow = false
      } else {
        (low, below) = (middle, value)
        if lastWasLow == true { above /= 2 }
        lastWasLow = true
      }
    }
    return best
  }
}
