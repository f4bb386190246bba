internal import FairpostNumerics
internal import FairpostTransport

/// What one row with a score and a label adds to a metric that is a mean over such rows.
///
/// A metric declares its own, and sums of it are taken where the metric is wanted: of rows that are
/// held, so that the sums every stream takes stay as they are.
struct RowLoss: Sendable {
  /// What the sums are found by: the metric's id.
  let id: String
  let of: @Sendable (_ label: Double, _ score: Double) -> Double

  /// Each once, for a metric and its figures over groups share one.
  static func distinct(_ losses: [RowLoss]) -> [RowLoss] {
    var result: [RowLoss] = []
    for loss in losses where !result.contains(where: { $0.id == loss.id }) { result.append(loss) }
    return result
  }
}

/// A loss summed over the rows of a group.
struct LossSums: Sendable, Equatable {
  let id: String
  var sum = 0.0
  var square = 0.0
}

extension BaseMetric {
  /// A metric that is the mean of a loss, which is never negative.
  static func mean(
    of loss: @escaping @Sendable (_ label: Double, _ score: Double) -> Double, id: String,
    name: String, formula: String, needs: Needs = [.labels, .scores], quantity: String? = nil
  ) -> BaseMetric {
    var metric = BaseMetric(
      id: id, name: name, formula: formula, direction: .lower, needs: needs.union(.rows),
      notEstimable: "no rows", quantity: quantity
    ) { view in
      let moments = view.sums.moments
      guard let sums = moments.losses.first(where: { $0.id == id }) else { return nil }
      return mean(sums.sum, sums.square, moments.paired, isLoss: true)
    }
    metric.loss = RowLoss(id: id, of: loss)
    return metric
  }
}

extension EvaluationData {
  /// Adds the sums of some losses to those of the groups, exact until they are rounded once.
  func add(
    _ losses: [RowLoss], _ task: TaskColumns, _ score: ScoreColumn, _ codes: [Int32],
    to sums: inout SumAccumulator
  ) {
    guard !losses.isEmpty, !task.labels.isEmpty, !score.values.isEmpty else { return }
    var exact = ExactSums(count: sums.groups.count * losses.count * 2)
    for row in 0..<count {
      let code = Int(codes[row])
      let (label, value) = (task.labels[row], score.values[row])
      if code < 0 || label.isNaN || value.isNaN { continue }
      let weight = weight(row)
      for (place, loss) in losses.enumerated() {
        let own = loss.of(label, value)
        let at = (code * losses.count + place) * 2
        exact.add(product: weight, own, at: at)
        exact.add(product: weight, own * own, at: at + 1)
      }
    }
    for group in sums.groups.indices {
      var own = sums.groups[group]
      own.moments.losses = losses.enumerated().map { place, loss in
        let at = (group * losses.count + place) * 2
        return LossSums(
          id: loss.id, sum: exact.value(at: at), square: exact.value(at: at + 1))
      }
      sums.replace(group, own)
    }
  }
}
