internal import FairpostNumerics

/// One task of meta-learning: what is adapted to, and what judges the adapted parameters.
package struct MetaTask: Sendable {
  /// Rows of the inner steps.
  package var support: Batch
  /// The function the inner steps descend (L + gamma R on the support rows).
  package var supportObjective: Objective
  /// Rows of the outer loss.
  package var query: Batch
  /// The function of the adapted parameters (L + gamma R on the query rows).
  package var queryObjective: Objective

  /// A task from its parts.
  package init(
    support: Batch, supportObjective: Objective, query: Batch, queryObjective: Objective
  ) {
    self.support = support
    self.supportObjective = supportObjective
    self.query = query
    self.queryObjective = queryObjective
  }
}

/// How far the outer gradient follows the inner steps.
package enum MetaOrder: String, Sendable, CaseIterable {
  /// Exactly: through every inner step, Hessian included.
  case second
  /// The query gradient at the adapted parameters, as if they did not depend on the start.
  case first
}

/// The gradient of a query loss after inner gradient steps, with respect to where they start.
///
/// theta_i = theta_{i-1} - rate grad S(theta_{i-1}) for i = 1...steps; then u = grad Q(theta_I), and
/// going back u = u - rate Hessian S(theta_i) u for i = I-1...0. Exact, nothing is truncated.
package struct MetaGradient: Sendable {
  /// The inner step size.
  package let rate: Double
  /// Inner steps.
  package let steps: Int
  /// Whether the Hessians are there.
  package let order: MetaOrder
  private var support: Differentiator
  private var query: Differentiator
  private var path: [[Double]]
  private var innerGradient: [Double]
  private var direction: [Double]
  private var product: [Double]

  /// A meta-gradient for a shape.
  package init(
    shape: NetworkShape, rate: Double, steps: Int, order: MetaOrder, threads: Int = 1
  ) {
    self.rate = rate
    self.steps = steps
    self.order = order
    support = Differentiator(shape: shape, threads: threads)
    query = Differentiator(shape: shape, threads: threads)
    innerGradient = [Double](repeating: 0, count: shape.parameterCount)
    direction = innerGradient
    product = innerGradient
    path = [[Double]](repeating: innerGradient, count: steps + 1)
  }

  /// What the adapted network gave for the query rows of the last call.
  package var queryOutputs: [Double] { query.outputs }

  /// Outputs of a row.
  var width: Int { query.shape.outputs }

  /// The parameters after the inner steps.
  package mutating func adapt(_ task: MetaTask, _ parameters: [Double]) -> [Double] {
    path[0] = parameters
    for i in 0..<steps {
      Elementwise.clear(&innerGradient)
      _ = support.addGradient(
        task.supportObjective, path[i], task.support, into: &innerGradient)
      var next = path[i]
      Elementwise.add(-rate, times: innerGradient, to: &next)
      path[i + 1] = next
    }
    return path[steps]
  }

  /// The query loss after the inner steps; its gradient is added to `gradient`.
  package mutating func addGradient(
    _ task: MetaTask, _ parameters: [Double], into gradient: inout [Double]
  ) -> Double {
    let adapted = adapt(task, parameters)
    Elementwise.clear(&direction)
    let value = query.addGradient(task.queryObjective, adapted, task.query, into: &direction)
    if order == .second {
      for i in stride(from: steps - 1, through: 0, by: -1) {
        Elementwise.clear(&product)
        support.addHessianProduct(
          task.supportObjective, path[i], direction, task.support, into: &product)
        Elementwise.add(-rate, times: product, to: &direction)
      }
    }
    Elementwise.add(1, times: direction, to: &gradient)
    return value
  }
}
