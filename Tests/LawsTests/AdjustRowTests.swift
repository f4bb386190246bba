import Foundation
import FairpostNumerics
import FairpostTestSupport
import Testing

/// One record, one answer: results do not depend on batch, order, threads or the call.
@Suite(.enabled(if: Program.isBuilt)) struct AdjustRowTests {
  /// The ways to fit, each with what it needs.
  static let fits: [[String]] = [
    ["--score", "p", "--group", "group"],
    ["--score", "grade", "--group", "group", "--ties", "random", "--id", "id"],
    ["--score", "p", "--group", "group", "--jitter", "0.01", "--id", "id"],
    ["--score", "p", "--group", "group", "--estimator", "split", "--id", "id"],
    [
      "--score", "p", "--score", "grade", "--group", "group", "--group", "region",
      "--min-group", "10",
    ],
    ["--score", "grade", "--group", "group,region", "--small-cell", "pool", "--exact"],
  ]

  let sample = AdjustSample([300, 120, 50], seed: 20)

  private func fit(_ options: [String], _ input: [UInt8], in folder: Scratch) throws -> String {
    let path = folder.url.appendingPathComponent("m\(UUID().uuidString).map").path
    let run = try Program.run(["fit", "--quiet", "-o", path] + options, input: input)
    try #require(run.status == 0, "\(run.errorText)")
    return path
  }

  private func apply(_ map: String, _ input: [UInt8], _ options: [String] = []) throws -> [UInt8] {
    let run = try Program.run(["apply", "--quiet", "-m", map] + options, input: input)
    try #require(run.status == 0, "\(run.errorText)")
    return run.output
  }

  private func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(arguments: fits) func oneRowAloneEqualsTheRowInABatch(_ options: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = try fit(options, sample.csv(), in: scratch)
    let all = lines(try apply(map, sample.csv()))
    for place in stride(from: 0, to: sample.rows.count, by: 67) {
      let one = lines(try apply(map, sample.csv([sample.rows[place]])))
      #expect(one == [all[0], all[place + 1]])
    }
    // Halves, a group alone, and the reverse order: the same lines.
    let half = sample.rows.count / 2
    let parts =
      lines(try apply(map, sample.csv(Array(sample.rows[..<half])))).dropFirst()
      + lines(try apply(map, sample.csv(Array(sample.rows[half...])))).dropFirst()
    #expect(Array(parts) == Array(all.dropFirst()))
    let reversed = lines(try apply(map, sample.csv(sample.rows.reversed())))
    #expect(reversed.dropFirst().reversed() == Array(all.dropFirst()))
    let alone = sample.rows.filter { $0.group == "a" }
    let kept = zip(sample.rows, all.dropFirst()).filter { $0.0.group == "a" }.map(\.1)
    #expect(Array(lines(try apply(map, sample.csv(alone))).dropFirst()) == kept)
  }

  @Test(arguments: fits) func orderAndThreadsDoNotMatterToTheFit(_ options: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let contents = { (path: String) in try Data(contentsOf: URL(fileURLWithPath: path)) }
    let map = try contents(try fit(options, sample.csv(), in: scratch))
    let reversed = sample.csv(sample.rows.reversed())
    #expect(try contents(try fit(options, reversed, in: scratch)) == map)
    for threads in ["1", "2", "5"] {
      let path = try fit(options + ["--threads", threads], sample.csv(), in: scratch)
      #expect(try contents(path) == map)
      #expect(
        try apply(path, sample.csv(), ["--threads", threads]) == apply(path, sample.csv()))
    }
  }

  @Test(arguments: fits) func adjustIsFitAndApply(_ options: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = try fit(options, sample.csv(), in: scratch)
    let run = try Program.run(["adjust", "--quiet"] + options, input: sample.csv())
    #expect(run.status == 0)
    #expect(run.output == (try apply(map, sample.csv())))
    let verified = try Program.run(["verify", "-m", map], input: run.output)
    #expect(verified.status == 0, "\(verified.errorText)")
  }

  @Test func frequencyTwoEqualsEveryRowTwice() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var counted = "group,p,times\n"
    var twice = "group,p\n"
    for row in sample.rows {
      counted += "\(row.group),\(row.grade),2\n"
      twice += "\(row.group),\(row.grade)\n\(row.group),\(row.grade)\n"
    }
    for extra in [[], ["--estimator", "equipy"], ["--estimator", "hazen"], ["--epsilon", "0.3"]] {
      let options = ["--score", "p", "--group", "group"] + extra
      let a = try fit(options + ["--frequency", "times"], Array(counted.utf8), in: scratch)
      let b = try fit(options, Array(twice.utf8), in: scratch)
      #expect(try apply(a, Array(twice.utf8)) == apply(b, Array(twice.utf8)))
    }
    // A row of frequency 0 is not there.
    let zeros = counted + "a,1000,0\nq,1,0\n"
    let options = ["--score", "p", "--group", "group", "--frequency", "times"]
    #expect(
      try apply(try fit(options, Array(zeros.utf8), in: scratch), Array(twice.utf8))
        == apply(try fit(options, Array(counted.utf8), in: scratch), Array(twice.utf8)))
  }

  /// Weights are estimates as if rows were duplicated, whatever their unit.
  @Test func weightsHaveNoUnit() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var random = RandomStream(seed: 21, purpose: "tests.laws.weights")
    var (one, many) = ("group,p,w\n", "group,p,w\n")
    for row in sample.rows {
      let weight = Double(1 + Int(random.uniform() * 4))
      one += "\(row.group),\(row.score),\(weight)\n"
      many += "\(row.group),\(row.score),\(1024 * weight)\n"
    }
    let options = ["--score", "p", "--group", "group", "--weight", "w"]
    let a = try apply(try fit(options, Array(one.utf8), in: scratch), sample.csv())
    let b = try apply(try fit(options, Array(many.utf8), in: scratch), sample.csv())
    #expect(a == b)
  }

  @Test func everyPolicyIsCountedAndFlagged() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let extra = [
      "--unseen", "pool", "--missing-group", "pass", "--outside", "shift", "--range", "-99,99",
    ]
    let map = try fit(["--score", "p", "--group", "group"] + extra, sample.csv(), in: scratch)
    var random = RandomStream(seed: 22, purpose: "tests.laws.policies")
    var expected: [String: Int] = [:]
    var text = "group,p\n"
    for _ in 0..<5000 {
      switch Int(random.uniform() * 6) {
      case 0:
        text += "q,0.5\n"
        for word in ["unseen", "pooled"] { expected[word, default: 0] += 1 }
      case 1:
        text += ",0.5\n"
        for word in ["missing-group", "passed"] { expected[word, default: 0] += 1 }
      case 2:
        text += "a,NA\n"
        expected["missing-score", default: 0] += 1
      case 3:
        text += "b,50\n"
        expected["shifted", default: 0] += 1
      default: text += "a,0.25\n"
      }
    }
    let run = try Program.run(["apply", "-m", map, "--flag", "done"], input: Array(text.utf8))
    var found: [String: Int] = [:]
    for flags in Output(run.output).texts("done") {
      for flag in flags.split(whereSeparator: { $0 == " " || $0 == ";" || $0 == "|" }) {
        found[String(flag), default: 0] += 1
      }
    }
    #expect(found == expected)
    // Every count of the flags stands in the summary too.
    for count in expected.values {
      let digits = "\(count)"
      let grouped = digits.count > 3 ? digits.dropLast(3) + "," + digits.suffix(3) : digits[...]
      #expect(run.errorText.contains(digits) || run.errorText.contains(grouped))
    }
  }
}
