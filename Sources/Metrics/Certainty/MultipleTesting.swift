internal import FairpostTransport

/// Corrections for many tests at once.
package enum MultipleTesting {
  /// Holm's adjusted p-values, in the order given; NaN stays NaN and is not counted.
  package static func holm(_ values: [Double]) -> [Double] {
    let order = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
    var result = values
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, values[index] * Double(order.count - rank)))
      result[index] = largest
    }
    return result
  }

  /// Figures with p-values corrected for the number of hypotheses, and that number.
  ///
  /// Several figures may test one hypothesis, as the difference and the ratio of the same rates do. The
  /// first of them is its test; the others show the same corrected p-value. The constant predictor is
  /// there to compare with: nobody asks whether it is fair, and it is left out.
  package static func holm(_ figures: [Figure]) -> (figures: [Figure], hypotheses: Int) {
    var places: [[String]: Int] = [:]
    var values: [Double] = []
    for figure in figures where figure.score != "constant" {
      guard let p = figure.pValue, let hypothesis = figure.hypothesis, places[hypothesis] == nil
      else { continue }
      places[hypothesis] = values.count
      values.append(p)
    }
    let adjusted = holm(values)
    let result = figures.map { figure in
      var result = figure
      result.pValue = figure.hypothesis.flatMap { places[$0] }.map { adjusted[$0] }
      if figure.score == "constant" { result.pValue = nil }
      return result
    }
    return (result, values.count)
  }

  /// How many permutations are needed for a corrected p-value of `level` to be possible with so many
  /// hypotheses; the smallest one is hypotheses / (permutations + 1).
  package static func permutations(for level: Double, hypotheses: Int) -> Int {
    let needed = Double(hypotheses) / level
    // What is a whole number but for rounding is that number.
    let whole = needed.rounded()
    return Int((abs(needed - whole) < 1e-9 * needed ? whole : needed.rounded(.up))) - 1
  }
}

extension Metric {
  /// What a permutation test of a figure asks: of which quantity, task, score and attribute.
  ///
  /// Of two groups, one against the other is both against each other; what is made of labels alone is
  /// the same for every score.
  func hypothesis(_ figure: Figure, _ data: EvaluationData) -> [String] {
    let groups = data.attributes.first { $0.columns == figure.attribute }?.keys.count ?? 0
    let isOfScores = !needs.isDisjoint(with: [.scores, .decisions, .choices, .tasks, .rows])
    return [
      isDirected && groups != 2 ? quantity + " of the protected group" : quantity, figure.task,
      isOfScores ? figure.score : "", figure.category ?? "",
    ] + figure.attribute
  }
}
