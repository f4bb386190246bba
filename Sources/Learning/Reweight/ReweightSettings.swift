/// How the weights of a minibatch's rows are brought to a size.
package enum WeightNorm: String, Sendable, Hashable, CaseIterable {
  /// Their squares add up to 1.
  case l2
  /// They add up to 1.
  case l1
  /// They are left as they are.
  case none
}

/// How rows' weights are learned from validation cells, minibatch by minibatch.
package struct ReweightSettings: Sendable {
  /// Where players bargain.
  package enum Rule: Sendable, Hashable {
    /// Over the rows' weights, by hypergradients, while the epoch, counted from 1, is below
    /// `epochs`; then, and where they cannot agree, the base protocol decides.
    case bargain(epochs: Int)
    /// The base protocol decides.
    case base
    /// Over the parameters, by the gradients of the cells' losses among the training rows.
    case parameters(epochs: Int)
    /// The rows with the largest losses, this share of the minibatch, each with weight 1.
    case largest(share: Double)
  }

  /// Where the weights come from.
  package var rule = Rule.bargain(epochs: 15)
  /// The protocol without bargaining.
  package var base = BaseProtocol.gdro
  /// Who bargains.
  package var players = ValidationCells.Players.cell
  /// What a validation row costs.
  package var loss = ValidationLoss.crossEntropyAndSoftF1
  /// The size of the weights.
  package var norm = WeightNorm.l2
  /// Passes over the rows.
  package var epochs = 50
  /// Rows of a minibatch; nil takes all rows at once.
  package var batchSize: Int? = 128
  /// The step size.
  package var rate = 1e-3
  /// The momentum of a step.
  package var momentum = 0.9
  /// The decay inside a step.
  package var decay = 5e-4
  /// The share of hidden units dropped.
  package var dropout = 0.0
  /// What random choices are keyed by.
  package var seed: UInt64 = 1
  /// Threads; the result does not depend on them.
  package var threads = 1

  /// The defaults.
  package init() {}
}

/// What happened in one minibatch.
package struct ReweightReport: Sendable {
  /// The mean training loss of the rows, before the step.
  package var trainingLoss = Double.nan
  /// Each cell's validation loss at the shadow point.
  package var cellLosses: [Double] = []
  /// Whether the base protocol's direction is no gain for some player.
  package var conflictsBefore = false
  /// Whether the direction taken is no gain for some player.
  package var conflicts = false
  /// What bargaining came to; nil where nobody bargained.
  package var outcome: NashOutcome?
  /// Each cell's first-order fall of validation loss for weights of norm 1, before and after
  /// negative weights are cut off.
  package var utilities: [Double] = []
  package var utilitiesAfter: [Double] = []
  /// The share of rows with a weight.
  package var nonzero = Double.nan
}

/// What bargaining in one minibatch came to.
package enum NashOutcome: Sendable, Hashable {
  /// The players' weights.
  case agreed([Double])
  /// No direction is a gain for all, or some player has no gradient.
  case nothing
}
