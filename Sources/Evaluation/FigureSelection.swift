package import FairpostMetrics

/// Which of the computed figures are shown.
package enum FigureSelection {
  /// Without attributes there is one group, everybody: its figures would stand there twice, and
  /// comparisons of groups say nothing unless they were asked for.
  package static func shown(_ figures: [Figure], asked: [Metric]?, gates: [Metric]) -> [Figure] {
    guard figures.contains(where: { $0.attribute.isEmpty }) else { return figures }
    let kept = Set((asked ?? []).map(\.id) + gates.map(\.id))
    return figures.filter { figure in
      guard figure.attribute.isEmpty else { return true }
      if figure.group != nil { return false }
      if kept.contains(figure.metric) { return true }
      // Figures whose id is no registered metric are always shown.
      guard let metric = MetricRegistry.find(figure.metric) else { return true }
      return !metric.isOverGroups && !metric.id.contains(".")
    }
  }
}
