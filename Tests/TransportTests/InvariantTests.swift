import FairpostTransport
import Testing

/// What every walk over a distribution takes for granted, broken in each way there is.
struct InvariantTests {
  private func fault(
    _ values: [Double], _ masses: [Double]? = nil, _ gaps: [Double]? = nil,
    _ remainders: [Int: [Double]] = [:], rows: Int = 3
  ) -> String? {
    Distribution.fault(
      values: values, masses: masses, gaps: gaps, remainders: remainders, rows: rows)
  }

  @Test func whatIsMadeHasThem() {
    let numbers = [0.3, -0.0, 0.1, 0.3, 7, -2]
    let weights = [0.1, 0.2, 0.3, 0.7, 1e-17, 3]
    let plain = Distribution(numbers)
    let weighted = Distribution(numbers, weights: weights, frequencies: false)
    let merged = Distribution.merging([plain, weighted, plain])
    let mapped = merged.mapped(to: merged.values.map { ($0 / 5).rounded() })
    for made in [plain, weighted, merged, mapped] {
      #expect(
        fault(made.values, made.masses, made.gaps, made.remainders, rows: made.rows) == nil)
    }
    // 0.1 + 0.7 is not a Double: what is left of it is kept.
    #expect(weighted.remainders.values.contains { !$0.isEmpty })
  }

  @Test func eachIsSeen() {
    #expect(fault([1, 2, 3]) == nil)
    #expect(fault([1, 2], [0.8, 2], nil, [0: [0x1p-60]]) == nil)
    #expect(fault([1, .nan, 3]) == "value 1 is not finite")
    #expect(fault([1, 2, .infinity]) == "value 2 is not finite")
    #expect(fault([-0.0, 2]) == "value 0 is -0")
    #expect(fault([1, 3, 2]) == "value 2 does not ascend")
    #expect(fault([1, 1]) == "value 1 does not ascend")
    #expect(fault([1, 2], [1, -1]) == "weight 1 is no weight")
    #expect(fault([1, 2], [.nan, 1]) == "weight 0 is no weight")
    #expect(fault([1, 2], [1, 1], [0, -0.5]) == "weight 1 is no weight")
    #expect(fault([1, 2], [1, 0]) == "nothing weighs at value 1")
    #expect(fault([1, 2], nil, nil, [0: [0x1p-60]]) == "a remainder of no weight")
    #expect(fault([1, 2], [1, 1], nil, [5: [0x1p-60]]) == "a remainder of no weight")
    #expect(fault([1, 2], [1, 1], nil, [0: [0.5]]) == "the weight at value 0 is not exact")
    #expect(fault([1, 2], [1, 1], nil, [1: [0]]) == "the weight at value 1 is not exact")
    #expect(fault([1], rows: -1) == "-1 rows")
  }
}
