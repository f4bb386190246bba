internal import FairpostNumerics

/// Pre-processing of Kamiran & Calders (2012): rows are weighted, drawn or relabelled so that label
/// and group are independent in the training rows.
///
/// Labels are 0 or 1 and groups are codes from 0; rows with a missing label (NaN) or group (-1) are
/// left as they are.
package enum Rebalance {
  /// Weights P(a) P(y) / P(a, y): the weighted label rate is equal in all groups, and the weights
  /// of used rows add up to what they were.
  ///
  /// - Parameter weights: weights the rows already have.
  package static func reweigh(
    labels: [Double], groups: [Int32], weights: [Double]
  ) -> [Double] {
    let cells = Cells(labels: labels, groups: groups, weights: weights)
    return labels.indices.map { row in
      // A weight of 0 stays 0, also where the whole cell has none to share.
      guard let cell = cells.cell(row), weights[row] != 0 else { return weights[row] }
      let group = cell / 2
      let label = cell % 2
      let expected = cells.group(group) * cells.label(label) / cells.total
      return weights[row] * expected / cells.sums[cell]
    }
  }

  /// One round of the rebalancing of misclassified cells: in the (group, label) cell with the
  /// higher error rate, the weights of misclassified rows grow by 1 + rate times the gap.
  ///
  /// Train, call, train again, until the largest gap is below a tolerance: the brief's reading of
  /// the equalized-odds baseline of the FaAlGrad paper.
  ///
  /// - Returns: the new weights and the largest gap before the change; no gap can be measured (NaN)
  ///   where fewer than two groups have a label.
  package static func reweighErrors(
    labels: [Double], groups: [Int32], decisions: [Int], weights: [Double], rate: Double
  ) -> (weights: [Double], gap: Double) {
    let cells = Cells(labels: labels, groups: groups, weights: weights)
    var wrong = [Double](repeating: 0, count: cells.sums.count)
    for row in labels.indices {
      guard let cell = cells.cell(row), decisions[row] != cell % 2 else { continue }
      wrong[cell] += weights[row]
    }
    var result = weights
    var largest = Double.nan
    for label in 0...1 {
      let present = (0..<cells.sums.count / 2).filter { cells.sums[$0 * 2 + label] > 0 }
      let rates = present.map { wrong[$0 * 2 + label] / cells.sums[$0 * 2 + label] }
      guard rates.count > 1, let high = rates.max(), let low = rates.min() else { continue }
      let gap = high - low
      largest = largest.isNaN ? gap : max(largest, gap)
      guard gap > 0, let worst = zip(present, rates).first(where: { $0.1 == high })?.0 else {
        continue
      }
      for row in labels.indices
      where cells.cell(row) == worst * 2 + label && decisions[row] != label {
        result[row] *= 1 + rate * gap
      }
    }
    return (result, largest)
  }

  /// Rows drawn so that the protected group is as large as all others together.
  ///
  /// Each of its rows comes equally often, and some, by the smallest keys, once more. A comparison
  /// only; it does not change P(y | a).
  ///
  /// - Parameter keys: a hash of each record, so that the order of rows decides nothing.
  package static func oversample(
    groups: [Int32], protected: Int32, keys: [UInt64]
  ) -> [Int] {
    let own = groups.indices.filter { groups[$0] == protected }
    let others = groups.indices.filter { groups[$0] >= 0 && groups[$0] != protected }
    guard !own.isEmpty, own.count < others.count else { return Array(groups.indices) }
    let drawn = own.sorted { (keys[$0], $0) < (keys[$1], $1) }
    var times = [Int](repeating: 1, count: groups.count)
    for place in own.count..<others.count { times[drawn[place % own.count]] += 1 }
    return groups.indices.flatMap { repeatElement($0, count: times[$0]) }
  }

  /// Preferential sampling: cell sizes as reweighing asks for; the rows nearest the boundary are
  /// dropped from cells that are too large and repeated in cells that are too small.
  ///
  /// - Parameters:
  ///   - scores: a ranker's score of every row; higher means label 1.
  ///   - keys: a hash of each record, which decides between equal scores; empty for the order.
  package static func preferentialSample(
    labels: [Double], groups: [Int32], scores: [Double], keys: [UInt64] = []
  ) -> [Int] {
    let key = { (row: Int) in keys.isEmpty ? 0 : keys[row] }
    let ones = [Double](repeating: 1, count: labels.count)
    let cells = Cells(labels: labels, groups: groups, weights: ones)
    var kept: [Int] = []
    var members = [[Int]](repeating: [], count: cells.sums.count)
    for row in labels.indices {
      if let cell = cells.cell(row) { members[cell].append(row) } else { kept.append(row) }
    }
    for cell in cells.sums.indices where cells.sums[cell] > 0 {
      let label = cell % 2
      let wanted = Int(
        (cells.group(cell / 2) * cells.label(label) / cells.total).rounded())
      // Nearest the boundary first: low scores among positives, high ones among negatives.
      let rows = members[cell].sorted {
        let left = label == 1 ? scores[$0] : -scores[$0]
        let right = label == 1 ? scores[$1] : -scores[$1]
        return (left, key($0), $0) < (right, key($1), $1)
      }
      if wanted <= rows.count {
        kept += rows.dropFirst(rows.count - wanted)
      } else {
        kept += rows
        for i in 0..<wanted - rows.count { kept.append(rows[i % rows.count]) }
      }
    }
    return kept.sorted()
  }

  /// Flips labels: of the protected and the others, those whose label rate is the lower have their M
  /// highest-scored negatives become 1, the rest their M lowest-scored positives become 0, where M
  /// makes the label rates equal up to one row.
  ///
  /// - Parameter keys: a hash of each record, which decides between equal scores; empty for the order.
  package static func massage(
    labels: [Double], groups: [Int32], protected: Int32, scores: [Double], keys: [UInt64] = []
  ) -> (labels: [Double], flipped: Int) {
    let key = { (row: Int) in keys.isEmpty ? 0 : keys[row] }
    var counts = [0, 0]
    var positives = [0, 0]
    for row in labels.indices where !labels[row].isNaN && groups[row] >= 0 {
      let side = groups[row] == protected ? 1 : 0
      counts[side] += 1
      positives[side] += labels[row] == 1 ? 1 : 0
    }
    let lack = positives[0] * counts[1] - positives[1] * counts[0]
    let total = counts[0] + counts[1]
    guard lack != 0, total > 0 else { return (labels, 0) }
    let wanted = (abs(lack) + total - 1) / total
    /// The rows on one side that have a label, 1 for the protected.
    func rows(_ side: Int, _ label: Double) -> [Int] {
      labels.indices.filter {
        groups[$0] >= 0 && (groups[$0] == protected) == (side == 1) && labels[$0] == label
      }
    }
    let lower = lack > 0 ? 1 : 0
    let up = rows(lower, 0)
      .sorted { (-scores[$0], key($0), $0) < (-scores[$1], key($1), $1) }.prefix(wanted)
    let down = rows(1 - lower, 1)
      .sorted { (scores[$0], key($0), $0) < (scores[$1], key($1), $1) }.prefix(wanted)
    var result = labels
    for row in up { result[row] = 1 }
    for row in down { result[row] = 0 }
    return (result, up.count)
  }
}

/// The weight of every (group, label) cell.
private struct Cells {
  let labels: [Double]
  let groups: [Int32]
  var sums: [Double]
  var total = 0.0
  /// The weight of each label.
  private var ofLabels = [0.0, 0.0]

  init(labels: [Double], groups: [Int32], weights: [Double]) {
    self.labels = labels
    self.groups = groups
    sums = [Double](repeating: 0, count: 2 * Int((groups.max() ?? -1) + 1))
    for row in labels.indices {
      guard let cell = cell(row) else { continue }
      sums[cell] += weights[row]
      total += weights[row]
    }
    for cell in sums.indices { ofLabels[cell % 2] += sums[cell] }
  }

  func cell(_ row: Int) -> Int? {
    labels[row].isNaN || groups[row] < 0 ? nil : Int(groups[row]) * 2 + (labels[row] == 1 ? 1 : 0)
  }

  func group(_ group: Int) -> Double { sums[group * 2] + sums[group * 2 + 1] }

  func label(_ label: Int) -> Double { ofLabels[label] }
}
