import Foundation
import FairpostTestSupport
import Testing

/// `--estimator equipy` against numbers of the package EquiPy, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct EquiPyProgramTests {
  /// The results of a map with EquiPy's estimator, for rows of a file.
  static func results(
    _ calibration: URL, _ new: URL, _ options: [String], wanted: [String] = ["score.fair"],
    apply: [String] = []
  ) throws -> [[Double]] {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = scratch.url.appendingPathComponent("m.map").path
    let fit = try Program.run(
      [
        "fit", "-q", "--estimator", "equipy", "--score", "score", "--min-group", "1",
        "--allow-singletons", "-o", map,
      ] + options + [calibration.path])
    try #require(fit.status == 0, "\(fit.errorText)")
    let run = try Program.run(["apply", "-q", "-m", map] + apply + [new.path])
    try #require(run.status == 0, "\(run.errorText)")
    let output = Output(run.output)
    return wanted.map { output.numbers($0) }
  }

  private func fixture(_ name: String) -> URL {
    Shared.repository.appendingPathComponent("Fixtures/equipy/\(name).csv")
  }

  @Test(arguments: ["groups", "ties"]) func oneAttribute(_ name: String) throws {
    let new = try PlainCSV(path: fixture("\(name)_new").path)
    var checked = 0
    for epsilon in ["0", "0.25", "1"] where new.header.contains("fair_\(epsilon)") {
      let fair = try Self.results(
        fixture("\(name)_calibration"), fixture("\(name)_new"),
        ["--group", "group", "--epsilon", epsilon])
      #expect(largestDifference(fair[0], new.numbers("fair_\(epsilon)")) < 1e-9)
      checked += 1
    }
    #expect(checked >= 2)
  }

  @Test(arguments: [["sex", "race"], ["race", "sex"]])
  func twoAttributes(_ order: [String]) throws {
    let new = try PlainCSV(path: fixture("attributes_new").path)
    for epsilons in [["0", "0"], ["0.25", "0.5"]] {
      let found = try Self.results(
        fixture("attributes_calibration"), fixture("attributes_new"),
        order.flatMap { ["--group", $0] } + ["--epsilon", epsilons.joined(separator: ",")],
        wanted: ["score.fair.\(order[0])", "score.fair"], apply: ["--steps"])
      let label = "\(order.joined(separator: "-"))_\(epsilons.joined(separator: "-"))"
      #expect(largestDifference(found[0], new.numbers("step_\(label)")) < 1e-9, "\(label)")
      #expect(largestDifference(found[1], new.numbers("fair_\(label)")) < 1e-9, "\(label)")
    }
  }
}

/// The same for the reference files that stand beside the project, the faults of EquiPy left out.
@Suite(.enabled(if: Program.isBuilt && Shared.isPresent)) struct EquiPyReferenceTests {
  private func file(_ name: String) -> URL {
    URL(fileURLWithPath: Shared.path("reference/\(name).csv"))
  }

  @Test(arguments: ["two_groups", "ties", "out_of_range", "singleton_group"])
  func plainColumns(_ name: String) throws {
    let test = try PlainCSV(path: file("equipy/\(name)_test").path)
    for epsilon in ["0", "0.3", "1"] where test.header.contains("fair_sigma0_eps\(epsilon)") {
      let fair = try EquiPyProgramTests.results(
        file("equipy/\(name)_calib"), file("equipy/\(name)_test"),
        ["--group", "group", "--epsilon", epsilon])
      #expect(largestDifference(fair[0], test.numbers("fair_sigma0_eps\(epsilon)")) < 1e-9)
    }
  }

  /// EquiPy's noise stands in the files: with it added to the scores, the results are EquiPy's.
  @Test(arguments: [("two_groups", "0.0001"), ("ties", "0.0001"), ("ties", "0.5")])
  func noisyColumns(_ name: String, _ sigma: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    func noisy(_ part: String) throws -> URL {
      let table = try PlainCSV(path: file("equipy/\(name)_\(part)").path)
      var text = "score,group\n"
      let noise = table.numbers("jitter_sigma\(sigma)")
      for (place, score) in table.numbers("score").enumerated() {
        text += "\(score + noise[place]),\(table.texts("group")[place])\n"
      }
      return try scratch.file("\(part).csv", text)
    }
    let test = try PlainCSV(path: file("equipy/\(name)_test").path)
    let fair = try EquiPyProgramTests.results(
      try noisy("calib"), try noisy("test"), ["--group", "group"])[0]
    for epsilon in [0, 0.3, 1.0] {
      let column = "fair_sigma\(sigma)_eps\(epsilon == 0.3 ? "0.3" : "\(Int(epsilon))")"
      guard test.header.contains(column) else { continue }
      let mixed = zip(fair, test.numbers("score")).map { (1 - epsilon) * $0 + epsilon * $1 }
      #expect(largestDifference(mixed, test.numbers(column)) < 1e-9, "\(column)")
    }
  }

  /// EquiPy's results depend on the other rows of the batch; here they do not.
  @Test func faultsAreAbsent() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let calib = file("equipy/batch_dependence_calib")
    let test = try PlainCSV(path: file("equipy/batch_dependence_test").path)
    let all = try EquiPyProgramTests.results(
      calib, file("equipy/batch_dependence_test"), ["--group", "group"])[0]
    #expect(largestDifference(all, test.numbers("fair_full_batch")) < 1e-9)
    var text = "score,group\n"
    var kept: [Int] = []
    for (place, group) in test.texts("group").enumerated() where group == "A" {
      text += "\(test.texts("score")[place]),A\n"
      kept.append(place)
    }
    let alone = try EquiPyProgramTests.results(
      calib, try scratch.file("a.csv", text), ["--group", "group"])[0]
    #expect(alone == kept.map { all[$0] })
    let wrong = test.numbers("fair_only_A_rows_in_batch")
    #expect(kept.contains { abs(wrong[$0] - all[$0]) > 0.1 })
    // Clipping is what --range declares, never what a batch looks like.
    let clip = try PlainCSV(path: file("equipy/clip_test").path)
    let plain = try EquiPyProgramTests.results(
      file("equipy/clip_calib"), file("equipy/clip_test"), ["--group", "group"])[0]
    #expect(largestDifference(plain, clip.numbers("fair_batch_of_5")) < 1e-9)
    let first = try scratch.file(
      "four.csv",
      "score,group\n"
        + (0..<4).map { "\(clip.texts("score")[$0]),\(clip.texts("group")[$0])\n" }.joined())
    let four = try EquiPyProgramTests.results(
      file("equipy/clip_calib"), first, ["--group", "group"])[0]
    #expect(four == Array(plain[..<4]))
  }

  /// The authors' own predictions on Communities and Crime.
  @Test func communitiesAndCrime() throws {
    let test = try PlainCSV(path: file("wasserstein/crime_rf_test").path)
    let fair = try EquiPyProgramTests.results(
      file("wasserstein/crime_rf_calib"), file("wasserstein/crime_rf_test"),
      ["--group", "group"])[0]
    let truth = test.numbers("y_true")
    let raw = test.numbers("score")
    func error(_ scores: [Double]) -> Double {
      mean(zip(scores, truth).map { ($0 - $1) * ($0 - $1) })
    }
    #expect(largestDifference(fair, test.numbers("fair_equipy_sigma0")) < 1e-9)
    #expect(isClose(error(raw), 0.014127, absolute: 5e-7))
    #expect(isClose(error(fair), 0.032236, absolute: 5e-7))
    let groups = test.texts("group")
    func distance(_ scores: [Double]) -> Double {
      largestGap(
        zip(scores, groups).filter { $0.1 == "0" }.map(\.0),
        zip(scores, groups).filter { $0.1 == "1" }.map(\.0))
    }
    #expect(isClose(distance(raw), 0.602202, absolute: 5e-7))
    #expect(isClose(distance(fair), 0.090154, absolute: 5e-7))
  }

  /// What ties leave of the ProPublica decile scores, by rule: KS, W1 and mean.
  @Test(arguments: [("mean", 0.192, 0.393, 4.4185), ("mid", 0.115, 0.349, 4.410)])
  func compasDeciles(_ ties: String, _ ks: Double, _ w1: Double, _ average: Double) throws {
    let table = try PlainCSV(path: Shared.path("data/compas.csv"))
    var text = "score,group\n"
    for (score, race) in zip(table.texts("decile_score"), table.texts("race")) {
      text += "\(score),\(race == "African-American" ? "b" : "o")\n"
    }
    let run = try Program.run(
      ["--quiet", "--score", "score", "--group", "group", "--ties", ties], input: Array(text.utf8))
    let output = Output(run.output)
    let fair = output.numbers("score.fair", by: "group")
    let (b, o) = (fair["b"] ?? [], fair["o"] ?? [])
    #expect(b.count + o.count == 6172)
    #expect(isClose(largestGap(b, o), ks, absolute: 6e-4))
    #expect(isClose(areaBetween(b, o), w1, absolute: 6e-4))
    #expect(isClose(mean(b + o), average, absolute: 6e-4))
    let raw = output.numbers("score", by: "group")
    #expect(isClose(largestGap(raw["b"] ?? [], raw["o"] ?? []), 0.2684, absolute: 5e-5))
    #expect(isClose(areaBetween(raw["b"] ?? [], raw["o"] ?? []), 1.7677, absolute: 5e-5))
    // The summary says how much is left.
    let said = try Program.run(
      ["--score", "score", "--group", "group", "--ties", ties], input: Array(text.utf8))
    #expect(said.errorText.contains("tied scores leave a KS distance of 0.\(Int(ks * 100))"))
  }
}
