internal import FairpostNumerics

/// A rule that turns gradients into steps, with what it remembers between them.
package struct Optimiser: Sendable {
  /// Which rule.
  package enum Rule: Sendable, Hashable {
    /// Stochastic gradient descent: m = momentum m + g + decay p; p = p - rate m.
    case sgd(momentum: Double, decay: Double)
    /// Adam (Kingma & Ba 2015), with the decay inside the gradient.
    case adam(beta1: Double, beta2: Double, epsilon: Double, decay: Double)
    /// Adam with the decay apart from the gradient (Loshchilov & Hutter 2019).
    case adamW(beta1: Double, beta2: Double, epsilon: Double, decay: Double)

    /// Plain Adam with the usual constants.
    package static let usualAdam = Rule.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0)
  }

  /// The rule.
  package let rule: Rule
  /// The step size; it may be changed between steps.
  package var rate: Double
  /// The largest Euclidean norm a gradient may have; longer ones are shortened to it.
  package var clip: Double?
  /// Steps taken.
  package private(set) var steps = 0
  private var first: [Double]
  private var second: [Double]

  /// An optimiser for a number of parameters.
  package init(_ rule: Rule, rate: Double, count: Int, clip: Double? = nil) {
    self.rule = rule
    self.rate = rate
    self.clip = clip
    first = [Double](repeating: 0, count: count)
    if case .sgd = rule { second = [] } else { second = first }
  }

  /// Moves the parameters against the gradient.
  package mutating func step(_ parameters: inout [Double], gradient: [Double]) {
    precondition(parameters.count == gradient.count && first.count == gradient.count)
    steps += 1
    var gradient = gradient
    if let clip {
      let norm = Elementwise.dot(gradient, gradient).squareRoot()
      if norm > clip { for i in gradient.indices { gradient[i] *= clip / norm } }
    }
    switch rule {
    case .sgd(let momentum, let decay):
      for i in gradient.indices {
        first[i] = momentum * first[i] + (gradient[i] + decay * parameters[i])
        parameters[i] -= rate * first[i]
      }
    case .adam(let beta1, let beta2, let epsilon, let decay):
      if decay != 0 { Elementwise.add(decay, times: parameters, to: &gradient) }
      adam(&parameters, gradient, beta1, beta2, epsilon, decay: 0)
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      adam(&parameters, gradient, beta1, beta2, epsilon, decay: decay)
    }
  }

  private mutating func adam(
    _ parameters: inout [Double], _ gradient: [Double], _ beta1: Double, _ beta2: Double,
    _ epsilon: Double, decay: Double
  ) {
    Elementwise.adam(
      parameters: &parameters, first: &first, second: &second, gradient: gradient, rate: rate,
      beta1: beta1, beta2: beta2, epsilon: epsilon,
      correction1: 1 - Elementwise.power(beta1, steps),
      correction2: 1 - Elementwise.power(beta2, steps), decay: decay)
  }
}
