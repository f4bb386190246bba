import Foundation
import FairpostTestSupport
import Testing

/// Where the method cannot do what one hopes, the summary says so: the paper's failure signatures.
@Suite(.enabled(if: Program.isBuilt)) struct AdjustWarningTests {
  /// What a fit says of a table.
  private func said(_ text: String, _ options: [String] = []) throws -> String {
    let run = try Program.run(
      ["fit", "--score", "p", "--group", "group", "-o", "m.map"] + options,
      input: Array(text.utf8))
    try #require(run.status == 0, "\(run.errorText)")
    return run.errorText
  }

  private func text(_ rows: [(String, Double)]) -> String {
    "group,p\n" + rows.map { "\($0.0),\($0.1)\n" }.joined()
  }

  @Test func aCalibrationThatIsTooSmall() throws {
    let small = AdjustSample([60, 12], seed: 40)
    let words = try said(String(decoding: small.csv(), as: UTF8.self))
    #expect(words.contains("group b has only 12 records (--min-group 30)"))
    // 1.358 sqrt(1/60 + 1/12), the 95% point of what remains.
    #expect(words.contains("a KS distance of up to 0.4294"), "\(words)")
    let enough = AdjustSample([60, 45], seed: 40)
    #expect(!(try said(String(decoding: enough.csv(), as: UTF8.self))).contains("has only"))
    let single = try Program.run(
      ["--score", "p", "--group", "group"], input: Array("group,p\na,1\na,2\nb,3\n".utf8))
    #expect(single.status == 65 && single.errorText.contains("single record: b (1)"))
  }

  /// Rows of two groups, of which the second has every `step`th.
  private func rows(
    _ count: Int, step: Int = 2, _ score: (_ row: Int, _ isFirst: Bool) -> Double
  ) -> [(String, Double)] {
    (0..<count).map { row in
      let isFirst = row % step == 0
      return (isFirst ? "a" : "b", score(row, isFirst))
    }
  }

  @Test func aBaseModelThatIsNearlyConstant() throws {
    let nearly = rows(80) { row, _ in 0.5 + 1e-9 * Double(row) }
    #expect(try said(text(nearly)).contains("the scores are nearly all the same"))
    let constant = rows(80) { _, _ in 0.5 }
    #expect(try said(text(constant)).contains("the scores are nearly all the same (0.5 to 0.5)"))
  }

  @Test func groupsWithoutOverlap() throws {
    let apart = rows(80) { row, isFirst in Double(row) / 100 + (isFirst ? 0 : 5) }
    #expect(try said(text(apart)).contains("the scores of a and b do not overlap"))
  }

  @Test func heavilyDiscreteScores() throws {
    let rows = rows(300, step: 3) { row, isFirst in Double(row * 7 % (isFirst ? 4 : 5)) }
    let words = try said(text(rows))
    #expect(words.contains("tied scores leave a KS distance of"))
    #expect(words.contains("--ties random with --id spreads them"))
    let adjust = try Program.run(
      ["--score", "p", "--group", "group"], input: Array(text(rows).utf8))
    #expect(adjust.errorText.contains("tied scores leave a KS distance of"))
    // The figure is the one in the file.
    let fair = Output(adjust.output).numbers("p.fair", by: "group")
    let left = largestGap(fair["a"] ?? [], fair["b"] ?? [])
    #expect(left > 0.1 && adjust.errorText.contains("distance of \(String("\(left)".prefix(6)))"))
  }

  @Test func oneGroupAHundredTimesLarger() throws {
    let sample = AdjustSample([6000, 50], seed: 41)
    let words = try said(String(decoding: sample.csv(), as: UTF8.self))
    #expect(words.contains("group a is 120 times as large as b"))
    #expect(words.contains("new records may still show a KS distance"))
  }

  @Test func recordsThatTakeNoPart() throws {
    let rows = (0..<80).map { "\($0 % 2 == 0 ? "a" : "b"),\(Double($0) / 100)\n" }.joined()
    let words = try said("group,p\n" + rows + "a,\nc,NA\n,0.5\n", ["--missing-group", "drop"])
    #expect(words.contains("1 record without a group left out (--missing-group drop)"))
    #expect(words.contains("p: 2 records without a score left out"))
    #expect(words.contains("p: no usable record of c"))
  }
}
