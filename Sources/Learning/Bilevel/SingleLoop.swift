internal import FairpostNumerics

/// Model, adjoint and weights of the groups moved together, a step each at a time.
///
/// BADR-GD, and BADR-SGD where a step sees some rows only:
///
///     w      <- w - rho sum_a lambda_a grad F_a(w)
///     v      <- v - rho (sum_a lambda_a hess F_a(w) v + grad Fair(w))
///     lambda <- projection of lambda - gamma q min(1, c / |q|),  q_a = <grad F_a(w), v>
///
/// all from the same place. v follows -H^-1 grad Fair, so q follows the derivative by lambda.
package struct SingleLoop: Sendable {
  /// The step of model and adjoint.
  package var innerStep = 0.1
  /// The step of the weights.
  package var outerStep = 0.01
  /// The largest norm of q that is not cut.
  package var clip = 1.0

  /// The usual steps.
  package init() {}

  /// Where the loop stands.
  package struct State: Sendable, Equatable {
    package var parameters: [Double]
    package var adjoint: [Double]
    package var lambda: [Double]

    /// A beginning.
    package init(parameters: [Double], adjoint: [Double], lambda: [Double]) {
      self.parameters = parameters
      self.adjoint = adjoint
      self.lambda = lambda
    }
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - batch: the rows of this step: gradients and Hessians of the groups are theirs.
  ///   - whole: all rows, which the objective is of.
  ///   - decay: both steps are divided by it.
  package func step(
    _ state: State, _ batch: GroupRisks, _ whole: GroupRisks, _ objective: UpperObjective,
    decay: Double = 1
  ) -> State {
    let point = batch.point(state.parameters)
    let full = batch.rows == whole.rows ? point : whole.point(state.parameters)
    let fair = objective.evaluate(whole, at: full).gradient
    var next = state
    let rho = innerStep / decay
    for (group, weight) in state.lambda.enumerated() where weight != 0 {
      Elementwise.add(-rho * weight, times: point.gradients[group], to: &next.parameters)
      Elementwise.add(
        -rho * weight, times: batch.hessianProduct(group, state.adjoint, at: point),
        to: &next.adjoint)
    }
    Elementwise.add(-rho, times: fair, to: &next.adjoint)
    let q = point.gradients.map { Elementwise.dot($0, state.adjoint) }
    let norm = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = outerStep / decay * (norm > clip ? clip / norm : 1)
    next.lambda = Simplex.projection(zip(state.lambda, q).map { $0 - scale * $1 })
    return next
  }
}
