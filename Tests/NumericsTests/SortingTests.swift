import FairpostNumerics
import Testing

@Suite struct SortingTests {
  /// Shapes that spread out, lump, repeat, and defeat linear placing.
  static func sample(_ shape: String, _ count: Int) -> [Double] {
    var stream = RandomStream(seed: 3, purpose: "tests.sorting", index: UInt64(count))
    return (0..<count).map { i in
      switch shape {
      case "uniform": stream.uniform()
      case "normal": stream.normal()
      case "deciles": Double(stream.below(10))
      case "outlier": i == 7 ? 1e300 : stream.uniform()
      case "exponents":
        (stream.uniform() < 0.5 ? -1 : 1)
          * Double(
            sign: .plus, exponent: stream.below(2000) - 1000, significand: 1 + stream.uniform())
      case "lumps": Double(stream.below(20)) + 1e-9 * Double(stream.below(1000))
      case "ascending": Double(i)
      case "descending": Double(-i)
      case "infinite": i % 100 == 0 ? .infinity : (i % 101 == 0 ? -.infinity : stream.normal())
      case "zeros": i % 2 == 0 ? 0.0 : -0.0
      default: 1
      }
    }
  }

  @Test(
    arguments: [
      "uniform", "normal", "deciles", "outlier", "exponents", "lumps", "ascending", "descending",
      "infinite", "zeros", "constant",
    ], [0, 1, 2, 31, 33, 1000, 16_384, 16_385, 200_000])
  func agreesWithStandardSort(_ shape: String, _ count: Int) {
    let numbers = Self.sample(shape, count)
    let expected = numbers.sorted()
    var sorted = numbers
    Sorting.sort(&sorted)
    #expect(sorted == expected)
    var parallel = numbers
    Sorting.sort(&parallel, threads: 3)
    #expect(parallel == expected)
    // A stable order is unique: compare with sorting pairs.
    let order = Sorting.order(numbers).map(Int.init)
    let stable = numbers.indices.sorted {
      numbers[$0] < numbers[$1] || (numbers[$0] == numbers[$1] && $0 < $1)
    }
    #expect(order == stable)
  }

  @Test func negativeZeroLeavesAsZero() {
    var numbers = [0.0, -0.0, 1, -0.0]
    Sorting.sort(&numbers)
    #expect(numbers.allSatisfy { $0.sign == .plus })
  }
}
