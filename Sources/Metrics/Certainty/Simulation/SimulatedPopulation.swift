internal import FairpostNumerics
internal import FairpostTransport

/// A population whose figures are known, from which rows are drawn to see whether intervals hold them.
///
/// With several groups scores are uniform over [0, 1 - effect], the last group's over [effect, 1]:
/// labels are 1 with the score's probability, decisions are 1 from one half on. With one group scores
/// are uniform over [0, 1] and labels are 1 with probability s + effect (1 - 2 s). In a `regression`
/// scores are uniform over [0, 1] and labels are off by normal errors of the effect's size.
struct SimulatedPopulation {
  let item: CoverageSimulation.Case
  /// The metric's id.
  private let id: String
  private let isRegression: Bool

  init(_ item: CoverageSimulation.Case) {
    self.item = item
    isRegression = item.figure.hasPrefix("regression.")
    id = isRegression ? String(item.figure.dropFirst("regression.".count)) : item.figure
  }

  /// The figure of the population.
  var truth: Double {
    let e = item.effect
    if isRegression {
      switch id {
      case "r2": return 1 - e * e / (e * e + 1.0 / 12)
      case "mae": return e * 0.797_884_560_802_865_4
      default: return e
      }
    }
    switch id {
    // With p = s + e (1 - 2 s): E p (1 - s)^2 + (1 - p) s^2 and the like over uniform s.
    case "brier": return 1.0 / 6 + e / 3
    case "rmse": return (1.0 / 6 + e / 3).squareRoot()
    case "mae": return 1.0 / 3 + e / 3
    // -E p log s - (1 - p) log (1 - s), where -E log s = 1 and -E s log s = 1/4.
    case "log_loss": return 0.5 + e
    // Ten bins: the mean of e |1 - 2 s| over bins on one side of the middle.
    case "ece": return e / 2
    case "w2": return e
    case "mean_score.difference": return e
    case "auc.difference", "xauc_gap", "pairwise_rank_gap", "brier.difference", "ece_equal_mass":
      return 0
    case "quantile_unfairness": return quantileUnfairness
    // Labels follow the scores alike in both groups, but scores above one half do not.
    case "equalized_odds.difference": return oddsDifference
    case "mean_score.difference_to_overall":
      return overall((1 - e) / 2, (1 + e) / 2) { abs($0 - $1) }.max() ?? .nan
    default: break
    }
    let low = 1 - 0.5 / (1 - e)
    let high = 1 - (0.5 - e) / (1 - e)
    switch id {
    case "selection_rate.ratio": return low / high
    case "selection_rate.group_min": return low
    case "selection_rate.mean_pair_difference":
      return (high - low) * 2 / Double(item.sizes.count)
    case "selection_rate.difference_to_overall":
      return overall(low, high) { abs($0 - $1) }.max() ?? .nan
    case "selection_rate.ratio_to_overall":
      return overall(low, high) { min($0 / $1, $1 / $0) }.min() ?? .nan
    default: return .nan
    }
  }

  /// Each kind of group against everybody, whose value is the mean by the groups' sizes.
  private func overall(_ low: Double, _ high: Double, _ body: (Double, Double) -> Double)
    -> [Double]
  {
    let all = low + (high - low) * lastShare
    return [body(low, all), body(high, all)]
  }

  private var lastShare: Double {
    Double(item.sizes.last ?? 0) / Double(item.sizes.reduce(0, +))
  }

  /// TPR is the integral of s over the selected, over that over all; FPR the same of 1 - s.
  private var oddsDifference: Double {
    func rates(_ from: Double, _ to: Double) -> (Double, Double) {
      func first(_ a: Double, _ b: Double) -> Double { (b * b - a * a) / 2 }
      let positive = first(max(from, 0.5), to) / first(from, to)
      let width = to - max(from, 0.5)
      let negative = (width - first(max(from, 0.5), to)) / (to - from - first(from, to))
      return (positive, negative)
    }
    let low = rates(0, 1 - item.effect)
    let high = rates(item.effect, 1)
    return max(abs(high.0 - low.0), abs(high.1 - low.1))
  }

  /// At each of the hundred levels everybody's quantile is found by halving.
  private var quantileUnfairness: Double {
    let e = item.effect
    func cdf(_ x: Double, _ from: Double) -> Double { min(1, max(0, (x - from) / (1 - e))) }
    return ScoreDistance.equipyLevels.map { level in
      var (low, high) = (0.0, 1.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if cdf(middle, 0) * (1 - lastShare) + cdf(middle, e) * lastShare < level {
          low = middle
        } else {
          high = middle
        }
      }
      return max(abs(low - level * (1 - e)), abs(low - level * (1 - e) - e))
    }.max() ?? .nan
  }

  /// The figure's interval from one draw of rows.
  func interval(_ stream: inout RandomStream) -> Interval? {
    let e = item.effect
    let count = item.sizes.count
    var labels: [Double] = []
    var scores: [Double] = []
    var codes: [Int32] = []
    for (group, size) in item.sizes.enumerated() {
      for _ in 0..<size {
        let u = stream.uniform()
        codes.append(Int32(group))
        if isRegression {
          scores.append(u)
          labels.append(u + e * stream.normal())
          continue
        }
        let score = count == 1 ? u : u * (1 - e) + (group == count - 1 ? e : 0)
        let p = count == 1 ? score + e * (1 - 2 * score) : score
        scores.append(score)
        labels.append(stream.uniform() < p ? 1 : 0)
      }
    }
    let task = TaskColumns(
      name: "y", kind: isRegression ? .regression : .binary, labels: labels,
      scores: [
        isRegression
          ? ScoreColumn(name: "s", values: scores)
          : ScoreColumn(name: "s", values: scores, threshold: 0.5)
      ])
    var options = EvaluationOptions()
    options.noiseDraws = 0
    options.seed = stream.next()
    let keys = item.sizes.indices.map { GroupKey([ByteText(String($0))]) }
    let data = EvaluationData(
      made: codes.count, tasks: [task],
      attributes: [Grouping(columns: ["g"], keys: keys, codes: codes)])
    guard let metric = MetricRegistry.find(id),
      let figure = Evaluator(data, options: options).figures([metric]).first(where: {
        $0.group == nil
      }), let lower = figure.lower, let upper = figure.upper
    else { return nil }
    return Interval(lower, upper)
  }
}
