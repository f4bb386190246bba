package import FairpostNumerics

/// Bargaining over the parameters, the first-order ablation of bargaining over rows' weights.
///
/// The players' gradients are those of their own training rows' mean loss in the minibatch (Navon and
/// others, Multi-task learning as a bargaining game, ICML 2022). The agreed weights are brought to a
/// sum of 1, so that the step is as long as one along a loss's gradient. A cell without rows in the
/// minibatch has no say in it.
package struct ParameterStep {
  /// The parameters.
  package var parameters: [Double]
  /// What momentum remembers of the steps before.
  package var buffer: [Double]
  private let shape: NetworkShape
  private let data: LearningData
  private let settings: ReweightSettings
  private let cells: ValidationCells
  private var engine: Differentiator

  /// Ready for the first step.
  ///
  /// - Parameter cells: which cells there are among all training rows.
  package init(
    shape: NetworkShape, data: LearningData, cells: ValidationCells, settings: ReweightSettings,
    parameters: [Double], buffer: [Double]? = nil
  ) {
    self.shape = shape
    self.data = data
    self.cells = cells
    self.settings = settings
    self.parameters = parameters
    self.buffer = buffer ?? [Double](repeating: 0, count: parameters.count)
    engine = Differentiator(shape: shape, threads: settings.threads)
  }

  /// Takes a step on some rows.
  package mutating func take(
    _ rows: [Int], bargains: Bool, stream: inout RandomStream
  ) -> ReweightReport {
    var report = ReweightReport()
    let count = cells.cells.count
    let targets = data.tasks[0].targets
    let loss = shape.soleLoss
    var losses = [Double](repeating: .nan, count: count)
    var gradients: [(cell: Int, gradient: [Double])] = []
    var total = 0.0
    for (place, cell) in cells.cells.enumerated() {
      let own = rows.filter {
        data.groups[$0] == cell.group && (shape.outputs == 1 || Int(targets[$0]) == cell.label)
      }
      guard !own.isEmpty else { continue }
      let part = data.selecting(own)
      let weight = part.weights.reduce(0, +)
      let masks =
        settings.dropout > 0
        ? shape.hidden.map {
          DropoutMask.draw(own.count * $0, share: settings.dropout, &stream)
        } : []
      var gradient = [Double](repeating: 0, count: parameters.count)
      losses[place] = engine.addGradient(
        Objective([
          LossSum(
            loss: loss, targets: part.tasks[0].targets, weights: part.weights.map { $0 / weight })
        ]), parameters, part.batch(), masks: masks, into: &gradient)
      total += losses[place] * Double(own.count)
      gradients.append((place, gradient))
    }
    report.trainingLoss = total / Double(rows.count)
    report.cellLosses = losses
    report.nonzero = 1
    let combined = combine(gradients, bargains, &report)
    for i in parameters.indices {
      buffer[i] = settings.momentum * buffer[i] + (combined[i] + settings.decay * parameters[i])
      parameters[i] -= settings.rate * buffer[i]
    }
    return report
  }

  /// One gradient for all cells that have rows.
  private func combine(
    _ gradients: [(cell: Int, gradient: [Double])], _ bargains: Bool,
    _ report: inout ReweightReport
  ) -> [Double] {
    let present = gradients.map(\.cell)
    let gram = gradients.flatMap { one in
      gradients.map { Elementwise.dot(one.gradient, $0.gradient) }
    }
    func gains(_ coefficients: [Double]) -> [Double] {
      present.indices.map { k in
        present.indices.reduce(0) { $0 + gram[k * present.count + $1] * coefficients[$1] }
      }
    }
    var coefficients = base(present, report.cellLosses)
    var own = gains(coefficients)
    report.conflictsBefore = own.contains { $0 <= 0 }
    if bargains, !present.isEmpty {
      let outcome = NashBargaining.solve(gram: gram, players: present.count, smallest: 1e-12)
      if case .agreement(let weights, _) = outcome {
        var agreed = [Double](repeating: .nan, count: cells.cells.count)
        for (place, cell) in present.enumerated() { agreed[cell] = weights[place] }
        report.outcome = .agreed(agreed)
        let sum = weights.reduce(0, +)
        coefficients = weights.map { $0 / sum }
        own = gains(coefficients)
      } else {
        report.outcome = .nothing
      }
    }
    report.conflicts = own.contains { $0 <= 0 }
    let norm = max(zip(coefficients, own).reduce(0) { $0 + $1.0 * $1.1 }, 0).squareRoot()
    report.utilities = [Double](repeating: .nan, count: cells.cells.count)
    for (place, cell) in present.enumerated() {
      report.utilities[cell] = norm > 0 ? own[place] / norm : 0
    }
    report.utilitiesAfter = report.utilities
    var sum = [Double](repeating: 0, count: parameters.count)
    for (coefficient, one) in zip(coefficients, gradients) {
      Elementwise.add(coefficient, times: one.gradient, to: &sum)
    }
    return sum
  }

  /// The base protocol among the cells that have rows.
  private func base(_ present: [Int], _ losses: [Double]) -> [Double] {
    func mean(_ group: Int32?) -> [Double] {
      let own = present.map { group == nil || cells.cells[$0].group == group ? 1.0 : 0 }
      let count = own.reduce(0, +)
      return own.map { count > 0 ? $0 / count : 0 }
    }
    let means = cells.groups.compactMap { group -> (group: Int32, loss: Double)? in
      let own = present.filter { cells.cells[$0].group == group }
      guard !own.isEmpty else { return nil }
      return (group, own.reduce(0) { $0 + losses[$1] } / Double(own.count))
    }
    let worst = means.max { $0.loss < $1.loss }?.group
    let best = means.min { $0.loss < $1.loss }?.group
    switch settings.base {
    case .ltr: return mean(nil)
    case .gdro: return mean(worst)
    case .forml: return zip(mean(worst), mean(best)).map { $0 - $1 }
    }
  }
}
