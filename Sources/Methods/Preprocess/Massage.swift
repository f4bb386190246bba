package import FairpostLearning

/// `massage+METHOD`: labels flipped nearest the boundary until the groups' label rates agree.
package struct MassagePreprocessing: PreprocessingMethod {
  package static let info = MethodInfo(
    "massage", summary: "flip labels nearest the boundary until the groups' label rates are equal",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  package let settings: NoSettings

  package init(_ settings: NoSettings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.group, .protectedGroup] }

  package func apply(
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
