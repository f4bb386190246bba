/// The least of some numbers that change one at a time, in a logarithm of steps.
package struct Tournament {
  private var numbers: [Double]
  private var winners: [Int32]
  private let width: Int

  /// A tournament of numbers.
  package init(_ numbers: [Double]) {
    var width = 1
    while width < numbers.count { width *= 2 }
    self.width = width
    self.numbers = numbers + [Double](repeating: .infinity, count: width - numbers.count)
    winners = [Int32](repeating: 0, count: 2 * width)
    for place in 0..<width { winners[width + place] = Int32(place) }
    for node in stride(from: width - 1, to: 0, by: -1) { play(node) }
  }

  /// Where the least stands; of equals the first.
  package var place: Int { Int(winners[1]) }

  /// The least number.
  package var least: Double { numbers[place] }

  /// Changes one of the numbers.
  package mutating func set(_ place: Int, _ number: Double) {
    numbers[place] = number
    var node = (width + place) / 2
    while node > 0 {
      play(node)
      node /= 2
    }
  }

  private mutating func play(_ node: Int) {
    let (left, right) = (winners[2 * node], winners[2 * node + 1])
    winners[node] = numbers[Int(right)] < numbers[Int(left)] ? right : left
  }
}
