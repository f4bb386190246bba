import FairpostMetrics
import Testing

/// The gate's grammar and its truth table.
struct GateTests {
  private func figure(_ lower: Double?, _ upper: Double?, flags: [String] = []) -> Figure {
    Figure(
      task: "income", score: "income.fair", metric: "ks", definition: "ks", attribute: ["sex"],
      group: nil, category: nil, value: lower.flatMap { l in upper.map { (l + $0) / 2 } },
      reason: lower == nil ? "no rows" : nil, lower: lower, upper: upper, count: 100, method: "",
      flags: flags, noise: nil, insideNoise: nil, pValue: nil)
  }

  @Test func parsing() throws {
    let gate = try Gate("income/income.fair/sex,race:ks >= 0.05")
    #expect(gate.task == "income" && gate.score == "income.fair")
    #expect(gate.attribute == ["sex", "race"] && gate.metric == "ks")
    #expect(gate.comparison == .greaterOrEqual && gate.limit == 0.05)
    let short = try Gate("ks>.1")
    #expect(short.task == nil && short.attribute == nil && short.limit == 0.1)
    let one = try Gate("sex: ks < 1e-2")
    #expect(one.attribute == ["sex"] && one.score == nil && one.comparison == .less)
    for bad in ["ks", "ks > many", "a/b/c/d:ks > 1", " > 1", "ks = 1"] {
      #expect(throws: MetricsError.self) { try Gate(bad) }
    }
  }

  @Test(
    arguments: [
      ("ks > 0.05", 0.06, 0.1, 1), ("ks > 0.05", 0.01, 0.1, 2), ("ks > 0.05", 0.0, 0.05, 0),
      ("ks >= 0.05", 0.05, 0.1, 1), ("ks >= 0.05", 0.0, 0.05, 2), ("ks < 0.8", 0.5, 0.7, 1),
      ("ks < 0.8", 0.7, 0.9, 2), ("ks < 0.8", 0.8, 0.9, 0), ("ks <= 0.8", 0.7, 0.8, 1),
    ] as [(String, Double, Double, Int32)])
  func truthTable(_ text: String, _ lower: Double, _ upper: Double, _ status: Int32) throws {
    #expect(try Gate(text).verdict([figure(lower, upper)]).rawValue == status)
  }

  @Test func whatCannotBeSaidIsUndecided() throws {
    let gate = try Gate("ks > 0.05")
    #expect(gate.verdict([figure(nil, nil)]) == .undecided)
    #expect(gate.verdict([figure(0, 0.01, flags: ["small-group"])]) == .undecided)
    #expect(gate.verdict([]) == .undecided)
    #expect(gate.verdict([figure(0, 0.01), figure(0.2, 0.3), figure(0, 1)]) == .notMet)
    #expect(gate.verdict([figure(0, 0.01), figure(0, 1)]) == .undecided)
    #expect(Gate.verdict([gate, try Gate("income:w1 > 1")], [figure(0, 0.01)]) == .undecided)
  }
}
