internal import FairpostNumerics

/// Shapley values of a function of rows: how much of the difference between a row's value and the mean
/// value of a background each player brings.
///
/// A player is a block of inputs that are switched together, such as the levels of one category:
/// switched one by one they would make rows that cannot be. What stands for an absent player is its
/// value in a row of the background, each row in turn (interventional values).
package struct Shapley: Sendable {
  /// The inputs of each player.
  package let players: [Range<Int>]
  /// The inputs of a row.
  package let width: Int
  /// The rows that stand for absent players, one after another.
  package let background: [Double]
  /// How many values the function gives for a row.
  package let outputs: Int
  private let function: @Sendable (_ inputs: [Double], _ rows: Int) -> [Double]

  /// Shapley values of a function against a background.
  ///
  /// - Parameter function: the values of rows, `outputs` of each, row by row.
  package init(
    players: [Range<Int>], width: Int, background: [Double], outputs: Int,
    _ function: @escaping @Sendable (_ inputs: [Double], _ rows: Int) -> [Double]
  ) {
    self.players = players
    self.width = width
    self.background = background
    self.outputs = outputs
    self.function = function
  }

  /// The values of one row: for each output those of the players.
  package struct Values: Sendable {
    /// What each player brings, output by output.
    package var shares: [[Double]]
    /// The standard error of each; empty where the values are exact.
    package var errors: [[Double]]
    /// The mean value of the background, by output.
    package var base: [Double]
    /// The row's own value, by output.
    package var value: [Double]
  }

  private var backgroundRows: Int { background.count / max(width, 1) }

  /// The values of rows in blocks, so that memory stays bounded.
  private static let block = 512

  // MARK: Exact

  /// The sum over all sets of players.
  ///
  /// - Precondition: at most 20 players.
  package func exact(_ row: [Double]) -> Values {
    let count = players.count
    let sets = 1 << count
    let rows = backgroundRows
    // The mean value over the background with the players of a set present.
    var means = [Double](repeating: 0, count: sets * outputs)
    let atOnce = max(1, Self.block / max(rows, 1))
    for start in stride(from: 0, to: sets, by: atOnce) {
      let chosen = start..<min(start + atOnce, sets)
      var inputs: [Double] = []
      inputs.reserveCapacity(chosen.count * background.count)
      for set in chosen {
        let first = inputs.count
        inputs += background
        for (player, range) in players.enumerated() where set >> player & 1 == 1 {
          for place in 0..<rows {
            for input in range { inputs[first + place * width + input] = row[input] }
          }
        }
      }
      let values = function(inputs, chosen.count * rows)
      for (offset, set) in chosen.enumerated() {
        for output in 0..<outputs {
          var sum = 0.0
          for place in 0..<rows { sum += values[(offset * rows + place) * outputs + output] }
          means[set * outputs + output] = sum / Double(rows)
        }
      }
    }
    // |S|! (M - |S| - 1)! / M!
    var weights = [Double](repeating: 0, count: max(count, 1))
    for size in 0..<count {
      var weight = 1 / Double(count)
      for factor in 0..<size { weight *= Double(factor + 1) / Double(count - 1 - factor) }
      weights[size] = weight
    }
    var shares = [[Double]](
      repeating: [Double](repeating: 0, count: count), count: outputs)
    for set in 0..<sets {
      let weight = weights[min(set.nonzeroBitCount, count - 1)]
      for player in 0..<count where set >> player & 1 == 0 {
        let with = (set | 1 << player) * outputs
        for output in 0..<outputs {
          shares[output][player] += weight * (means[with + output] - means[set * outputs + output])
        }
      }
    }
    return Values(
      shares: shares, errors: [], base: Array(means[0..<outputs]),
      value: Array(means[((sets - 1) * outputs)..<(sets * outputs)]))
  }

  // MARK: Sampled

  /// The mean over random orders of the players and their reverses; a pair of orders has one background
  /// row, each in turn.
  ///
  /// Shares sum to the row's value less the base for every pair, so they do in the mean.
  ///
  /// - Parameters:
  ///   - pairs: how many pairs of orders.
  ///   - key: what names the record, which keys its orders.
  package func sampled(_ row: [Double], pairs: Int, seed: UInt64, key: UInt64) -> Values {
    let count = players.count
    let rows = backgroundRows
    let steps = count + 1
    var sums = [[Double]](repeating: [Double](repeating: 0, count: count), count: outputs)
    var squares = sums
    var base = [Double](repeating: 0, count: outputs)
    var own = [Double](repeating: 0, count: outputs)
    var random = RandomStream(seed: seed, purpose: "shapley orders", index: key)
    let atOnce = max(1, Self.block / (2 * steps))
    for start in stride(from: 0, to: pairs, by: atOnce) {
      let chosen = start..<min(start + atOnce, pairs)
      var orders: [[Int]] = []
      var inputs: [Double] = []
      inputs.reserveCapacity(chosen.count * 2 * steps * width)
      for pair in chosen {
        var order = Array(0..<count)
        for place in stride(from: count - 1, to: 0, by: -1) {
          order.swapAt(place, random.below(place + 1))
        }
        let from = (pair % rows) * width
        for way in [order, order.reversed()] {
          orders.append(way)
          var now = Array(background[from..<from + width])
          inputs += now
          for player in way {
            for input in players[player] { now[input] = row[input] }
            inputs += now
          }
        }
      }
      let values = function(inputs, chosen.count * 2 * steps)
      for (offset, _) in chosen.enumerated() {
        for output in 0..<outputs {
          var shares = [Double](repeating: 0, count: count)
          for way in 0..<2 {
            let first = (offset * 2 + way) * steps
            for (step, player) in orders[offset * 2 + way].enumerated() {
              shares[player] +=
                (values[(first + step + 1) * outputs + output]
                  - values[(first + step) * outputs + output]) / 2
            }
          }
          base[output] += values[offset * 2 * steps * outputs + output]
          own[output] = values[(offset * 2 * steps + count) * outputs + output]
          for player in 0..<count {
            sums[output][player] += shares[player]
            squares[output][player] += shares[player] * shares[player]
          }
        }
      }
    }
    let total = Double(pairs)
    let means = sums.map { $0.map { $0 / total } }
    let errors = zip(means, squares).map { means, squares in
      zip(means, squares).map { mean, square in
        (max(0, square / total - mean * mean) / max(total - 1, 1)).squareRoot()
      }
    }
    return Values(shares: means, errors: errors, base: base.map { $0 / total }, value: own)
  }
}
