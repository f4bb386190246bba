public import FairpostLearning

/// `resample+METHOD`: rows left out or repeated until groups and labels are in balance.
public struct ResamplePreprocessing: PreprocessingMethod {
  /// What can be chosen.
  public struct Settings: MethodSettings {
    /// How rows are drawn.
    public enum Rule: String, Sendable, CaseIterable {
      /// Cells of group and label, by the rows nearest the boundary.
      case preferential
      /// Protected rows once more.
      case oversample
    }

    /// How rows are drawn.
    public var rule = Rule.preferential

    /// The defaults.
    public init() {}

    /// Everything that words can choose.
    public static var schema: Schema<Settings> {
      Schema([
        .choice(
          "rule", \.rule,
          help:
            "preferential draws cells of group and label by the rows nearest the boundary; oversample repeats protected rows",
          section: "Method")
      ])
    }
  }

  public static let info = MethodInfo(
    "resample", summary: "rows left out or repeated until groups and labels are in balance",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  public var needs: Set<TrainingNeed> {
    settings.rule == .oversample ? [.group, .protectedGroup] : [.group]
  }

  public func apply(_ request: PreprocessingRequest) throws(TrainingError) -> LearningData {
    let labels = try request.labels()
    let rows =
      switch settings.rule {
      case .oversample:
        Rebalance.oversample(
          groups: request.data.groups, protected: request.protected ?? -2, keys: request.keys)
      case .preferential:
        Rebalance.preferentialSample(
          labels: labels, groups: request.data.groups, scores: try request.ranks(),
          keys: request.keys)
      }
    return request.data.selecting(rows)
  }
}
