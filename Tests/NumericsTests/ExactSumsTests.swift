import FairpostNumerics
import Testing

@Suite struct ExactSumsTests {
  /// Of all sizes, so that some are near, some far, and some overflow into the far part.
  private func numbers(_ spread: Int) -> [Double] {
    var stream = RandomStream(seed: 3, purpose: "tests.sums")
    return (0..<5000).map { _ in
      let exponent = stream.below(2 * spread + 1) - spread
      return stream.normal() * Double(sign: .plus, exponent: exponent, significand: 1)
    }
  }

  @Test(arguments: [0, 19, 60, 400])
  func agreesWithExactSum(_ spread: Int) {
    let numbers = numbers(spread)
    for numbers in [numbers, numbers.map { abs($0) }] {
      var sums = ExactSums(count: 3)
      var parts = ExactSums(count: 2)
      for number in numbers.prefix(1234) { parts.add(number, at: 1) }
      for number in numbers.dropFirst(1234).reversed() { sums.add(number, at: 2) }
      sums.add(parts, from: 1, at: 2)
      let expected = ExactSumTests.sum(numbers)
      #expect(sums.value(at: 2) == expected.value)
      #expect(sums.sum(at: 2) == expected)
      #expect(sums.value(at: 0) == 0)
    }
  }

  @Test func largeNearSumsOverflow() {
    var sums = ExactSums(count: 1)
    for _ in 0..<100 { sums.add(0x1.fffffp19, at: 0) }
    sums.add(0x1p-60, at: 0)
    var expected = ExactSumTests.sum([Double](repeating: 0x1.fffffp19, count: 100))
    expected.add(0x1p-60)
    #expect(sums.sum(at: 0) == expected)
  }

  @Test func timesAreRows() {
    for spread in [10, 300] {
      var counted = ExactSums(count: 1)
      var plain = ExactSums(count: 1)
      for (place, number) in numbers(spread).prefix(300).enumerated() {
        counted.add(number, times: place % 7, at: 0)
        for _ in 0..<(place % 7) { plain.add(number, at: 0) }
      }
      #expect(counted.sum(at: 0) == plain.sum(at: 0))
    }
  }

  @Test func whatIsNotFiniteStays() {
    var sums = ExactSums(count: 2)
    sums.add(.infinity, at: 0)
    sums.add(1, at: 0)
    sums.add(-1e300, at: 1)
    #expect(sums.value(at: 0) == .infinity && sums.value(at: 1) == -1e300)
    sums.add(-.infinity, at: 0)
    #expect(sums.value(at: 0).isNaN)
  }
}
