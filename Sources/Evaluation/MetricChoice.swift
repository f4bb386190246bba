package import FairpostMetrics
package import FairpostOptions

/// The metrics a command line asks for.
package enum MetricChoice {
  /// The metrics of `--metrics`, nil for the usual ones.
  package static func asked(_ options: ParsedOptions) throws(UsageError) -> [Metric]? {
    let ids = options.columns("metrics").joined()
    guard !ids.isEmpty else { return nil }
    var metrics: [Metric] = []
    for id in ids where !metrics.contains(where: { $0.id == id }) {
      metrics.append(try metric(id, option: "--metrics"))
    }
    return metrics
  }

  /// The metric of an id; the error names the nearest.
  package static func metric(_ id: String, option: String) throws(UsageError) -> Metric {
    do { return try MetricRegistry.metric(id) } catch {
      let near = nearest(id, in: MetricRegistry.all.map(\.id))
      throw UsageError(
        "\(option): there is no metric \"\(id)\"",
        hint: near.map { "did you mean \"\($0)\"?" }
          ?? "\"fairpost help metrics\" lists the metrics")
    }
  }

  /// Metrics that come on top of the usual ones where an option gives what they need; --metrics asks
  /// for certain figures and no others.
  package static func also(_ options: ParsedOptions, tasks: Int) -> [Metric] {
    guard !options.has("metrics") else { return [] }
    var ids: [String] = []
    if options.has("protected") {
      ids += ["selection_rate.directed_ratio", "true_positive_rate.directed_ratio"]
    }
    if options.has("features") { ids.append("consistency") }
    if options.has("continuous") { ids += ["rank_correlation", "largest_cut_gap"] }
    if tasks > 1 { ids += ["mean_ks", "max_ks", "joint_decision_gap", "energy_distance"] }
    return ids.compactMap { MetricRegistry.find($0) }
  }
}
