public import Learning
public import Options

/// `resample+METHOD`: rows left out or repeated until groups and labels are in balance.
public enum ResamplePreprocessing: PreprocessingMethod {
  public static let spec = MethodSpec(
    "resample", summary: "rows left out or repeated until groups and labels are in balance",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"],
    options: [
      OptionSpec(
        "rule", nil, .choice("preferential", "oversample"),
        help:
          "preferential draws cells of group and label by the rows nearest the boundary; oversample repeats protected rows",
        default: "preferential", section: "Method")
    ])

  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> {
    options.choice("rule") == "oversample" ? [.group, .protectedGroup] : [.group]
  }

  public static func apply(
    _ request: PreprocessingRequest
  ) throws(TrainingError) -> LearningData {
    let labels = try request.labels()
    let rows =
      request.options.choice("rule") == "oversample"
      ? Rebalance.oversample(
        groups: request.data.groups, protected: request.protected ?? -2, keys: request.keys)
      : Rebalance.preferentialSample(
        labels: labels, groups: request.data.groups, scores: try request.ranks(),
        keys: request.keys)
    return request.data.selecting(rows)
  }
}
