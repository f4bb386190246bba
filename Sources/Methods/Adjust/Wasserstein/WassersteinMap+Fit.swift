internal import FairpostNumerics
internal import FairpostTransport

extension WassersteinMap {
  /// Fits a map to data.
  ///
  /// - Complexity: one sort a score; 16 bytes a row and score for it, and as much for its images.
  package init(_ data: CalibrationData, settings: WassersteinSettings) throws(AdjustmentError) {
    if data.attributes.isEmpty { throw .noAttribute }
    try self.init(CalibrationSummary(data, settings: settings), settings: settings)
  }

  /// Computes a map from a summary of its data; the fits of merged summaries are the merged fits.
  package init(
    _ summary: CalibrationSummary, settings: WassersteinSettings
  ) throws(AdjustmentError) {
    self = try Self.fit(summary, settings: settings).map
  }

  /// Computes a map, and what people should know of the fit.
  static func fit(
    _ summary: CalibrationSummary, settings: WassersteinSettings
  ) throws(AdjustmentError) -> (map: WassersteinMap, findings: [FitFinding]) {
    try settings.check(attributes: summary.attributes.count)
    var findings: [FitFinding] = []
    var scores: [Score] = []
    var certificates: [Certificate] = []
    var settings = settings
    for (index, name) in summary.scores.enumerated() {
      guard summary.cells.contains(where: { $0.parts[index].contains { !$0.isEmpty } }) else {
        throw .noRecords(score: name)
      }
      let cells = summary.cells.map { (codes: $0.codes, parts: $0.parts[index]) }
      var fitting = StepFitting(
        score: name, attributes: summary.attributes, settings: settings, isFinal: true,
        cells: cells)
      try fitting.run()
      if let target = settings.targetW2 {
        let unit = Unit(fitting.cells.map(\.all))
        let epsilon = try TargetSolver.epsilon(
          for: target,
          cells: fitting.cells.map { (unit.measure($0.all), unit.measure($0.applied)) },
          unit: unit, score: name)
        fitting.steps[0].epsilon = epsilon
        for cell in fitting.cells.indices {
          for i in fitting.cells[cell].applied.indices {
            fitting.cells[cell].applied[i] = Blend.mix(
              fitting.cells[cell].applied[i], fitting.cells[cell].all.values[i], epsilon)
          }
        }
      }
      scores.append(Score(name: name, steps: fitting.steps))
      findings.append(
        FitFinding(fitting, summary, settings, missing: summary.missingScores[index]))
      if settings.certificate {
        try certificates.append(
          Certificate(fitting, summary: summary, cells: cells, settings: settings))
      }
    }
    settings.threads = 1
    let map = WassersteinMap(
      settings: settings, attributes: summary.attributes, scores: scores,
      summary: settings.knots == nil ? summary : nil, certificates: certificates)
    return (map, findings)
  }
}

/// Finds the largest epsilon that leaves at most a given W2 distance.
enum TargetSolver {
  /// W2^2 of a pair is a quadratic in epsilon, since quantile functions mix linearly.
  static func epsilon(
    for target: Double, cells: [(all: Distribution, fair: [Double])], unit: Unit, score: String
  ) throws(AdjustmentError) -> Double {
    let wanted = target
    let target = target / unit.size
    var epsilon = 1.0
    var floor = 0.0
    for i in cells.indices {
      for j in cells.indices where j > i {
        let (left, right) = (cells[i], cells[j])
        var (a, b, c) = (0.0, 0.0, 0.0)
        left.all.forEachIndexPiece(with: right.all) { width, k, l in
          let fair = left.fair[k] - right.fair[l]
          let raw = left.all.values[k] - right.all.values[l]
          a += width * fair * fair
          b += width * fair * raw
          c += width * raw * raw
        }
        floor = max(floor, a.squareRoot())
        let limit = target * target
        if c <= limit || a > limit { continue }
        // (1-e)^2 a + 2 e (1-e) b + e^2 c = limit, its upper root.
        let second = a - 2 * b + c
        let first = b - a
        let root = max(0, first * first - second * (a - limit)).squareRoot()
        if second > 0 { epsilon = min(epsilon, max(0, (root - first) / second)) }
      }
    }
    if floor > target {
      throw .transport(.targetBelowFloor(target: wanted, floor: floor * unit.size), score: score)
    }
    return epsilon
  }
}
