public import Learning
public import Options

/// `massage+METHOD`: labels flipped nearest the boundary until the groups' label rates agree.
public enum MassagePreprocessing: PreprocessingMethod {
  public static let spec = MethodSpec(
    "massage", summary: "labels flipped nearest the boundary until the groups' rates agree",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> {
    [.group, .protectedGroup]
  }

  public static func apply(
    _ request: PreprocessingRequest
  ) throws(TrainingError) -> LearningData {
    var data = request.data
    data.tasks[0].targets =
      Rebalance.massage(
        labels: try request.labels(), groups: data.groups, protected: request.protected ?? -2,
        scores: try request.ranks(), keys: request.keys
      ).labels
    return data
  }
}
