import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// The curve of the tolerance, by its breakpoints.
@Suite struct DecideFrontierTests {
  /// The words of a problem without the limits of its parities.
  private func words(_ problem: DecisionCase) -> [(name: String, value: String)] {
    problem.words.map { word in
      guard word.name == "constraint", let mark = word.value.firstIndex(of: "=") else {
        return word
      }
      return (word.name, String(word.value[..<mark]))
    }
  }

  private func curve(_ problem: DecisionCase) throws -> [FrontierStep] {
    var request = FitRequest(problem.rows.data)
    request.idColumn = "id"
    return try DecideMethod(given: words(problem)).frontier(request, steps: 5)
  }

  @Test(.enabled(if: Shared.isPresent)) func breakpointsAreThoseOfTheReference() throws {
    let cases = try decisionVectors("g_frontier")
    #expect(cases.count == 4)
    for node in cases {
      let name = try node["name"].string
      let expected = try node["expected"]["breakpoints"].array.map { try $0.doubles }
      let found = try curve(DecisionCase(node))
      #expect(found.count == expected.count, "\(name)")
      for (step, point) in zip(found, expected) {
        #expect(abs(step.setting - point[0]) < 1e-9, "\(name)")
        #expect(abs((step.value ?? .nan) - point[1]) < 1e-9, "\(name)")
        #expect(step.adjustment.contradiction() == nil, "\(name)")
      }
    }
  }

  /// Between two breakpoints the optimum of a fit by itself is on the straight line.
  @Test(arguments: 0..<30)
  func theCurveIsThatOfSingleFits(_ seed: Int) throws {
    var problem = DecideLawTests.problem(seed)
    problem.caps = []
    if problem.objective == "f1" { problem.objective = "accuracy" }
    let rates = problem.parity.isEmpty ? ["tpr", "fpr"] : problem.parity.map(\.rate)
    let parity = { (tolerance: Double) in
      rates.map { DecisionCase.Parity(rate: $0, tolerance: tolerance, ratio: nil) }
    }
    problem.parity = parity(0)
    let found = try curve(problem)
    func value(_ tolerance: Double) throws -> Double {
      var other = problem
      other.parity = parity(min(tolerance, 1))
      return try other.prove(other.fit(), "case \(seed) at \(tolerance)")
    }
    for (left, right) in zip(found, found.dropFirst()) {
      #expect(left.setting < right.setting)
      let (start, end) = (try #require(left.value), try #require(right.value))
      #expect(start < end)
      #expect(try abs(value((left.setting + right.setting) / 2) - (start + end) / 2) < 1e-9)
    }
    let last = try #require(found.last)
    #expect(try abs(value(1) - (last.value ?? .nan)) < 1e-9)
    // It bends at each breakpoint: the slope falls.
    let slopes = zip(found, found.dropFirst()).map {
      (($1.value ?? 0) - ($0.value ?? 0)) / ($1.setting - $0.setting)
    }
    for (before, after) in zip(slopes, slopes.dropFirst()) { #expect(after < before) }
  }
}
