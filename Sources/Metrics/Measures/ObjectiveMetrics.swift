internal import FairpostNumerics
internal import FairpostTransport

/// The seven objectives of BADR as figures, with its smoothing at rho = 1.
///
/// There z is the linear predictor: the logit of a binary score, the score itself in regression.
enum ObjectiveMetrics {
  private static let both: Needs = [.labels, .scores]

  /// The metrics.
  static let all: [Metric] = [
    smooth(
      "badr_demographic_parity", "lse over groups of sqrt((r_g - mean r)^2 + 1e-6), r_g = mean S",
      .scores, quantity: "mean_score"
    ) { context in
      guard let r = context.groupMeans({ _ in true }) else { return nil }
      let mean = r.reduce(0, +) / Double(r.count)
      return logSumExp(r.map { (($0 - mean) * ($0 - mean) + 1e-6).squareRoot() })
    },
    smooth(
      "badr_equal_opportunity", "lse(r) + lse(-r), r_g = mean S over Y=1",
      both.union([.binary, .sameLabel])
    ) { context in context.groupMeans { $0 == 1 }.map(softGap) },
    smooth(
      "badr_equalized_odds", "half the sum of lse(r) + lse(-r) over Y=1 and over Y=0",
      both.union([.binary, .sameLabel])
    ) { context in
      guard let one = context.groupMeans({ $0 == 1 }), let two = context.groupMeans({ $0 == 0 })
      else { return nil }
      return (softGap(one) + softGap(two)) / 2
    },
    smooth(
      "disparate_mistreatment",
      "(mean (s - mean s)(z - mean z))^2, s = index of the group in sorted order", .scores,
      usesPredictor: true, quantity: "covariance with the group"
    ) { context in context.covariance().map { $0.0 * $0.0 } },
    smooth(
      "hsic", "(sum (s - mean s)(z - mean z) / (n - 1))^2, s = index of the group in sorted order",
      .scores, usesPredictor: true, quantity: "covariance with the group"
    ) { context in
      context.covariance().flatMap { mean, weight -> Double? in
        // Weights of a mean below 1 say shares, not repeats.
        let size = max(weight, Double(context.overall.sums.moments.scored.rows))
        guard size > 1 else { return nil }
        let value = mean * size / (size - 1)
        return value * value
      }
    },
    smooth(
      "individual_fairness",
      "sum over pairs from different groups of exp(-|Y_i - Y_j|) (z_i - z_j)^2 / (2 x pairs)", both,
      usesPredictor: true
    ) { context in context.individualFairness() },
    variance(
      "loss_variance", "population variance over groups of the mean log loss",
      both.union(.binary), of: .logLoss),
    variance(
      "squared_loss_variance", "population variance over groups of the mean squared error", both,
      of: .squaredError),
  ]

  private static func smooth(
    _ id: String, _ formula: String, _ needs: Needs, usesPredictor: Bool = false,
    quantity: String? = nil,
    _ body: @escaping @Sendable (EvaluationContext) -> Double?
  ) -> Metric {
    Metric(
      id: id, name: id.replacing("_", with: " "), formula: formula, direction: .lower,
      needs: needs.union(.rows),
      notEstimable: usesPredictor
        ? "a group has no rows to average, or scores of a binary task lie outside [0, 1]"
        : "a group has no rows to average", isResampled: true, quantity: quantity
    ) { context in
      if usesPredictor, context.hasImprobableScores {
        return [.unavailable("scores outside [0, 1] have no logit")]
      }
      guard let value = body(context) else {
        return [.unavailable("a group has no rows to average")]
      }
      return [context.plain(value)]
    }
  }

  private static func variance(
    _ id: String, _ formula: String, _ needs: Needs, of base: BaseMetric
  ) -> Metric {
    Metric(
      id: id, name: id.replacing("_", with: " "), formula: formula, direction: .lower,
      needs: needs, notEstimable: "a group has no rows to average",
      quantity: base.quantity ?? base.id
    ) { context in
      [context.derive(base, .groupVariance, id: id)]
    }
  }

  static func logSumExp(_ values: [Double]) -> Double {
    let top = values.max() ?? 0
    return top + Elementary.log(values.reduce(0) { $0 + Elementary.exp($1 - top) })
  }

  static func softGap(_ values: [Double]) -> Double {
    logSumExp(values) + logSumExp(values.map { -$0 })
  }
}

extension EvaluationContext {
  /// The mean score of each group over rows whose label passes; sums are exact, so that the order of
  /// the rows does not matter.
  fileprivate func groupMeans(_ passes: (Double) -> Bool) -> [Double]? {
    var sums = ExactSums(count: 2 * groups.count)
    for row in score.values.indices {
      let code = Int(grouping.codes[row])
      let value = score.values[row]
      let label = task.labels.isEmpty ? .nan : task.labels[row]
      if code < 0 || value.isNaN || !passes(label) { continue }
      let weight = data.weight(row)
      sums.add(product: weight, value, at: 2 * code)
      sums.add(weight, at: 2 * code + 1)
    }
    let codes = present
    guard codes.allSatisfy({ sums.value(at: 2 * $0 + 1) > 0 }), !codes.isEmpty else { return nil }
    return codes.map { sums.value(at: 2 * $0) / sums.value(at: 2 * $0 + 1) }
  }

  /// Whether a binary task has scores that are no probabilities.
  fileprivate var hasImprobableScores: Bool {
    task.kind == .binary && score.values.contains { $0 < 0 || $0 > 1 }
  }

  /// The linear predictor of a row.
  private func predictor(_ row: Int) -> Double {
    let value = score.values[row]
    guard task.kind == .binary else { return value }
    let p = min(max(value, 0x1p-52), 1 - 0x1p-52)
    return Elementary.log(p / (1 - p))
  }

  /// The mean of (s - mean s)(z - mean z) and the total weight.
  fileprivate func covariance() -> (Double, Double)? {
    let rows = score.values.indices.filter {
      grouping.codes[$0] >= 0 && !score.values[$0].isNaN
    }
    // Group indices are those among the groups that occur.
    var indices = [Double](repeating: 0, count: groups.count)
    for (index, code) in present.enumerated() { indices[code] = Double(index) }
    func index(_ row: Int) -> Double { indices[Int(grouping.codes[row])] }
    var sums = ExactSums(count: 3)
    for row in rows {
      let w = data.weight(row)
      sums.add(w, at: 0)
      sums.add(product: w, predictor(row), at: 1)
      sums.add(product: w, index(row), at: 2)
    }
    let weight = sums.value(at: 0)
    guard weight > 0 else { return nil }
    let meanZ = sums.value(at: 1) / weight
    let meanS = sums.value(at: 2) / weight
    var sum = ExactSums(count: 1)
    for row in rows {
      sum.add(product: data.weight(row), (index(row) - meanS) * (predictor(row) - meanZ), at: 0)
    }
    return (sum.value(at: 0) / weight, weight)
  }

  /// All pairs less the pairs inside groups, each by one pass over the rows sorted by label.
  fileprivate func individualFairness() -> Double? {
    struct Row {
      var label: Double
      var z: Double
      var weight: Double
      var code: Int
    }
    var rows: [Row] = []
    for row in score.values.indices
    where grouping.codes[row] >= 0 && !score.values[row].isNaN && !task.labels[row].isNaN {
      rows.append(
        Row(
          label: task.labels[row], z: predictor(row), weight: data.weight(row),
          code: Int(grouping.codes[row])))
    }
    rows.sort { ($0.label, $0.z, $0.code, $0.weight) < ($1.label, $1.z, $1.code, $1.weight) }
    // Equal rows are one with their weight, so that a frequency is repeats.
    var merged: [Row] = []
    for row in rows {
      if let last = merged.last, last.label == row.label, last.z == row.z, last.code == row.code {
        merged[merged.count - 1].weight += row.weight
      } else {
        merged.append(row)
      }
    }
    rows = merged
    var ofGroup = [[Row]](repeating: [], count: groups.count)
    for row in rows { ofGroup[row.code].append(row) }
    func pairs(_ rows: [Row]) -> (sum: Double, weight: Double) {
      // Sums over earlier rows of exp(label - current label) times w, w z and w z^2.
      var (zero, one, two) = (0.0, 0.0, 0.0)
      var (total, weight) = (0.0, 0.0)
      var last = rows.first?.label ?? 0
      for row in rows {
        let decay = row.label == last ? 1 : Elementary.exp(last - row.label)
        last = row.label
        zero *= decay
        one *= decay
        two *= decay
        total += row.weight * (row.z * row.z * zero - 2 * row.z * one + two)
        zero += row.weight
        one += row.weight * row.z
        two += row.weight * row.z * row.z
        weight += row.weight
      }
      return (total, weight)
    }
    let all = pairs(rows)
    var sum = all.sum
    var squares = 0.0
    var seen = 0
    for own in ofGroup where !own.isEmpty {
      let part = pairs(own)
      if part.weight > 0 { seen += 1 }
      sum -= part.sum
      squares += part.weight * part.weight
    }
    let ordered = all.weight * all.weight - squares
    return seen > 1 && ordered > 0 ? max(0, sum) / ordered : nil
  }
}
