package import FairpostLearning

/// A protocol that sets the training rows' weights alone, without bargaining.
package protocol OneStageProtocol {
  /// The protocol.
  static var base: BaseProtocol { get }
  /// Its name and help.
  static var info: MethodInfo { get }
}

/// `train ltr`, `train forml`, `train gdro`: the weights of training rows follow one combination of
/// validation losses throughout.
package struct OneStageMethod<Kind: OneStageProtocol>: TrainingMethod {
  package static var info: MethodInfo { Kind.info }
  package static var validation: ValidationUse { .players }

  package let settings: CellChoices

  package init(_ settings: CellChoices) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.validationGroup] }
  package var plannedSteps: Int? { settings.steps.epochs }

  package var weighsRows: Bool { true }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.steps.network.shape(request.data)
  }

  package func drawnForValidation(_ request: TrainingRequest) -> [Int] {
    ReweightRun.drawn(request, perCell: settings.perCell)
  }

  /// Learns.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var run = settings.run(request)
    run.rule = .base
    run.base = Kind.base
    var work = try ReweightRun(request, settings.steps.network)
    return try work.train(settings, run, log: log)
  }
}

/// Learning to reweight.
package enum LearningToReweight: OneStageProtocol {
  package static let base = BaseProtocol.ltr
  package static let info = MethodInfo(
    "ltr", summary: "weigh training rows by how much they help all validation cells, on average",
    details: [
      "Ren, Zeng, Yang & Urtasun, Learning to Reweight Examples for Robust Deep Learning, ICML 2018",
      "The cells are every group with every label. The last epoch is kept.",
    ])
}

/// FORML.
package enum FairReweighting: OneStageProtocol {
  package static let base = BaseProtocol.forml
  package static let info = MethodInfo(
    "forml", summary: "weigh training rows to bring the worst group's loss near the best group's",
    details: [
      "Yan, Seto & Apostoloff, FORML: learning to reweight data for fairness, 2022; here weights are found anew in every minibatch, as in the Nash bargaining paper's comparison",
      "The last epoch is kept.",
    ])
}

/// Group DRO by meta-learning.
package enum MetaGroupDRO: OneStageProtocol {
  package static let base = BaseProtocol.gdro
  package static let info = MethodInfo(
    "gdro", summary: "weigh training rows by how much they help the worst group",
    details: [
      "Sagawa, Koh, Hashimoto & Liang, Distributionally robust neural networks, ICLR 2020, with weights from validation rows",
      "The last epoch is kept.",
    ])
}
