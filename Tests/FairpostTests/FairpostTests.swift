import Fairpost
import Testing

/// The library's promise: fit, apply and evaluate with one import.
struct FairpostTests {
  @Test func fitApplyAndEvaluate() throws {
    var random = RandomStream(seed: 1, purpose: "kit")
    let codes = (0..<2000).map { Int32($0 % 2) }
    let scores = codes.map { Double($0) + random.normal() }
    let grouping = Grouping(
      columns: ["sex"], keys: [GroupKey(["F"]), GroupKey(["M"])], codes: codes)
    let map = try WassersteinMap(
      CalibrationData(scores: [("p", scores)], attributes: [grouping]),
      settings: WassersteinSettings())
    var fair = scores
    var outcomes = [FairpostMethods.Outcome](repeating: [], count: scores.count)
    map.apply(score: 0, values: scores, codes: [codes], into: &fair, outcomes: &outcomes)

    func distance(_ values: [Double]) throws -> Double {
      let task = TaskColumns(
        name: "", kind: .regression, labels: [],
        scores: [ScoreColumn(name: "p", values: values)])
      let data = try EvaluationData(
        count: values.count, tasks: [task], attributes: [grouping])
      let figures = Evaluator(data).figures([try MetricRegistry.metric("ks")])
      return try #require(figures.first?.value)
    }
    // Normal groups one deviation apart: KS is 2 Phi(1/2) - 1 = .383 in the population.
    #expect(abs(try distance(scores) - 0.383) < 0.06)
    // In sample the map leaves one rank of 1,000.
    #expect(try distance(fair) <= 0.001 + 1e-12)
  }
}
