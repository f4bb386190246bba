/// Every metric there is, in the order of the help.
package enum MetricRegistry {
  /// Metrics and aliases.
  package static let all: [Metric] = own + Fairlearn.all + Aliases.all

  /// The quantities of one group; each is a figure of its own and one for each aggregation.
  static let bases: [BaseMetric] =
    BaseMetric.rates + BaseMetric.means + BaseMetric.ranked
    + PinballLoss.all + Inequality.all

  /// The metrics that are not another project's name.
  static let own: [Metric] =
    bases.map(Metric.perGroup)
    + bases.flatMap { base in
      Aggregation.allCases.map { Metric.derived(base, $0) }
    } + DistanceMetrics.all + StandardisedMeans.all + RankMetrics.all + CurveDistance.all
    + RankingMetrics.all
    + ObjectiveMetrics.all + OddsMetrics.all
    + WithinStrata.all + MulticlassMetrics.all + TaskMetrics.all + AttributeMetrics.all
    + CalibrationMetrics.all

  private static let byID: [String: Metric] = Dictionary(
    all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  /// The metric with an id.
  package static func metric(_ id: String) throws(MetricsError) -> Metric {
    guard let metric = find(id) else { throw .unknownMetric(id) }
    return metric
  }

  /// The metric with an id, if there is one.
  package static func find(_ id: String) -> Metric? { byID[id] ?? RankingMetrics.named(id) }
}

extension Direction {
  /// The direction in words, for help and tables.
  package var mark: String {
    switch self {
    case .higher: " (higher is better)"
    case .lower: " (lower is better)"
    case .target(let value): " (\(value == 0 ? "0" : "1") is best)"
    case .none: ""
    }
  }
}
