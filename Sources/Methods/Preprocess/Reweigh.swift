public import Learning
public import Options

/// `reweigh+METHOD`: weights under which label and group are independent.
public enum ReweighPreprocessing: PreprocessingMethod {
  public static let spec = MethodSpec(
    "reweigh", summary: "weights under which label and group are independent",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> { [.group] }

  public static func apply(
    _ request: PreprocessingRequest
  ) throws(TrainingError) -> LearningData {
    var data = request.data
    data.weights = Rebalance.reweigh(
      labels: try request.labels(), groups: data.groups, weights: data.weights)
    return data
  }
}
