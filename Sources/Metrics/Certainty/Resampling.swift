internal import FairpostNumerics

/// Intervals by drawing from the rows for the few figures that have no closed form.
///
/// Small data are resampled as by `--bootstrap`. Large data are dealt into twenty parts by record: the
/// figure of each part spreads as the whole's does, times the square root of twenty, at the cost of
/// computing it once more.
enum Resampling {
  /// Rows up to which records are resampled.
  static let largest = 5000
  static let replicates = 200
  private static let parts = 20

  /// Adds intervals to the figures of resampled metrics that have a value and no interval.
  static func apply(to figures: [Figure], evaluator: Evaluator, metrics: [Metric]) -> [Figure] {
    let lacking = Set(figures.filter { $0.value != nil && $0.lower == nil }.map(\.metric))
    let drawn = metrics.filter { $0.isResampled && lacking.contains($0.id) }
    guard !drawn.isEmpty else { return figures }
    let ids = Set(drawn.map(\.id))
    if evaluator.data.recordCount <= largest {
      let resampled = Bootstrap.apply(
        to: figures.filter { ids.contains($0.metric) }, evaluator: evaluator, metrics: drawn,
        replicates: replicates)
      let byKey = Dictionary(
        resampled.map { (FigureKey($0), $0) }, uniquingKeysWith: { first, _ in first })
      return figures.map { byKey[FigureKey($0)] ?? $0 }
    }
    var values: [FigureKey: [Double]] = [:]
    for part in deal(evaluator, drawn) {
      for figure in part {
        if let value = figure.value { values[FigureKey(figure), default: []].append(value) }
      }
    }
    let t = Tails.studentQuantile(
      1 - evaluator.options.tail / 2, degrees: Double(parts - 1))
    return figures.map { figure in
      // A part without a group has no figure: then too little is known of the spread.
      guard let value = figure.value, figure.lower == nil, let seen = values[FigureKey(figure)],
        seen.count == parts
      else { return figure }
      let count = Double(parts)
      let mean = seen.reduce(0, +) / count
      let variance = seen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
      let half = t * (variance / count).squareRoot()
      var result = figure
      result.lower = max(0, value - half)
      result.upper = value + half
      result.method = "random-parts"
      return result
    }
  }

  /// The figures of each part.
  private static func deal(_ evaluator: Evaluator, _ metrics: [Metric]) -> [[Figure]] {
    let records = ResampledRecords(evaluator.data, seed: evaluator.options.seed)
    let dealt = records.dealt(
      StableHash(seed: evaluator.options.seed, purpose: "random parts"), parts: parts)
    var options = evaluator.options
    options.noiseDraws = 0
    options.intervals = false
    options.threads = 1
    let settings = options
    return Parallel.map(parts, threads: evaluator.options.threads) { part -> [Figure] in
      var data = evaluator.data.taking(dealt[part].map(\.row))
      switch data.weights {
      case .survey(let weights):
        // Copies of a weighted record: so many times its weight.
        data.weights = .survey(zip(weights, dealt[part]).map { $0 * Double($1.times) })
      case .none, .frequencies: data.weights = .frequencies(dealt[part].map(\.times))
      }
      return Evaluator(data, options: settings).figures(metrics)
    }
  }
}
