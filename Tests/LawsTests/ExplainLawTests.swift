import FairpostTestSupport
import Foundation
import Testing

/// `explain`: what must hold of Shapley values, through the program.
@Suite(.enabled(if: Program.isBuilt)) struct ExplainLawTests {
  /// Values by record and feature, with the base of each record.
  private struct Explained {
    var shares: [String: [String: Double]] = [:]
    var errors: [String: [String: Double]] = [:]

    init(_ text: String) throws {
      for line in text.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        try #require(cells.count >= 5)
        shares[cells[0], default: [:]][cells[2]] = Double(cells[4])
        if cells.count > 5 { errors[cells[0], default: [:]][cells[2]] = Double(cells[5]) }
      }
    }

    /// The base and all shares of a record together.
    func total(_ record: String) -> Double { (shares[record] ?? [:]).values.reduce(0, +) }
  }

  private static let train =
    "fairpost synth loans -q -n 600 > in.csv; head -41 in.csv > few.csv; fairpost train mlp -q --hidden 8 --epochs 5 --task repaid --group sex --id id --exclude score,amount -o m.model in.csv"

  private func explain(_ arguments: String, in scratch: Scratch) throws -> Explained {
    let run = try Program.shell("fairpost explain -q \(arguments)", directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    return try Explained(run.outputText)
  }

  /// Base and shares of a row sum to its score, whether exact or sampled.
  @Test(arguments: ["", "--exact 2", "--exact 2 --pairs 7", "--background-rows 3"])
  func sharesSumToTheScore(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    #expect(try Program.shell(Self.train, directory: scratch.url).status == 0)
    let explained = try explain("-m m.model \(options) few.csv", in: scratch)
    let predicted = try Program.shell(
      "fairpost predict -q -m m.model few.csv", directory: scratch.url)
    let scores = Output(predicted.output).numbers("repaid.score")
    #expect(scores.count == 40)
    for (row, score) in scores.enumerated() {
      #expect(abs(explained.total(String(row + 1)) - score) < 1e-12)
    }
  }

  /// The mean over sampled orders lies near the exact values, as its standard errors say.
  @Test func sampledValuesAreNearTheExact() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    #expect(try Program.shell(Self.train, directory: scratch.url).status == 0)
    let exact = try explain("-m m.model --background-rows 40 few.csv", in: scratch)
    let sampled = try explain(
      "-m m.model --background-rows 40 --exact 1 --pairs 400 few.csv", in: scratch)
    var far = 0
    var count = 0
    for (record, shares) in sampled.shares {
      for (feature, share) in shares where feature != "(base)" {
        let error = try #require(sampled.errors[record]?[feature])
        let truth = try #require(exact.shares[record]?[feature])
        if abs(share - truth) > 4 * error + 1e-12 { far += 1 }
        count += 1
      }
    }
    #expect(count == 40 * 5)
    #expect(far == 0)
  }

  /// A linear model on its own scale: the closed form is what the sums over sets give.
  @Test func theClosedFormIsTheSumOverSets() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      "fairpost synth loans -q -n 300 > in.csv; head -31 in.csv > few.csv; fairpost train linear -q --task amount:regression --group sex --id id --exclude score,repaid -o m.model in.csv",
      directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let explained = try explain("-m m.model few.csv", in: scratch)
    let predicted = try Program.shell(
      "fairpost predict -q -m m.model few.csv", directory: scratch.url)
    let scores = Output(predicted.output).numbers("amount.score")
    for (row, score) in scores.enumerated() {
      #expect(abs(explained.total(String(row + 1)) - score) < 1e-10)
    }
    // Without the other columns a share is the score's change when its own column alone changes.
    let base = try #require(explained.shares["1"]?["(base)"])
    #expect(abs(base - scores.reduce(0, +) / Double(scores.count)) < 1e-10)
  }

  /// A column that decides nothing gets exactly 0, and two that do the same get the same.
  @Test func dummiesGetNothingAndTwinsTheSame() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      awk 'BEGIN { print "a,b,c,y"; for (i = 0; i < 200; i++) { x = (i * 37 % 101) / 50 - 1; print x "," x "," (i * 53 % 17) "," (x * x > 0.3) } }' > in.csv
      fairpost train mlp -q --hidden 4 --epochs 2 --task y --no-standardise -o m.model in.csv
      """, directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    // The first layer reads a and b with the same weights, and c not at all.
    let path = scratch.url.appendingPathComponent("m.model")
    try edit(path) { layers in
      guard let rows = layers[0]["weights"] as? [[Double]] else { return }
      layers[0]["weights"] = rows.map { [$0[0], $0[0], 0] }
    }
    let explained = try explain("-m m.model --logits in.csv", in: scratch)
    #expect(explained.shares.count == 200)
    for shares in explained.shares.values {
      #expect(shares["c"] == 0)
      #expect(abs((shares["a"] ?? .nan) - (shares["b"] ?? .nan)) < 1e-13)
    }
  }

  /// A model file with other weights, as the first version, which had no checksum.
  private func edit(_ path: URL, _ change: (inout [[String: Any]]) -> Void) throws {
    var file =
      try JSONSerialization.jsonObject(with: try Data(contentsOf: path)) as? [String: Any] ?? [:]
    var model = file["model"] as? [String: Any] ?? [:]
    var layers = model["parameters"] as? [[String: Any]] ?? []
    try #require(!layers.isEmpty)
    change(&layers)
    model["parameters"] = layers
    file["model"] = model
    file["version"] = 1
    file["checksum"] = nil
    let ordered = ["format", "version", "written by", "digest", "rows", "model"]
    var text = "{"
    for (place, key) in ordered.enumerated() {
      let value = try JSONSerialization.data(
        withJSONObject: [try #require(file[key])], options: [.withoutEscapingSlashes])
      text +=
        (place > 0 ? "," : "") + "\"\(key)\":"
        + String(decoding: value, as: UTF8.self).dropFirst().dropLast()
    }
    try Data((text + "}").utf8).write(to: path)
  }

  /// The values of the shap package for the published weights, at 1e-12.
  @Test(.enabled(if: Shared.isPresent, "the reference files are not there"))
  func equalsThePublishedVectors() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    func json(_ name: String) throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(try Shared.bytes(name))) as? [String: Any] ?? [:]
    }
    let expected = try json("reference/shap_vectors/expected.json")
    let weights =
      try json("reference/faalgrad_golden/checkpoint_authors.json")["params"] as? [String: Any]
      ?? [:]
    let run = try Program.shell(
      """
      { printf 'y,'; head -1 "$FILES/background.csv"; tail -n +2 "$FILES/background.csv" | awk '{ print NR % 2 "," $0 }'; } > in.csv
      fairpost train mlp -q --hidden 8 --epochs 1 --task y --no-standardise --validation-share 0 --numeric age --numeric priors_count --numeric length_of_stay --numeric charge_F --numeric charge_M --numeric sex_Female --numeric sex_Male --numeric race_african_american -o m.model in.csv
      """,
      environment: ["FILES": Shared.path("reference/shap_vectors")], directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    try edit(scratch.url.appendingPathComponent("m.model")) { layers in
      layers[0]["weights"] = weights["W1"]
      layers[0]["biases"] = weights["b1"]
      layers[1]["weights"] = weights["W2"]
      layers[1]["biases"] = weights["b2"]
    }
    let files = Shared.path("reference/shap_vectors")
    let explained = try explain(
      "-m m.model --logits --background '\(files)/background.csv' '\(files)/rows.csv'", in: scratch)
    let features = try #require(expected["features"] as? [String])
    let values = try #require(expected["shap_values_exact"] as? [[Double]])
    let base = try #require(expected["base_value"] as? Double)
    #expect(values.count == 10)
    for (row, own) in values.enumerated() {
      let found = try #require(explained.shares[String(row + 1)])
      #expect(abs((found["(base)"] ?? .nan) - base) < 1e-12)
      for (feature, value) in zip(features, own) {
        #expect(abs((found[feature] ?? .nan) - value) < 1e-12, "\(feature)")
      }
    }
  }

  /// One record gets the same values alone, in another order, and on any number of threads.
  @Test(arguments: ["", "--exact 2"]) func oneRecordOneAnswer(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    #expect(try Program.shell(Self.train, directory: scratch.url).status == 0)
    let own = "-m m.model --id id --background in.csv \(options)"
    let all = try explain("\(own) few.csv", in: scratch)
    _ = try Program.shell(
      "{ head -1 few.csv; sed -n 7p few.csv; } > one.csv; { head -1 few.csv; tail -n +2 few.csv | tac; } > turned.csv",
      directory: scratch.url)
    let one = try explain("\(own) one.csv", in: scratch)
    #expect(one.shares.count == 1)
    for (record, shares) in one.shares { #expect(all.shares[record] == shares) }
    #expect(try explain("\(own) --threads 1 turned.csv", in: scratch).shares == all.shares)
  }

  /// Features' gaps sum to the gap of the scores, and a column that is no input brings 0.
  @Test func gapsSumToTheScoresGap() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    #expect(try Program.shell(Self.train, directory: scratch.url).status == 0)
    let run = try Program.shell(
      "fairpost explain -q -m m.model --summary --group sex --group region in.csv",
      directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let summary = Output(run.output)
    for attribute in ["sex", "region"] {
      var parts = 0.0
      var whole = Double.nan
      for (place, feature) in summary.texts("feature").enumerated()
      where summary.texts("attribute")[place] == attribute
        && summary.texts("against")[place] != ""
      {
        let gap = summary.numbers("mean")[place]
        if feature == "(score)" { whole = gap } else { parts += gap }
        if feature == "sex" { #expect(gap == 0) }
      }
      #expect(abs(parts - whole) < 1e-12)
      #expect(whole >= 0)
    }
  }

  /// Steps of a map lead from the score to what apply writes, in every order.
  @Test func stepsLeadToTheAdjustedScore() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 900 > in.csv
      fairpost fit -q --score score --group sex --group region --small-cell pool -o ab.map in.csv
      fairpost fit -q --score score --group region --group sex --small-cell pool -o ba.map in.csv
      fairpost apply -q -m ab.map in.csv > ab.csv
      fairpost apply -q -m ba.map in.csv > ba.csv
      fairpost explain -q -m ab.map --calibrate in.csv in.csv > steps.csv
      fairpost explain -q -m ab.map --words in.csv > words.txt
      """, directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    func file(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: scratch.url.appendingPathComponent(name)))
    }
    let steps = Output(try file("steps.csv"))
    var ends: [String: [String: Double]] = [:]
    for (place, record) in steps.texts("record").enumerated() {
      ends[steps.texts("order")[place], default: [:]][record] = steps.numbers("after")[place]
    }
    #expect(ends.keys.sorted() == ["region > sex", "sex > region"])
    for (order, name) in [("sex > region", "ab.csv"), ("region > sex", "ba.csv")] {
      for (row, value) in Output(try file(name)).numbers("score.fair").enumerated() {
        #expect(ends[order]?[String(row + 1)] == value)
      }
    }
    let words = String(decoding: try file("words.txt"), as: UTF8.self).split(separator: "\n")
    #expect(words.count == 900)
    #expect(
      words.allSatisfy {
        $0.contains("Your score was ") && $0.contains("one attribute after the other")
      })
  }

  @Test(
    arguments: [
      ("-m m.model --words in.csv", 64, "for maps"),
      ("-m m.model -m m.model in.csv", 64, "--summary"),
      ("-m nothing in.csv", 66, "nothing"), ("-m in.csv in.csv", 78, "in.csv"),
      ("-m m.model empty.csv", 65, "not even a header"),
      ("-m m.model header.csv", 65, "there are no rows"),
      ("-m m.model other.csv", 65, "no column"),
      ("-m m.model --background header.csv in.csv", 65, "no background rows"),
      ("-m m.model bad.csv", 65, "bad.csv:2"),
    ]) func whatCannotBeExplainedIsSaid(_ arguments: String, _ status: Int, _ words: String) throws
  {
    let scratch = try Scratch()
    defer { scratch.remove() }
    _ = try Program.shell(
      "\(Self.train); : > empty.csv; head -1 in.csv > header.csv; printf 'a\\n1\\n' > other.csv; { head -1 in.csv; sed -n 2p in.csv | sed 's/,22,/,old,/'; } > bad.csv",
      directory: scratch.url)
    let run = try Program.shell("fairpost explain \(arguments)", directory: scratch.url)
    #expect(run.status == Int32(status), "\(run.errorText)")
    #expect(run.errorText.contains(words), "\(run.errorText)")
    #expect(run.output.isEmpty)
  }
}
