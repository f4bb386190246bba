import FairpostNumerics
import Testing

@Suite struct ExactSumTests {
  static func sum(_ numbers: [Double]) -> ExactSum {
    var sum = ExactSum()
    for number in numbers { sum.add(number) }
    return sum
  }

  @Test(
    arguments: [
      ([], 0), ([1, 1e100, 1, -1e100], 2), ([1e308, 1e308, -1e308], 1e308),
      ([5e-324, 5e-324, -5e-324], 5e-324), ([0.1, 0.2, -0.3], 0x1p-55),
      ([1, 0x1p-53], 1), ([1, 0x1p-53, 0x1p-1074], 1 + 0x1p-52),
      ([1 + 0x1p-52, 0x1p-53], 1 + 0x1p-51),
      ([-1, -0x1p-53, -0x1p-1074], -1 - 0x1p-52), ([1e308, 1e308], .infinity),
      ([2.2250738585072014e-308, -5e-324], 2.225073858507201e-308),
    ] as [([Double], Double)])
  func knownSums(_ numbers: [Double], _ expected: Double) {
    #expect(Self.sum(numbers).value == expected)
    #expect(Self.sum(numbers.reversed()).value == expected)
  }

  @Test func anyOrderAndDivisionAgree() {
    var stream = RandomStream(seed: 1, purpose: "tests.sum")
    let numbers = (0..<5000).map { _ in
      stream.normal() * Double(sign: .plus, exponent: stream.below(200) - 100, significand: 1)
    }
    let whole = Self.sum(numbers)
    let shuffled = stream.permutation(numbers.count).map { numbers[$0] }
    #expect(Self.sum(shuffled) == whole)
    var merged = Self.sum(Array(numbers[..<1234]))
    merged.add(Self.sum(Array(numbers[1234...])))
    #expect(merged == whole)
    #expect(Self.sum(whole.parts) == whole)
    #expect(whole.parts.first == whole.value)
    #expect(Self.sum(numbers + numbers.map { -$0 }).value == 0)
  }

  /// Whole numbers give a second route that cannot round.
  @Test func agreesWithWholeNumbers() {
    var stream = RandomStream(seed: 2, purpose: "tests.sum")
    var wide: Int128 = 0
    var sum = ExactSum()
    for _ in 0..<2000 {
      let number = Int64(truncatingIfNeeded: stream.next()) >> 11
      wide += Int128(number) << 20
      sum.add(Double(number) * 0x1p20)
    }
    #expect(sum.value == Double(wide))
  }
}
