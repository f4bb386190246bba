package import FairpostLearning

/// `reweigh+METHOD`: weights under which label and group are independent.
package struct ReweighPreprocessing: PreprocessingMethod {
  package static let info = MethodInfo(
    "reweigh", summary: "give rows weights under which label and group are independent",
    details: ["Kamiran & Calders, Data preprocessing techniques, KAIS 33 (2012)"])

  package let settings: NoSettings

  package init(_ settings: NoSettings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.group] }

  package func apply(
    _ request: PreprocessingRequest
  ) throws(TrainingError) -> LearningData {
    var data = request.data
    data.weights = Rebalance.reweigh(
      labels: try request.labels(), groups: data.groups, weights: data.weights)
    return data
  }
}
