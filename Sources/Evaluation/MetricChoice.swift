package import FairpostMetrics
internal import FairpostRoles
package import FairpostText

/// The metrics a request asks for.
package enum MetricChoice {
  /// The metrics that are named, nil for the usual ones.
  package static func asked(_ request: EvaluationRequest) throws(UsageError) -> [Metric]? {
    try metrics(request.metrics)
  }

  /// The metrics of these ids, nil where none is named.
  package static func metrics(_ ids: [String]?) throws(UsageError) -> [Metric]? {
    guard let ids, !ids.isEmpty else { return nil }
    var metrics: [Metric] = []
    for id in ids where !metrics.contains(where: { $0.id == id }) {
      metrics.append(try metric(id, option: "\(option: "metrics")"))
    }
    return metrics
  }

  /// The metric of an id; the error names the nearest.
  package static func metric(_ id: String, option: Message) throws(UsageError) -> Metric {
    do { return try MetricRegistry.metric(id) } catch {
      let near = nearest(id, in: MetricRegistry.all.map(\.id))
      throw UsageError(
        "\(option): there is no metric \"\(id)\"",
        hint: near.map { "did you mean \"\($0)\"?" }
          ?? "\"fairpost help metrics\" lists the metrics")
    }
  }

  /// Metrics that come on top of the usual ones where what they need is named.
  package static func also(_ request: EvaluationRequest, tasks: Int) -> [Metric] {
    guard request.metrics == nil else { return [] }
    var ids: [String] = []
    if !request.roles.protected.isEmpty {
      ids += ["selection_rate.directed_ratio", "true_positive_rate.directed_ratio"]
    }
    if request.isForGlance, !request.roles.groups.isEmpty { ids += Glance.also }
    if !request.features.isEmpty { ids.append("consistency") }
    if !request.strata.isEmpty {
      ids += ["conditional_parity_difference", "conditional_demographic_disparity"]
    }
    if !request.continuous.isEmpty { ids += ["rank_correlation", "largest_cut_gap"] }
    if tasks > 1 { ids += ["mean_ks", "max_ks", "joint_decision_gap", "energy_distance"] }
    return ids.compactMap { MetricRegistry.find($0) }
  }
}
