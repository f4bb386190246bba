public import Learning
public import Options

/// What a training method is called and takes: help, manual and completions read it.
public struct TrainingInfo: Sendable {
  /// The word after `train`.
  public let name: String
  /// One line.
  public let summary: String
  /// The paper, or where the method is described.
  public let reference: String
  /// Its own options, beside those every method shares.
  public let options: [OptionSpec]
  /// What the data must have whatever the options say.
  public let needs: Set<TrainingNeed>

  /// A description from its parts.
  public init(
    name: String, summary: String, reference: String, options: [OptionSpec],
    needs: Set<TrainingNeed> = []
  ) {
    self.name = name
    self.summary = summary
    self.reference = reference
    self.options = options
    self.needs = needs
  }
}

/// What a training method may need of the data, beside features and labels.
public enum TrainingNeed: Sendable, Hashable {
  /// A sensitive attribute.
  case group
  /// A protected value of it.
  case protectedGroup
  /// A column that says which task of meta-learning a row belongs to.
  case taskColumn
}

/// What a training method is given.
public struct TrainingRequest: Sendable {
  /// Encoded training rows.
  public var data: LearningData
  /// Rows to choose the best epoch on.
  public var validation: LearningData?
  /// The options as parsed from the method's and the shared declarations.
  public var options: ParsedOptions
  /// The code of the protected group, where one is named.
  public var protected: Int32?
  /// The groups' names by code, for logs.
  public var groupNames: [String] = []
  /// Codes of held-out tasks of meta-learning.
  public var heldOut: Set<Int32> = []
  /// Starting weights.
  public var initial: [Double]?
  /// What random choices are keyed by.
  public var seed: UInt64
  /// Threads; no result depends on them.
  public var threads: Int

  /// A request from its parts.
  public init(
    data: LearningData, validation: LearningData? = nil, options: ParsedOptions,
    protected: Int32? = nil, initial: [Double]? = nil, seed: UInt64 = 1, threads: Int = 1
  ) {
    self.data = data
    self.validation = validation
    self.options = options
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

  /// The starting weights that were given, or weights drawn by `--initial`.
  func start(_ shape: NetworkShape) -> [Double] {
    let law = options.choice("initial").flatMap { InitialLaw(rawValue: $0) } ?? .uniform
    return initial ?? shape.initialParameters(seed: seed, law: law)
  }
}

/// What a training method gives back: the network and how it got there.
public struct TrainedNetwork: Sendable {
  /// The network's shape.
  public var shape: NetworkShape
  /// Its parameters.
  public var parameters: [Double]
  /// What a conditioned network is conditioned on unless told otherwise.
  public var conditions: [Double] = []
  /// The epoch or iteration the parameters are from, counted from 0.
  public var bestEpoch = 0
  /// Epochs or iterations that ran.
  public var epochs = 0
  /// Figures of the method's own for the summary, such as the cosine of the groups' gradients.
  public var figures: [(name: String, value: Double)] = []
  /// The weight of the regulariser where it was learned; models store it as `--gamma`.
  public var gamma: Double?
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
public struct TrainingLogLine: Sendable {
  /// The epoch or iteration, counted from 0.
  public let step: Int
  /// Figures by name, the same names in every line of a run; NaN where there is none.
  public let figures: [(name: String, value: Double)]
}

/// A way to learn a predictor.
public protocol TrainingMethod: Sendable {
  /// Name, summary, reference and options.
  static var info: TrainingInfo { get }

  /// What the data must have under these options.
  static func needs(_ options: ParsedOptions) -> Set<TrainingNeed>

  /// Refuses option values that their declarations cannot.
  static func check(_ options: ParsedOptions) throws(UsageError)

  /// Whether the weights are meant to be adapted to a task before they predict.
  static var adapts: Bool { get }

  /// The network that the method will train.
  static func shape(_ request: TrainingRequest) -> NetworkShape

  /// The rows that the method truly learns from.
  static func usedRows(_ request: TrainingRequest) -> [Int]

  /// Learns from the request's rows.
  static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork

  /// The weights a trained network takes on for one task of meta-learning.
  ///
  /// - Parameters:
  ///   - rows: training rows of that task, those to be taken first before the others.
  ///   - request: what the network was trained with.
  /// - Returns: nil where the method does not adapt, or the task has too few rows.
  static func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]?
}

extension TrainingMethod {
  /// What every use of the method needs.
  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> { info.needs }

  /// Those that need tasks of meta-learning.
  public static var adapts: Bool { info.needs.contains(.taskColumn) }

  /// A trunk and the heads of the tasks, as the options say.
  public static func shape(_ request: TrainingRequest) -> NetworkShape {
    request.options.shape(request.data)
  }

  /// Rows of some weight that have a label.
  public static func usedRows(_ request: TrainingRequest) -> [Int] {
    let data = request.data
    return (0..<data.rows).filter { row in
      data.weights[row] > 0 && data.tasks.contains { !$0.targets[row].isNaN }
    }
  }

  /// Predicts with the weights it has.
  public static func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]? { nil }

  /// Nothing to refuse.
  public static func check(_ options: ParsedOptions) throws(UsageError) {}
}

/// The training methods, in the order help shows them; a new one is one file and one line here.
public let trainingMethods: [any TrainingMethod.Type] = [
  LinearMethod.self,
  MLPMethod.self,
  YOTOMethod.self,
  FairMAMLMethod.self,
  PretrainedMethod.self,
  FaAlGradMethod.self,
]
