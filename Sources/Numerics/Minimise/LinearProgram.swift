/// A small linear programme: the least cost of amounts x >= 0 with A x = right.
///
/// The revised simplex method with an explicit dense inverse of the basis, for up to some hundred rows and
/// any number of sparse columns. Only + - x / are used and every choice among equals goes to the first, so
/// that a result is the same to the bit on every machine. Columns may be added between solutions: the next
/// one starts from where the last ended.
package struct LinearProgram: Sendable {
  /// Why there is no solution.
  package enum Fault: Error, Equatable {
    /// No x meets all rows; a row whose price is not 0 is part of the conflict.
    case infeasible(prices: [Double])
    /// The cost falls without end.
    case unbounded
    /// Rounding did not let the method end.
    case stuck
  }

  /// A least cost, with what proves it.
  package struct Solution: Sendable {
    /// The least cost.
    package let cost: Double
    /// The amount of each column.
    package let amounts: [Double]
    /// What a unit more on the right side of each row adds to the cost.
    package let prices: [Double]
    /// How often a column entered.
    package let pivots: Int
  }

  private let right: [Double]
  private var costs: [Double] = []
  /// Where each column's entries begin; the last is where the next column's will.
  private var starts: [Int] = [0]
  private var entryRows: [Int] = []
  private var entryValues: [Double] = []
  /// The column that holds each row; -1 - row for that row's artificial unit column.
  private var basis: [Int]
  private var isBasic: [Bool] = []
  /// The amounts of the basis, by row.
  private var held: [Double]
  /// The inverse of the basis, row by row.
  private var inverse: [Double]
  private var pivots = 0
  private var sinceFactored = 0

  private var rows: Int { right.count }

  /// A programme without columns.
  ///
  /// - Parameter right: the right sides, none of them negative.
  package init(right: [Double]) {
    precondition(right.allSatisfy { $0 >= 0 }, "a right side is at least 0")
    self.right = right
    held = right
    basis = right.indices.map { -1 - $0 }
    inverse = Self.identity(right.count)
  }

  /// Adds a column and gives its index.
  ///
  /// - Parameter startsRow: the row it can hold alone at the start: its only entry there is 1.
  @discardableResult
  package mutating func add(
    cost: Double, _ entries: [(row: Int, value: Double)], startsRow: Int? = nil
  ) -> Int {
    costs.append(cost)
    for entry in entries where entry.value != 0 {
      entryRows.append(entry.row)
      entryValues.append(entry.value)
    }
    starts.append(entryRows.count)
    isBasic.append(false)
    let column = costs.count - 1
    if let row = startsRow, basis[row] < 0, pivots == 0 {
      basis[row] = column
      isBasic[column] = true
    }
    return column
  }

  /// Finds the least cost.
  package mutating func solve() throws(Fault) -> Solution {
    if basis.indices.contains(where: { basis[$0] < 0 && held[$0] > 1e-12 }) {
      let prices = try run(isPhaseOne: true)
      let missing = basis.indices.reduce(0.0) { $0 + (basis[$1] < 0 ? held[$1] : 0) }
      if missing > 1e-9 { throw .infeasible(prices: prices) }
    }
    let prices = try run(isPhaseOne: false)
    var amounts = [Double](repeating: 0, count: costs.count)
    var cost = 0.0
    for row in basis.indices where basis[row] >= 0 {
      amounts[basis[row]] = held[row]
      cost += costs[basis[row]] * held[row]
    }
    return Solution(cost: cost, amounts: amounts, prices: prices, pivots: pivots)
  }

  // MARK: The method

  /// Pivots until no column is worth entering, and gives the prices.
  private mutating func run(isPhaseOne: Bool) throws(Fault) -> [Double] {
    var idle = 0
    let limit = 200 * (rows + 10) + 20 * costs.count + pivots
    while true {
      let prices = prices(isPhaseOne: isPhaseOne)
      let isCareful = idle > 3 * rows + 20
      guard let column = entering(prices, isPhaseOne: isPhaseOne, takesFirst: isCareful) else {
        if sinceFactored == 0 { return prices }
        factor()
        continue
      }
      let direction = direction(of: column)
      guard let row = leaving(direction, isPhaseOne: isPhaseOne, takesFirst: isCareful) else {
        throw .unbounded
      }
      let step = max(held[row] / direction[row], 0)
      idle = step > 1e-12 ? 0 : idle + 1
      exchange(row, column, direction, step)
      if sinceFactored >= 60 { factor() }
      if pivots > limit { throw .stuck }
    }
  }

  private func cost(ofBasic column: Int, isPhaseOne: Bool) -> Double {
    if column < 0 { return isPhaseOne ? 1 : 0 }
    return isPhaseOne ? 0 : costs[column]
  }

  private func prices(isPhaseOne: Bool) -> [Double] {
    var prices = [Double](repeating: 0, count: rows)
    for row in 0..<rows {
      let cost = cost(ofBasic: basis[row], isPhaseOne: isPhaseOne)
      if cost == 0 { continue }
      for other in 0..<rows { prices[other] += cost * inverse[row * rows + other] }
    }
    return prices
  }

  /// The column that lowers the cost most for each unit; nil where none does.
  private func entering(_ prices: [Double], isPhaseOne: Bool, takesFirst: Bool) -> Int? {
    var least = -1e-10 * (1 + (prices.map(abs).max() ?? 0))
    var found: Int?
    for column in costs.indices where !isBasic[column] {
      var reduced = isPhaseOne ? 0 : costs[column]
      for place in starts[column]..<starts[column + 1] {
        reduced -= prices[entryRows[place]] * entryValues[place]
      }
      if reduced < least {
        found = column
        if takesFirst { return found }
        least = reduced
      }
    }
    return found
  }

  /// What a unit of a column takes from each row of the basis.
  private func direction(of column: Int) -> [Double] {
    var direction = [Double](repeating: 0, count: rows)
    for place in starts[column]..<starts[column + 1] {
      let (row, value) = (entryRows[place], entryValues[place])
      for other in 0..<rows { direction[other] += inverse[other * rows + row] * value }
    }
    return direction
  }

  /// The row that reaches 0 first; among equals that of the largest pivot.
  private func leaving(_ direction: [Double], isPhaseOne: Bool, takesFirst: Bool) -> Int? {
    var best: (row: Int, ratio: Double)?
    for row in 0..<rows {
      var pivot = direction[row]
      var ratio = held[row] / pivot
      if basis[row] < 0, !isPhaseOne, abs(pivot) > 1e-9 {
        // An artificial column that is left at 0 may not come back.
        pivot = abs(pivot)
        ratio = 0
      }
      guard pivot > 1e-9 else { continue }
      guard let old = best else {
        best = (row, ratio)
        continue
      }
      if ratio < old.ratio - 1e-12 {
        best = (row, ratio)
      } else if ratio <= old.ratio + 1e-12 {
        let isTaken =
          takesFirst ? basis[row] < basis[old.row] : pivot > abs(direction[old.row])
        if isTaken { best = (row, min(ratio, old.ratio)) }
      }
    }
    return best?.row
  }

  private mutating func exchange(_ row: Int, _ column: Int, _ direction: [Double], _ step: Double) {
    for other in 0..<rows where other != row {
      held[other] -= step * direction[other]
      if held[other] < 0, held[other] > -1e-11 { held[other] = 0 }
    }
    held[row] = step
    if basis[row] >= 0 { isBasic[basis[row]] = false }
    basis[row] = column
    isBasic[column] = true
    let pivot = direction[row]
    for at in 0..<rows { inverse[row * rows + at] /= pivot }
    for other in 0..<rows where other != row && direction[other] != 0 {
      let factor = direction[other]
      for at in 0..<rows { inverse[other * rows + at] -= factor * inverse[row * rows + at] }
    }
    pivots += 1
    sinceFactored += 1
  }

  /// Computes the inverse anew, so that rounding does not pile up.
  private mutating func factor() {
    sinceFactored = 0
    let count = rows
    var matrix = [Double](repeating: 0, count: count * count)
    for (place, column) in basis.enumerated() {
      if column < 0 {
        matrix[(-1 - column) * count + place] = 1
        continue
      }
      for at in starts[column]..<starts[column + 1] {
        matrix[entryRows[at] * count + place] = entryValues[at]
      }
    }
    var result = Self.identity(count)
    for place in 0..<count {
      var best = place
      for row in place..<count
      where abs(matrix[row * count + place]) > abs(matrix[best * count + place]) { best = row }
      let pivot = matrix[best * count + place]
      // A basis that rounding made singular is left as it was.
      if abs(pivot) < 1e-14 { return }
      if best != place {
        for at in 0..<count {
          matrix.swapAt(best * count + at, place * count + at)
          result.swapAt(best * count + at, place * count + at)
        }
      }
      for at in 0..<count {
        matrix[place * count + at] /= pivot
        result[place * count + at] /= pivot
      }
      for row in 0..<count where row != place && matrix[row * count + place] != 0 {
        let factor = matrix[row * count + place]
        for at in 0..<count {
          matrix[row * count + at] -= factor * matrix[place * count + at]
          result[row * count + at] -= factor * result[place * count + at]
        }
      }
    }
    inverse = result
    for row in 0..<count {
      var sum = 0.0
      for at in 0..<count { sum += inverse[row * count + at] * right[at] }
      held[row] = sum < 0 && sum > -1e-9 ? 0 : sum
    }
  }

  private static func identity(_ count: Int) -> [Double] {
    var matrix = [Double](repeating: 0, count: count * count)
    for place in 0..<count { matrix[place * count + place] = 1 }
    return matrix
  }
}
