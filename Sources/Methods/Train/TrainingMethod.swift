package import FairpostLearning

/// What a training method may need of the data, beside features and labels.
package enum TrainingNeed: Sendable, Hashable {
  /// A sensitive attribute.
  case group
  /// A sensitive attribute of the rows that validate; rows to learn from may do without.
  case validationGroup
  /// A protected value of it.
  case protectedGroup
  /// A column that says which task of meta-learning a row belongs to.
  case taskColumn
}

/// What a training method is given.
package struct TrainingRequest: Sendable {
  /// Encoded training rows.
  package var data: LearningData
  /// Rows to choose the best epoch on.
  package var validation: LearningData?
  /// The code of the protected group, where one is named.
  package var protected: Int32?
  /// The groups' names by code, for logs.
  package var groupNames: [String] = []
  /// Codes of held-out tasks of meta-learning.
  package var heldOut: Set<Int32> = []
  /// Starting weights.
  package var initial: [Double]?
  /// What momentum remembers of steps before the first.
  package var momentum: [Double]?
  /// A hash of every training row's record or id, to draw rows by.
  package var keys: [UInt64] = []
  /// What random choices are keyed by.
  package var seed: UInt64
  /// Threads; no result depends on them.
  package var threads: Int
  /// Whether numbers, labels of regression among them, are brought to a common scale.
  package var standardises = true
  /// Whether anybody reads the log, where its figures cost time.
  package var wantsLog = false

  /// A request from its parts.
  package init(
    data: LearningData, validation: LearningData? = nil, protected: Int32? = nil,
    initial: [Double]? = nil, seed: UInt64 = 1, threads: Int = 1
  ) {
    self.data = data
    self.validation = validation
    self.protected = protected
    self.initial = initial
    self.seed = seed
    self.threads = threads
  }
}

extension TrainingRequest {
  /// The groups' losses as figures of a log line.
  func byGroup(_ losses: [Double]) -> [(name: String, value: Double)] {
    losses.enumerated().map { group, loss in
      ("loss.\(groupName(Int32(group)))", loss)
    }
  }

  /// A group's name, or its code where there are no names.
  func groupName(_ code: Int32) -> String {
    Int(code) < groupNames.count ? groupNames[Int(code)] : "\(code)"
  }
}

/// What a training method gives back: the network and how it got there.
package struct TrainedNetwork: Sendable {
  /// The network's shape.
  package var shape: NetworkShape
  /// Its parameters.
  package var parameters: [Double]
  /// What a conditioned network is conditioned on unless told otherwise.
  package var conditions: [Double] = []
  /// The epoch or iteration the parameters are from, counted from 0.
  package var bestEpoch = 0
  /// Epochs or iterations that ran.
  package var epochs = 0
  /// Figures of the method's own for the summary, such as the cosine of the groups' gradients.
  package var figures: [(name: String, value: Double)] = []
  /// The weight of the regulariser where it was learned; models store it as the setting `gamma`.
  package var gamma: Double?
  /// What else should be known.
  package var observations: [TrainingObservation] = []
  /// Each training row's mean weight in the steps, NaN where it was in none; empty for methods that
  /// do not weigh rows.
  package var rowWeights: [Double] = []
}

extension TrainedNetwork {
  /// A network with the parameters of the best epoch.
  init(_ shape: NetworkShape, _ result: TrainingResult) {
    self.init(
      shape: shape, parameters: result.parameters, bestEpoch: result.bestEpoch,
      epochs: result.epochs)
    gamma = result.gamma
    if let gamma { figures.append(("gamma as learned", gamma)) }
  }
}

/// One line of a training log: named figures in a fixed order.
package struct TrainingLogLine: Sendable {
  /// The epoch or iteration, counted from 0.
  package let step: Int
  /// Figures by name, the same names in every line of a run; NaN where there is none.
  package let figures: [(name: String, value: Double)]
}

/// What a training method makes of validation rows.
package enum ValidationUse: Sendable {
  /// It keeps the epoch that does best on them.
  case choosesEpoch
  /// Their groups have a say in every step.
  case players
  /// They only judge the result.
  case judges
  /// It takes as many steps as it is told and is judged by tasks held out.
  case none
}

/// A way to learn a predictor, under some settings.
///
/// A new one is a file and a line in `trainingMethods`.
package protocol TrainingMethod: Method {
  /// What it makes of validation rows.
  static var validation: ValidationUse { get }
  /// Whether its networks are conditioned on the weights of the tasks, which prediction chooses.
  static var isConditioned: Bool { get }
  /// What the data must have.
  var needs: Set<TrainingNeed> { get }
  /// Whether an attribute that is not needed is read for the log's figures by group.
  var reportsGroups: Bool { get }
  /// The epochs or iterations at the most; nil where it solves at once.
  var plannedSteps: Int? { get }
  /// The rows a task of meta-learning must have; nil where there are no such tasks.
  var minimumTaskRows: Int? { get }

  /// Whether the weights are meant to be adapted to a task before they predict.
  var adapts: Bool { get }

  /// The network that the method will train.
  func shape(_ request: TrainingRequest) -> NetworkShape

  /// The rows that the method truly learns from.
  func usedRows(_ request: TrainingRequest) -> [Int]

  /// Whether it gives each training row a weight, which `rowWeights` of the result tells.
  var weighsRows: Bool { get }

  /// Training rows that the method takes to validate by; it does not learn from them.
  func drawnForValidation(_ request: TrainingRequest) -> [Int]

  /// Learns from the request's rows.
  func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork

  /// The weights a trained network takes on for one task of meta-learning.
  ///
  /// - Parameters:
  ///   - rows: training rows of that task, those to be taken first before the others.
  ///   - request: what the network was trained with.
  /// - Returns: nil where the method does not adapt, or the task has too few rows.
  func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]?
}

extension TrainingMethod {
  package static var isConditioned: Bool { false }
  package var needs: Set<TrainingNeed> { [] }
  package var reportsGroups: Bool { false }
  package var plannedSteps: Int? { nil }
  package var minimumTaskRows: Int? { nil }
  package var weighsRows: Bool { false }

  /// What it makes of validation rows.
  package var validation: ValidationUse { Self.validation }
  /// Whether its networks are conditioned on the weights of the tasks.
  package var isConditioned: Bool { Self.isConditioned }

  /// Those that need tasks of meta-learning.
  package var adapts: Bool { needs.contains(.taskColumn) }

  /// Rows of some weight that have a label.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    let data = request.data
    return (0..<data.rows).filter { row in
      data.weights[row] > 0 && data.tasks.contains { !$0.targets[row].isNaN }
    }
  }

  /// None.
  package func drawnForValidation(_ request: TrainingRequest) -> [Int] { [] }

  /// Predicts with the weights it has.
  package func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]? { nil }
}

/// The training methods, in the order help shows them; a new one is one file and one line here.
package let trainingMethods: [any TrainingMethod.Type] = [
  LinearMethod.self,
  MLPMethod.self,
  YOTOMethod.self,
  FairMAMLMethod.self,
  PretrainedMethod.self,
  FaAlGradMethod.self,
  NashMethod.self,
  OneStageMethod<LearningToReweight>.self,
  OneStageMethod<FairReweighting>.self,
  OneStageMethod<MetaGroupDRO>.self,
  DROMethod.self,
  FairGradMethod.self,
  BADRMethod.self,
  PenalisedMethod.self,
  FairDROMethod.self,
  RatioDROMethod.self,
]

extension LearningData {
  /// The rows of some weight that have a label of the first task and a group.
  var rowsOfLabelAndGroup: [Int] {
    (0..<rows).filter { weights[$0] > 0 && !tasks[0].targets[$0].isNaN && groups[$0] >= 0 }
  }
}
