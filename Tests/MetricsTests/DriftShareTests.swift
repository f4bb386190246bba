import Foundation
import FairpostMetrics
import Testing

/// The law of the share of new rows outside the range of old ones.
struct RangeExcessTests {
  /// P(at least `count` of `total` outside) where the share outside is t + B, B ~ Beta(2, n - 1), by
  /// sums over a fine grid of B.
  private func probability(_ count: Int, _ total: Int, _ n: Int, _ t: Double) -> Double {
    let steps = 20_000
    var sum = 0.0
    for step in 0..<steps {
      let b = (Double(step) + 0.5) / Double(steps)
      let density =
        Double(n) * Double(n - 1) * b * pow(1 - b, Double(n - 2)) / Double(steps)
      let p = min(1, t + b)
      var atLeast = p >= 1 ? 1.0 : 0.0
      if p < 1 {
        for k in count...total {
          let mass =
            lgamma(Double(total) + 1) - lgamma(Double(k) + 1) - lgamma(Double(total - k) + 1)
          atLeast += exp(mass + Double(k) * log(p) + Double(total - k) * log(1 - p))
        }
      }
      sum += density * atLeast
    }
    return sum
  }

  @Test func boundIsWhereTheTailIs() {
    for (count, total, n) in [(30, 100, 10), (12, 40, 32), (9, 20, 8), (20, 20, 5), (1, 3, 200)] {
      check(count, total, n)
    }
  }

  private func check(_ count: Int, _ total: Int, _ n: Int) {
    let tail = 0.025
    let bound = RangeExcess.lowerBound(
      count: Double(count), of: Double(total), fitted: Double(n), tail: tail)
    let at = probability(count, total, n, bound)
    if bound == 0 {
      #expect(at >= tail)
    } else {
      #expect(abs(at - tail) < 2e-5, "\(bound) \(at)")
    }
  }

  /// A very large fit leaves nothing out: the bound is the exact one of a share.
  @Test func largeFit() {
    let bound = RangeExcess.lowerBound(count: 30, of: 100, fitted: 1e9, tail: 0.025)
    // SciPy: binomtest(30, 100).proportion_ci(0.95, "exact").low
    #expect(abs(bound - 0.2124064) < 1e-6)
    #expect(RangeExcess.lowerBound(count: 0, of: 100, fitted: 10, tail: 0.025) == 0)
    #expect(RangeExcess.lowerBound(count: 7, of: 100, fitted: 32, tail: 0.025) == 0)
  }
}
