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
  package func model(
    _ lambda: [Double], from start: [Double]
  ) throws(LinearFit.Failure) -> Model {
    let point = try risks.minimiser(lambda, from: start)
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
    let seeds = try (risks.groups == 2 ? grid(baselines[0].model) : baselines.map(\.model))
    var best = (baselines.map(\.model) + seeds).min { $0.value < $1.value } ?? baselines[0].model
    var steps = 0
    // The objective may have several valleys: the best few starts go down each its own.
    for seed in seeds.sorted(by: { $0.value < $1.value }).prefix(3) {
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

  /// Models along the segment of two groups, the best place refined between its neighbours.
  private func grid(_ centre: Model) throws(LinearFit.Failure) -> [Model] {
    let cuts = 32
    var models: [Model] = []
    var parameters = centre.point.parameters
    for cut in 0...cuts {
      let share = Double(cut) / Double(cuts)
      let next = try model([share, 1 - share], from: parameters)
      parameters = next.point.parameters
      models.append(next)
    }
    guard let place = models.indices.min(by: { models[$0].value < models[$1].value }) else {
      return models
    }
    // Between its neighbours the slope changes its sign: halving by it finds the place to more digits
    // than values, which are flat there, could.
    var low = models[max(place - 1, 0)]
    var high = models[min(place + 1, cuts)]
    func slope(_ model: Model) throws(LinearFit.Failure) -> Double {
      let slopes = try slopes(model)
      return slopes[0] - slopes[1]
    }
    guard try slope(low) < 0, try slope(high) > 0 else { return models }
    while high.lambda[0] - low.lambda[0] > 1e-10 {
      let share = (low.lambda[0] + high.lambda[0]) / 2
      let middle = try model([share, 1 - share], from: low.point.parameters)
      if try slope(middle) > 0 { high = middle } else { low = middle }
    }
    models.append(low.value <= high.value ? low : high)
    return models
  }
}
