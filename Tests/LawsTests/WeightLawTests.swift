import Foundation
import FairpostTestSupport
import Testing

/// One rule for weights and frequencies in every command that takes them, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct WeightLawTests {
  /// 60 rows: id, y, p, sex, w, with the weight of record 30 (line 32) as given.
  private func rows(_ weight: String, others: String = "1") -> [UInt8] {
    var lines = ["id,y,p,sex,w"]
    for row in 0..<60 {
      let label = row * 7 % 5 < 2 ? 1 : 0
      let score = Double((row * 37 + label * 20) % 101) / 101
      lines.append(
        "\(row),\(label),\(score),\(row % 2 == 0 ? "F" : "M"),\(row == 30 ? weight : others)")
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The commands that take a weight, with their other options.
  private static let commands: [[String]] = [
    ["fit", "--score", "p", "--group", "sex"],
    ["fit", "threshold", "--score", "p", "--task", "y", "--group", "sex"],
    ["evaluate", "--score", "p", "--task", "y", "--group", "sex"],
    ["evaluate", "--score", "p", "--task", "y", "--group", "sex", "--at-rate", "0.4"],
    ["train", "linear", "--task", "y", "--group", "sex", "--exclude", "id"],
    [
      "compare", "--task", "y", "--group", "sex", "--exclude", "id", "--seeds", "1", "--methods",
      "linear",
    ],
    ["reweigh", "--task", "y", "--group", "sex", "--column", "new"],
    ["drift"],
  ]

  private func run(
    _ command: [String], _ option: String, _ input: [UInt8], _ scratch: Scratch
  ) throws -> ProgramRun {
    var arguments = command + ["--\(option)", "w"]
    if command == ["drift"] {
      let map = scratch.url.appendingPathComponent("p.map").path
      let fitted = try Program.run(
        ["fit", "--score", "p", "--group", "sex", "-o", map], input: rows("1"))
      #expect(fitted.status == 0, "\(fitted.errorText)")
      arguments += ["-m", map]
    }
    return try Program.run(arguments, input: input)
  }

  @Test(arguments: commands, ["1e200", "1e31", "5e-324", "1e-40", "-1", ""])
  func aWeightThatCannotBeUsedIsNamed(_ command: [String], _ weight: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let outcome = try run(command, "weight", rows(weight), scratch)
    #expect(outcome.status == 65, "\(command) \(weight): \(outcome.status) \(outcome.errorText)")
    #expect(
      outcome.errorText.contains("standard input:32: column \"w\": the weight "),
      "\(command) \(weight): \(outcome.errorText)")
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: commands.filter { $0[0] != "reweigh" }, ["1e19", "1.5", "1099511627777", "-2"])
  func aFrequencyThatCannotBeCountedIsNamed(_ command: [String], _ frequency: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let outcome = try run(command, "frequency", rows(frequency), scratch)
    #expect(outcome.status == 65, "\(command) \(frequency): \(outcome.status)")
    #expect(
      outcome.errorText.contains("standard input:32: column \"w\": the frequency "),
      "\(command) \(frequency): \(outcome.errorText)")
  }

  /// A time in milliseconds is a whole number, but so many records there are not.
  @Test(arguments: commands.filter { $0[0] != "reweigh" })
  func frequenciesThatAddUpToTooMuchAreRefused(_ command: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var lines = ["id,y,p,sex,w"]
    for row in 0..<9000 {
      lines.append(
        "\(row),\(row * 7 % 5 < 2 ? 1 : 0),\(Double(row % 101) / 101),\(row % 2 == 0 ? "F" : "M"),1099511627776"
      )
    }
    let input = Array((lines.joined(separator: "\n") + "\n").utf8)
    let outcome = try run(command, "frequency", input, scratch)
    #expect(outcome.status == 65, "\(command): \(outcome.status) \(outcome.errorText)")
    #expect(outcome.errorText.contains("column \"w\": the frequencies add up to more than"))
  }

  /// The extremes that are allowed give results everywhere.
  @Test(arguments: commands) func theExtremesWork(_ command: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var cases = [
      ("weight", rows("1e30", others: "1e30")), ("weight", rows("1e-30", others: "1e-30")),
    ]
    // New weights of such a mixture would be too small to be read again, which reweigh says.
    if command[0] != "reweigh" {
      cases += [("weight", rows("1e30", others: "1e-3")), ("frequency", rows("1099511627776"))]
    }
    for (option, input) in cases {
      let outcome = try run(command, option, input, scratch)
      #expect(outcome.status <= 2, "\(command) \(option): \(outcome.status) \(outcome.errorText)")
    }
  }

  /// The cost of a figure does not grow with the frequencies.
  @Test(arguments: [["--permutations", "99"], ["--at-rate", "0.4"], []])
  func hugeFrequenciesEnd(_ options: [String]) throws {
    let outcome = try Program.run(
      ["evaluate", "-q", "--score", "p", "--task", "y", "--group", "sex", "--frequency", "w"]
        + options, input: rows("4294967296", others: "4294967296"))
    #expect(outcome.status == 0, "\(options): \(outcome.status)")
    #expect(!outcome.timedOut)
  }

  @Test func countsOfRowsTakeNoWeight() throws {
    for command in [["resample", "oversample"], ["massage"]] {
      let outcome = try Program.run(
        command + [
          "--task", "y", "--group", "sex", "--protected", "sex=F", "--score", "p", "--weight", "w",
        ], input: rows("2"))
      #expect(outcome.status == 64, "\(command): \(outcome.status)")
    }
  }
}
