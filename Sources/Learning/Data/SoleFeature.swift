internal import FairpostNumerics

/// What a column is held against: a task's labels, or a sensitive column.
package enum SoleTarget: Sendable {
  /// 0 or 1 a row; NaN where missing.
  case binary([Double])
  /// A code a row, -1 where missing, and how many codes there are.
  case classes([Int32], count: Int)
  /// A number a row; NaN where missing.
  case number([Double])
}

/// How well one column alone predicts a target.
package struct SoleFigure: Sendable, Hashable {
  /// What is measured.
  package enum Kind: Sendable, Hashable {
    /// The area under the ROC curve.
    case area
    /// The share of the variance that is explained.
    case explained
    /// The share of rows whose class is predicted, beside that of the commonest class.
    case accuracy(constant: Double)
  }

  /// What is measured.
  package let kind: Kind
  /// The value.
  package let value: Double

  /// A figure from its parts.
  package init(kind: Kind, value: Double) {
    self.kind = kind
    self.value = value
  }

  /// Whether nobody would expect so much of a column that does not hold the answer.
  ///
  /// Columns known to leak have areas of .95 to .97 (the marks of the terms before in the student
  /// data, `is_recid` in COMPAS); the best honest columns of the same data stay below .9.
  package var isNearlyPerfect: Bool {
    switch kind {
    case .area: value >= 0.95
    case .explained: value >= 0.9
    case .accuracy(let constant): constant < 1 && 1 - value <= 0.1 * (1 - constant)
    }
  }
}

/// One column by itself, made ready to be held against several targets.
///
/// Every value (or stretch of 1/64 of the rows, for a number of many values) predicts the mean or the
/// commonest class that its rows have in the other half of the data. So a key, whose values do not
/// come back, predicts nothing; and a column whose missing values give the answer away is found too.
package struct SoleFeature: Sendable {
  /// Fewer rows than this, or than `fewestOfAKind` of a class, say nothing.
  package static let fewestRows = 20
  private static let fewestOfAKind = 5
  private static let mostStretches = 64

  private let rows: [Int]
  private let isSecondHalf: [Bool]
  /// The value of every row as a number, missing ones last.
  private var levels: [Int]
  private var levelCount: Int
  /// The rank of every row's number, ties in the middle, NaN where missing; empty for categories.
  private var ranks: [Double] = []
  private var values: [Double] = []

  /// A column's rows.
  ///
  /// - Parameters:
  ///   - rows: the rows that count.
  ///   - isSecondHalf: for each of them, which half it belongs to; by a hash of the record, so that the
  ///     order of the file decides nothing.
  package init(_ column: FeatureColumn, rows: [Int], isSecondHalf: [Bool]) {
    self.rows = rows
    self.isSecondHalf = isSecondHalf
    switch column {
    case .categorical(let codes, let names):
      levels = rows.map { codes[$0] < 0 ? names.count : Int(codes[$0]) }
      levelCount = names.count + 1
    case .numeric(let all):
      values = rows.map { all[$0] }
      ranks = [Double](repeating: .nan, count: rows.count)
      levels = []
      levelCount = 0
      rank()
    }
  }

  /// Ranks numbers, and divides them into values or stretches.
  private mutating func rank() {
    let order = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
    var starts: [Int] = []
    for place in order.indices
    where place == 0 || values[order[place]] != values[order[place - 1]] {
      starts.append(place)
    }
    let most = min(Self.mostStretches, max(4, order.count / 10))
    let isFew = starts.count <= most
    levelCount = (isFew ? starts.count : most) + 1
    levels = [Int](repeating: levelCount - 1, count: values.count)
    for (number, start) in starts.enumerated() {
      let end = number + 1 < starts.count ? starts[number + 1] : order.count
      let level = isFew ? number : start * most / order.count
      for place in start..<end {
        ranks[order[place]] = Double(start + end - 1) / 2
        levels[order[place]] = level
      }
    }
  }

  /// How well the column alone predicts a target; nil where too few rows could tell.
  package func figure(for target: SoleTarget, weights: [Double]) -> SoleFigure? {
    switch target {
    case .binary(let targets): return area(targets, weights)
    case .number(let targets): return explained(targets, weights)
    case .classes(let codes, let count): return accuracy(codes, count, weights)
    }
  }

  private func area(_ all: [Double], _ weights: [Double]) -> SoleFigure? {
    let used = rows.indices.filter { !all[rows[$0]].isNaN && weights[rows[$0]] > 0 }
    let targets = used.map { all[rows[$0]] }
    let positives = targets.count { $0 == 1 }
    guard used.count >= Self.fewestRows,
      min(positives, used.count - positives) >= Self.fewestOfAKind
    else { return nil }
    let own = used.map { weights[rows[$0]] }
    var best = ROCArea.value(meansElsewhere(used, targets, own), targets, own)
    let there = used.indices.filter { !ranks.isEmpty && !ranks[used[$0]].isNaN }
    if 2 * there.count >= used.count {
      let direct = ROCArea.value(
        there.map { ranks[used[$0]] }, there.map { targets[$0] }, there.map { own[$0] })
      if direct.isFinite { best = max(best, direct, 1 - direct) }
    }
    return best.isFinite ? SoleFigure(kind: .area, value: best) : nil
  }

  private func explained(_ all: [Double], _ weights: [Double]) -> SoleFigure? {
    let used = rows.indices.filter { all[rows[$0]].isFinite && weights[rows[$0]] > 0 }
    guard used.count >= Self.fewestRows else { return nil }
    let targets = used.map { all[rows[$0]] }
    let own = used.map { weights[rows[$0]] }
    let moments = WeightedMoments(targets, weights: own)
    let total = own.reduce(0, +)
    let variance = moments.deviation * moments.deviation
    guard !moments.isConstant, variance > 0, variance.isFinite else { return nil }
    let guesses = meansElsewhere(used, targets, own)
    var squares = 0.0
    for place in used.indices {
      squares += own[place] * (targets[place] - guesses[place]) * (targets[place] - guesses[place])
    }
    var best = 1 - squares / total / variance
    if !values.isEmpty {
      let there = used.indices.filter { !values[used[$0]].isNaN }
      if 2 * there.count >= used.count {
        let targets = there.map { targets[$0] }
        let weights = there.map { own[$0] }
        for numbers in [values, ranks] {
          let own = Self.correlation(there.map { numbers[used[$0]] }, targets, weights)
          if own.isFinite { best = max(best, own * own) }
        }
      }
    }
    return best.isFinite ? SoleFigure(kind: .explained, value: min(best, 1)) : nil
  }

  private func accuracy(_ codes: [Int32], _ count: Int, _ weights: [Double]) -> SoleFigure? {
    let used = rows.indices.filter { codes[rows[$0]] >= 0 && weights[rows[$0]] > 0 }
    guard used.count >= Self.fewestRows else { return nil }
    var sums = [Double](repeating: 0, count: 2 * levelCount * count)
    var all = [Double](repeating: 0, count: count)
    func cell(_ half: Int, _ level: Int) -> Int { (half * levelCount + level) * count }
    for place in used {
      let weight = weights[rows[place]]
      let code = Int(codes[rows[place]])
      sums[cell(isSecondHalf[place] ? 1 : 0, levels[place]) + code] += weight
      all[code] += weight
    }
    let commonest = all.indices.max { all[$0] < all[$1] } ?? 0
    let total = all.reduce(0, +)
    guard all.count(where: { $0 > 0 }) > 1,
      used.count - used.count(where: { Int(codes[rows[$0]]) == commonest }) >= Self.fewestOfAKind
    else { return nil }
    var right = 0.0
    for place in used {
      let start = cell(isSecondHalf[place] ? 0 : 1, levels[place])
      var guess = commonest
      var most = 0.0
      for code in 0..<count where sums[start + code] > most {
        most = sums[start + code]
        guess = code
      }
      if guess == Int(codes[rows[place]]) { right += weights[rows[place]] }
    }
    return SoleFigure(
      kind: .accuracy(constant: all[commonest] / total), value: right / total)
  }

  /// For every row the mean target that its value has in the other half, drawn to the mean of all by
  /// one row.
  private func meansElsewhere(
    _ used: [Int], _ targets: [Double], _ weights: [Double]
  ) -> [Double] {
    let total = weights.reduce(0, +)
    let mean = zip(targets, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    let one = total / Double(used.count)
    var tops = [Double](repeating: 0, count: 2 * levelCount)
    var bottoms = tops
    for (place, row) in used.enumerated() {
      let cell = levels[row] + (isSecondHalf[row] ? levelCount : 0)
      tops[cell] += weights[place] * targets[place]
      bottoms[cell] += weights[place]
    }
    return used.map { row in
      let cell = levels[row] + (isSecondHalf[row] ? 0 : levelCount)
      return (tops[cell] + one * mean) / (bottoms[cell] + one)
    }
  }

  private static func correlation(
    _ first: [Double], _ second: [Double], _ weights: [Double]
  ) -> Double {
    let (a, b) = (
      WeightedMoments(first, weights: weights), WeightedMoments(second, weights: weights)
    )
    guard !a.isConstant, !b.isConstant else { return .nan }
    var product = 0.0
    for place in first.indices {
      product +=
        weights[place] * ((first[place] - a.mean) / a.deviation)
        * ((second[place] - b.mean) / b.deviation)
    }
    return product / weights.reduce(0, +)
  }
}

/// The weighted area under the ROC curve.
package enum ROCArea {
  /// The area, ties counted half; NaN with one class.
  package static func value(
    _ scores: [Double], _ targets: [Double], _ weights: [Double]
  ) -> Double {
    guard !scores.contains(where: \.isNaN) else { return .nan }
    let (sorted, order) = Sorting.sortedPairs(scores)
    var below = 0.0
    var area = 0.0
    var positives = 0.0
    var place = 0
    while place < order.count {
      var end = place
      var tied = (positive: 0.0, negative: 0.0)
      while end < order.count, sorted[end] == sorted[place] {
        let row = Int(order[end])
        if targets[row] == 1 {
          tied.positive += weights[row]
        } else {
          tied.negative += weights[row]
        }
        end += 1
      }
      area += tied.positive * (below + tied.negative / 2)
      below += tied.negative
      positives += tied.positive
      place = end
    }
    return positives > 0 && below > 0 ? area / (positives * below) : .nan
  }
}

extension FeatureColumn {
  /// Whether the column looks like a key: all its values differ.
  ///
  /// Whole numbers look so only where they are dense, or many; real numbers mostly differ anyway.
  package func looksLikeAKey(_ rows: [Int]) -> Bool {
    switch self {
    case .categorical(let codes, let names):
      guard names.count >= SoleFeature.fewestRows else { return false }
      let present = rows.map { codes[$0] }.filter { $0 >= 0 }
      return present.count >= SoleFeature.fewestRows && Set(present).count == present.count
    case .numeric(let values):
      let present = rows.lazy.map { values[$0] }.filter { !$0.isNaN }
      guard let first = present.first, first == first.rounded(),
        present.allSatisfy({ $0 == $0.rounded() })
      else { return false }
      var seen: Set<Double> = []
      for value in present where !seen.insert(value).inserted { return false }
      guard seen.count >= SoleFeature.fewestRows, let low = seen.min(), let high = seen.max() else {
        return false
      }
      return seen.count >= 1000 || high - low < 2 * Double(seen.count)
    }
  }
}
