internal import FairpostNumerics

/// A smooth measure of unfairness (or of error) of a model's outputs, with its gradient: what the
/// upper level of bilevel training makes small.
///
/// A new one is a case with its formula and its name.
package enum UpperMeasure: String, Sendable, CaseIterable {
  /// The largest distance of a group's mean prediction to the groups' mean.
  case demographicParity = "dp"
  /// The gap of the mean predictions of rows with label 1.
  case equalOpportunity = "eo"
  /// The mean of the gaps of rows with label 1 and with label 0.
  case equalizedOdds = "eodds"
  /// The squared covariance of outputs and group.
  case disparateMistreatment = "dm"
  /// The same with n - 1: the Hilbert-Schmidt criterion with linear kernels.
  case hsic
  /// The mean squared difference of outputs of rows of two groups with like labels.
  case individual
  /// The variance of the groups' losses.
  case variance
  /// The ratio of the largest to the smallest loss of a group, as its logarithm.
  case ratio
  /// The largest loss of a group.
  case minimax
  /// The mean loss of all rows.
  case loss

  /// Whether it is made of the groups' losses alone, and so suits any labels.
  package var isOfLosses: Bool {
    switch self {
    case .variance, .ratio, .minimax, .loss: true
    default: false
    }
  }

  /// Whether it looks at labels of 0 and 1.
  package var needsBinaryLabels: Bool { self == .equalOpportunity || self == .equalizedOdds }
}

/// A sum of measures, such as `dp + 0.2 * loss`.
package struct UpperObjective: Sendable, Equatable {
  /// A measure with its factor.
  package struct Term: Sendable, Equatable {
    package let factor: Double
    package let measure: UpperMeasure
  }

  /// What is summed.
  package let terms: [Term]
  /// How sharp maxima and decisions are: larger is closer to hard ones, and harder to search.
  package var sharpness = 1.0

  /// One measure.
  package init(_ measure: UpperMeasure, sharpness: Double = 1) {
    terms = [Term(factor: 1, measure: measure)]
    self.sharpness = sharpness
  }

  /// Reads `dp`, `0.5 * dp`, `dp + 0.2 * loss`; nil where it is none.
  package init?(_ text: String) {
    var terms: [Term] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "*", omittingEmptySubsequences: false).map {
        String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
      guard let name = sides.last, let measure = UpperMeasure(rawValue: name), sides.count <= 2
      else { return nil }
      var factor = 1.0
      if sides.count == 2 {
        guard case .number(let number) = NumberText.parse(sides[0]), number >= 0 else {
          return nil
        }
        factor = number
      }
      terms.append(Term(factor: factor, measure: measure))
    }
    guard !terms.isEmpty else { return nil }
    self.terms = terms
  }

  /// The text it is read from.
  package var text: String {
    terms.map { term in
      term.factor == 1
        ? term.measure.rawValue : "\(NumberText.text(term.factor)) * \(term.measure.rawValue)"
    }.joined(separator: " + ")
  }

  /// The value at a point, and its gradient by the parameters.
  package func evaluate(
    _ risks: GroupRisks, at point: GroupRisks.Point
  ) -> (value: Double, gradient: [Double]) {
    var delta = [Double](repeating: 0, count: point.outputs.count)
    var gradient = [Double](repeating: 0, count: point.parameters.count)
    var value = 0.0
    for term in terms where term.factor != 0 {
      let part = UpperTerm(risks: risks, point: point, sharpness: sharpness, factor: term.factor)
      value += term.factor * part.add(term.measure, outputs: &delta, parameters: &gradient)
    }
    if delta.contains(where: { $0 != 0 }) {
      Elementwise.add(1, times: risks.pull(delta), to: &gradient)
    }
    return (value, gradient)
  }

  /// The value alone.
  package func value(_ risks: GroupRisks, at point: GroupRisks.Point) -> Double {
    evaluate(risks, at: point).value
  }
}

/// One measure at one point.
private struct UpperTerm {
  let risks: GroupRisks
  let point: GroupRisks.Point
  let sharpness: Double
  let factor: Double

  private var rows: Int { risks.rows }
  private var groups: Int { risks.groups }
  private var width: Int { risks.loss.width }

  /// The value; factor times its derivatives are added by outputs or by parameters.
  func add(
    _ measure: UpperMeasure, outputs delta: inout [Double], parameters gradient: inout [Double]
  ) -> Double {
    switch measure {
    case .demographicParity: return demographicParity(&delta)
    case .equalOpportunity: return rateGap(of: 1, 1, &delta)
    case .equalizedOdds: return rateGap(of: 1, 0.5, &delta) / 2 + rateGap(of: 0, 0.5, &delta) / 2
    case .disparateMistreatment: return covariance(Double(rows), &delta)
    case .hsic: return covariance(Double(rows) - 1, &delta)
    case .individual: return individual(&delta)
    case .variance:
      let mean = point.losses.reduce(0, +) / Double(groups)
      let slopes = point.losses.map { 2 * ($0 - mean) / Double(groups) }
      addLosses(slopes, to: &gradient)
      return point.losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(groups)
    case .ratio:
      let logs = point.losses.map { Elementwise.logarithm(max($0, 1e-300)) }
      let (value, slopes) = gap(logs)
      addLosses(zip(slopes, point.losses).map { $0 / max($1, 1e-300) }, to: &gradient)
      return value
    case .minimax:
      let (value, slopes) = softMaximum(point.losses)
      addLosses(slopes, to: &gradient)
      return value - offset
    case .loss:
      let total = risks.totals.reduce(0, +)
      let shares = risks.totals.map { $0 / total }
      addLosses(shares, to: &gradient)
      return zip(shares, point.losses).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// What a soft maximum of equal numbers lies above them.
  private var offset: Double { Elementwise.logarithm(Double(groups)) / sharpness }

  /// log(sum exp(rho u)) / rho and its derivatives.
  private func softMaximum(_ u: [Double]) -> (value: Double, slopes: [Double]) {
    let largest = u.max() ?? 0
    let powers = u.map { Elementwise.exponential(sharpness * ($0 - largest)) }
    let sum = powers.reduce(0, +)
    return (largest + Elementwise.logarithm(sum) / sharpness, powers.map { $0 / sum })
  }

  /// The soft maximum less the soft minimum; 0 where all are equal.
  private func gap(_ u: [Double]) -> (value: Double, slopes: [Double]) {
    let (top, up) = softMaximum(u)
    let (bottom, down) = softMaximum(u.map { -$0 })
    return (top + bottom - 2 * offset, zip(up, down).map { $0 - $1 })
  }

  /// Adds slopes by the groups' losses; the ridge is no part of them.
  private func addLosses(_ slopes: [Double], to gradient: inout [Double]) {
    let layer = risks.layer
    for (slope, own) in zip(slopes, point.gradients) where slope != 0 {
      Elementwise.add(factor * slope, times: own, to: &gradient)
      for i in 0..<layer.biases {
        gradient[i] -= factor * slope * risks.penalty * point.parameters[i]
      }
    }
  }

  /// A row's prediction for the measures of rates, with its derivative: a soft decision, or the number.
  private func prediction(_ row: Int) -> (value: Double, slope: Double) {
    let z = point.outputs[row]
    guard risks.loss == .binaryCrossEntropy else { return (z, 1) }
    let s = Elementwise.sigmoid(sharpness * z)
    return (s, sharpness * s * (1 - s))
  }

  /// Sums over rows by group of `value(row)` times the row's weight, over the weights.
  private func means(_ isMeant: (Int) -> Bool) -> (means: [Double], weights: [Double]) {
    var sums = [Double](repeating: 0, count: groups)
    var weights = sums
    for row in 0..<rows where isMeant(row) {
      let group = risks.codes[row]
      sums[group] += risks.weights[row] * prediction(row).value
      weights[group] += risks.weights[row]
    }
    return (zip(sums, weights).map { $1 > 0 ? $0 / $1 : 0 }, weights)
  }

  private func addMeans(
    _ slopes: [Double], _ weights: [Double], _ isMeant: (Int) -> Bool, to delta: inout [Double]
  ) {
    for row in 0..<rows where isMeant(row) {
      let group = risks.codes[row]
      delta[row] +=
        factor * slopes[group] * risks.weights[row] / weights[group] * prediction(row).slope
    }
  }

  private func demographicParity(_ delta: inout [Double]) -> Double {
    let (means, weights) = means { _ in true }
    let mean = means.reduce(0, +) / Double(groups)
    // A distance without its corner at 0.
    let smooth = 1e-6
    let distances = means.map { (($0 - mean) * ($0 - mean) + smooth).squareRoot() }
    let (value, slopes) = softMaximum(distances)
    let outer = zip(slopes, zip(means, distances)).map { $0 * ($1.0 - mean) / $1.1 }
    let common = outer.reduce(0, +) / Double(groups)
    addMeans(outer.map { $0 - common }, weights, { _ in true }, to: &delta)
    return value - offset - smooth.squareRoot()
  }

  private func rateGap(of label: Double, _ share: Double, _ delta: inout [Double]) -> Double {
    let isMeant = { (row: Int) in risks.targets[row] == label }
    let (means, weights) = means(isMeant)
    let (value, slopes) = gap(means)
    addMeans(slopes.map { share * $0 }, weights, isMeant, to: &delta)
    return value
  }

  /// Half the sum over groups of the squared covariance of the outputs with membership: of two groups
  /// that of their number 0 or 1.
  private func covariance(_ divisor: Double, _ delta: inout [Double]) -> Double {
    let total = risks.weights.reduce(0, +)
    let scale = Double(rows) / divisor
    var mean = 0.0
    var sums = [Double](repeating: 0, count: groups)
    for row in 0..<rows {
      mean += risks.weights[row] * point.outputs[row]
      sums[risks.codes[row]] += risks.weights[row] * point.outputs[row]
    }
    mean /= total
    // cov_a = p_a (mean of a - mean).
    let covariances = sums.indices.map { scale * (sums[$0] - risks.totals[$0] * mean) / total }
    let value = covariances.reduce(0) { $0 + $1 * $1 } / 2
    // The derivative of cov_a by z_i is scale w_i (1[i in a] - p_a) / total.
    let common = zip(covariances, risks.totals).reduce(0) { $0 + $1.0 * $1.1 / total }
    for row in 0..<rows {
      delta[row] +=
        factor * scale * risks.weights[row] / total
        * (covariances[risks.codes[row]] - common)
    }
    return value
  }

  /// Sum over pairs of rows of two groups of exp(-|y_i - y_j|) (z_i - z_j)^2, over the ordered pairs of
  /// rows of two groups: in linear time along the sorted labels, since the kernel is a product of steps.
  private func individual(_ delta: inout [Double]) -> Double {
    var own = KernelSums(rows)
    for group in 0..<groups {
      own.add(risks.byLabel.filter { risks.codes[$0] == group }, risks, point.outputs)
    }
    var all = KernelSums(rows)
    all.add(risks.byLabel, risks, point.outputs)
    let total = risks.totals.reduce(0, +)
    let pairs = risks.totals.reduce(0) { $0 + $1 * (total - $1) }
    guard pairs > 0 else { return 0 }
    var value = 0.0
    for row in 0..<rows {
      let z = point.outputs[row]
      let k = all.weights[row] - own.weights[row]
      let kz = all.firsts[row] - own.firsts[row]
      let kzz = all.seconds[row] - own.seconds[row]
      let w = risks.weights[row]
      value += w * (z * z * k - 2 * z * kz + kzz) / 2
      delta[row] += factor * w * 2 * (z * k - kz) / pairs
    }
    return value / pairs
  }
}

/// For every row the sums over some rows j of exp(-|y - y_j|) w_j times 1, z_j and z_j^2.
private struct KernelSums {
  var weights: [Double]
  var firsts: [Double]
  var seconds: [Double]

  init(_ rows: Int) {
    weights = [Double](repeating: 0, count: rows)
    firsts = weights
    seconds = weights
  }

  /// Adds the sums over rows that are in the order of their labels, to those rows.
  mutating func add(_ order: [Int], _ risks: GroupRisks, _ outputs: [Double]) {
    // Forward takes the rows up to the own one and itself, backward those behind it.
    var run = (0.0, 0.0, 0.0)
    var last = 0.0
    for (place, row) in order.enumerated() {
      let (y, w, z) = (risks.targets[row], risks.weights[row], outputs[row])
      let decay = place == 0 ? 0 : y == last ? 1 : Elementwise.exponential(last - y)
      run = (run.0 * decay + w, run.1 * decay + w * z, run.2 * decay + w * z * z)
      weights[row] += run.0
      firsts[row] += run.1
      seconds[row] += run.2
      last = y
    }
    run = (0, 0, 0)
    var next: Int?
    for row in order.reversed() {
      if let behind = next {
        let (w, z) = (risks.weights[behind], outputs[behind])
        let step = risks.targets[row] - risks.targets[behind]
        let decay = step == 0 ? 1 : Elementwise.exponential(step)
        run = (
          (run.0 + w) * decay, (run.1 + w * z) * decay, (run.2 + w * z * z) * decay
        )
        weights[row] += run.0
        firsts[row] += run.1
        seconds[row] += run.2
      }
      next = row
    }
  }
}
