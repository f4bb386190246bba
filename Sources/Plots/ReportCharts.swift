package import FairpostCharts
package import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostPipeline

/// The pictures of a report, from one reading of the rows and the figures that are known.
package enum ReportCharts {
  /// Bars of the usual rates, densities, and calibration where there are labels of 0 and 1.
  package static func all(_ source: PictureSource, _ outcome: EvaluationRun.Outcome) throws -> (
    charts: [Chart], digest: String
  ) {
    var charts: [Chart] = []
    func isKnown(_ id: String) -> Bool {
      outcome.figures.contains { $0.metric == id && $0.group != nil && $0.value != nil }
    }
    let decisions = ["selection_rate", "true_positive_rate"].filter(isKnown)
    let rates = decisions.isEmpty ? ["mae"].filter(isKnown) : decisions
    if !rates.isEmpty {
      charts.append(
        BarsPicture(.init()).chart(
          outcome.figures, rates, of: source.path, rows: outcome.tally.records))
    }
    let scores = try GroupedScores(source)
    guard scores.range.low <= scores.range.high else { return (charts, scores.digest) }
    charts.append(try DensityPicture(.init()).chart(of: scores))
    let hasLabels = scores.sheets.contains { sheet in
      sheet.kind == .binary && sheet.groups.contains { !$0.labels.isEmpty }
    }
    if hasLabels { charts.append(try CalibrationPicture(.init()).chart(of: scores)) }
    return (charts, scores.digest)
  }
}
