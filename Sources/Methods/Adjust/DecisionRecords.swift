internal import FairpostNumerics
internal import FairpostTransport

/// The calibration records of one score by group, for methods that decide.
struct DecisionRecords: Sendable {
  /// The rows of each group that have a score, and a weight that counts.
  let rows: [[Int]]
  private let values: [Double]
  private let weights: [Double]?
  private let isFrequency: Bool

  init(_ data: CalibrationData, _ place: Int, _ attribute: Grouping) throws(AdjustmentError) {
    var rows = [[Int]](repeating: [], count: attribute.keys.count)
    let values = data.scores[place].values
    for row in values.indices where attribute.codes[row] >= 0 && !values[row].isNaN {
      if let weights = data.weights, weights[row] == 0 { continue }
      rows[Int(attribute.codes[row])].append(row)
    }
    if rows.allSatisfy(\.isEmpty) {
      throw AdjustmentError.noRecords(score: data.scores[place].name)
    }
    if let group = rows.firstIndex(where: \.isEmpty) {
      throw AdjustmentError.unusable(
        "column \"\(data.scores[place].name)\": group \(attribute.keys[group]) has no record with a score"
      )
    }
    self.rows = rows
    self.values = values
    weights = data.weights
    isFrequency = data.frequency
  }

  /// The weight of a group, summed exactly: the same in any order and for rows in their number.
  func weight(_ group: Int) -> ExactSum {
    var sum = ExactSum()
    guard let weights else {
      sum.add(Double(rows[group].count))
      return sum
    }
    for row in rows[group] { sum.add(weights[row]) }
    return sum
  }

  /// The records of a group: the sum of the frequencies where rows have them.
  func count(_ group: Int) -> Int {
    isFrequency
      ? Int(exactly: weight(group).value) ?? rows[group].count : rows[group].count
  }

  /// The scores of a group, compressed: what is known of the calibration afterwards.
  func distribution(_ group: Int) -> Distribution {
    let own = rows[group]
    let list = own.map { values[$0] }
    let whole =
      weights.map { weights in
        Distribution(list, weights: own.map { weights[$0] }, frequencies: isFrequency)
      } ?? Distribution(list)
    return Compression.keep(Compression.knots(of: whole, limit: 4096), of: whole)
  }

  /// Refuses scores outside 0 to 1, where 0.5 or a grid up to 1 would decide all alike.
  static func refuseNoProbabilities(
    _ score: (name: String, values: [Double])
  ) throws(AdjustmentError) {
    var (lower, upper) = (0.0, 1.0)
    for value in score.values where value < 0 || value > 1 {
      lower = min(lower, value)
      upper = max(upper, value)
    }
    guard lower < 0 || upper > 1 else { return }
    let known = score.values.filter { !$0.isNaN }
    throw AdjustmentError.noProbabilities(
      score: score.name, lower: known.min() ?? lower, upper: known.max() ?? upper)
  }
}
