public import FairpostLearning

/// `reweigh+METHOD`: weights under which label and group are independent.
public struct ReweighPreprocessing: PreprocessingMethod {
  public static let info = MethodInfo(
    "reweigh", summary: "weights under which label and group are independent",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  public let settings: NoSettings

  public init(_ settings: NoSettings) { self.settings = settings }

  public var needs: Set<TrainingNeed> { [.group] }

  public func apply(
    _ request: PreprocessingRequest
  ) throws(TrainingError) -> LearningData {
    var data = request.data
    data.weights = Rebalance.reweigh(
      labels: try request.labels(), groups: data.groups, weights: data.weights)
    return data
  }
}
