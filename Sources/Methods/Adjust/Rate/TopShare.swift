internal import FairpostNumerics

/// The choice of the greatest scores from several groups, so many in all and within bounds for each group.
///
/// Within bounds on the groups' numbers the best choice takes what must be taken from each group, then always the
/// best next score of a group that has room: scores from the top of a group only fall. Under a limit on the
/// distance of the groups' rates every common least rate gives such bounds, and the best of them is taken.
struct TopShare: Sendable {
  /// The groups' scores.
  let groups: [RankedBlocks]
  /// How many are to be chosen, by weight.
  let amount: Double
  /// Whether numbers are counts of records.
  let isCounted: Bool
  /// The distinct scores of all groups, descending.
  private let values: [Double]

  /// How alike the groups' rates must be.
  enum Parity: Sendable, Equatable {
    case difference(Double)
    case ratio(Double)

    /// The greatest rate beside a least one.
    func most(_ least: Double) -> Double {
      switch self {
      case .difference(let tolerance): min(1, least + tolerance)
      case .ratio(let share): min(1, least / share)
      }
    }

    /// The least rate beside a greatest one.
    func least(_ most: Double) -> Double {
      switch self {
      case .difference(let tolerance): max(0, most - tolerance)
      case .ratio(let share): most * share
      }
    }
  }

  /// Bounds on what is taken from each group.
  struct Bounds: Sendable {
    var least: [Double]
    var most: [Double]
  }

  /// A choice of this share of the whole weight; of a number of records the greatest that is no more.
  init(_ groups: [RankedBlocks], share: Double) {
    self.groups = groups
    let counted = groups.allSatisfy(\.isWhole)
    let whole = groups.reduce(0) { $0 + $1.total }
    isCounted = counted
    amount = counted ? (share * whole + 1e-9).rounded(.down) : share * whole
    values = Set(groups.flatMap(\.values)).sorted(by: >)
  }

  /// Bounds that forbid nothing.
  var free: Bounds {
    Bounds(least: groups.map { _ in 0 }, most: groups.map(\.total))
  }

  /// How much is taken from each group for the greatest sum of scores; nil where bounds forbid any choice.
  func best(within bounds: Bounds) -> [Double]? {
    for (least, most) in zip(bounds.least, bounds.most) where least > most + 1e-9 { return nil }
    guard bounds.least.reduce(0, +) <= amount + 1e-9, bounds.most.reduce(0, +) >= amount - 1e-9
    else { return nil }
    guard amount > 0 else { return groups.map { _ in 0 } }
    func taken(_ value: Double, orAt: Bool) -> [Double] {
      groups.indices.map {
        held(groups[$0].weight(above: value, orAt: orAt), bounds.least[$0], bounds.most[$0])
      }
    }
    let block = values.indices.dropLast().firstPlace {
      taken(values[$0], orAt: true).reduce(0, +) >= amount - 1e-9
    }
    return shared(at: values[block], bounds)
  }

  private func held(_ value: Double, _ least: Double, _ most: Double) -> Double {
    min(max(value, least), most)
  }

  /// What each group gets where all records of one score have the same chance, as far as bounds let them.
  private func shared(at value: Double, _ bounds: Bounds) -> [Double] {
    let above = groups.map { $0.weight(above: value, orAt: false) }
    let tied = groups.indices.map { groups[$0].weight(above: value, orAt: true) - above[$0] }
    func amounts(_ chance: Double) -> [Double] {
      groups.indices.map {
        held(above[$0] + chance * tied[$0], bounds.least[$0], bounds.most[$0])
      }
    }
    // The sum is linear in the chance between the places where a group meets a bound.
    var places = [0.0, 1]
    for group in groups.indices where tied[group] > 0 {
      for bound in [bounds.least[group], bounds.most[group]] {
        let place = (bound - above[group]) / tied[group]
        if place > 0, place < 1 { places.append(place) }
      }
    }
    places.sort()
    for (left, right) in zip(places, places.dropFirst()) {
      let (start, end) = (amounts(left).reduce(0, +), amounts(right).reduce(0, +))
      guard end >= amount - 1e-9 else { continue }
      let share = end > start ? min(max((amount - start) / (end - start), 0), 1) : 1
      return amounts(left + share * (right - left))
    }
    return amounts(1)
  }

  // MARK: Alike in all groups

  /// The best choice under a limit on how far the groups' rates are apart; nil where there is none.
  func best(within bounds: Bounds, _ parity: Parity) -> [Double]? {
    if let free = best(within: bounds), isKept(free, parity) { return free }
    var found: (sum: Double, amounts: [Double])?
    for least in leastRates(parity) {
      guard let amounts = best(within: windows(least, parity, bounds)) else { continue }
      let sum = zip(groups, amounts).reduce(0) { $0 + $1.0.sum(of: $1.1) }
      if let old = found, sum <= old.sum + 1e-12 * (1 + abs(old.sum)) { continue }
      found = (sum, amounts)
    }
    return found?.amounts
  }

  /// The nearest limit of the kind under which there is a choice.
  func nearest(within bounds: Bounds, _ parity: Parity) -> Double {
    func isPossible(_ limit: Parity) -> Bool {
      leastRates(limit).contains { best(within: windows($0, limit, bounds)) != nil }
    }
    var (bad, good) = (0.0, 1.0)
    for _ in 0..<24 {
      let middle = (bad + good) / 2
      switch parity {
      case .difference: if isPossible(.difference(middle)) { good = middle } else { bad = middle }
      case .ratio: if isPossible(.ratio(middle)) { bad = middle } else { good = middle }
      }
    }
    if case .ratio = parity { return bad }
    return good
  }

  private func isKept(_ amounts: [Double], _ parity: Parity) -> Bool {
    let rates = zip(amounts, groups).map { $0 / $1.total }
    return (rates.max() ?? 0) <= parity.most(rates.min() ?? 0) + 1e-12
  }

  /// The bounds under which no rate is below the least one, nor further above it than the limit.
  private func windows(_ least: Double, _ parity: Parity, _ bounds: Bounds) -> Bounds {
    let most = parity.most(least)
    var result = bounds
    for (group, blocks) in groups.enumerated() {
      var (low, high) = (least * blocks.total, most * blocks.total)
      if isCounted {
        low = (low - 1e-9).rounded(.up)
        high = (high + 1e-9).rounded(.down)
      }
      result.least[group] = max(result.least[group], low)
      result.most[group] = min(result.most[group], high)
    }
    return result
  }

  /// The least rates to look at: between two of them nothing changes for the better.
  private func leastRates(_ parity: Parity) -> [Double] {
    let share = amount / groups.reduce(0) { $0 + $1.total }
    let range = (parity.least(share) - 1e-12)...(share + 1e-12)
    var rates: Set<Double> = [0]
    for blocks in groups {
      if isCounted {
        let first = max(0, (range.lowerBound * blocks.total).rounded(.up))
        for count in stride(from: first, through: range.upperBound * blocks.total, by: 1) {
          rates.insert(count / blocks.total)
        }
      } else {
        for sum in blocks.above {
          let rate = sum / blocks.total
          if range.contains(rate) { rates.insert(rate) }
          if range.contains(parity.least(rate)) { rates.insert(parity.least(rate)) }
        }
        rates.formUnion([max(0, range.lowerBound), share])
      }
    }
    return rates.sorted()
  }
}
