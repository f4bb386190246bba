package import FairpostLearning

/// `resample+METHOD`: rows left out or repeated until groups and labels are in balance.
package struct ResamplePreprocessing: PreprocessingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// How rows are drawn.
    package enum Rule: String, Sendable, CaseIterable {
      /// Cells of group and label, by the rows nearest the boundary.
      case preferential
      /// Protected rows once more.
      case oversample
    }

    /// How rows are drawn.
    package var rule = Rule.preferential

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .choice(
          "rule", \.rule,
          help:
            "preferential leaves out or repeats the rows nearest the boundary, in each combination of group and label; oversample repeats protected rows",
          section: "Method")
      ])
    }
  }

  package static let info = MethodInfo(
    "resample", summary: "leave out or repeat rows until groups and labels are in balance",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> {
    settings.rule == .oversample ? [.group, .protectedGroup] : [.group]
  }

  package func apply(_ request: PreprocessingRequest) throws(TrainingError) -> LearningData {
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
