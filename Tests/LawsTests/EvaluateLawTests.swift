import Foundation
import FairpostTestSupport
import Testing

/// The laws of `evaluate` and `drift`, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct EvaluateLawTests {
  /// Figures by score, metric and group; the value, or what stands in its place.
  private func figures(_ outcome: ProgramRun) throws -> [[String]: [String]] {
    #expect(outcome.status == 0, "\(outcome.errorText)")
    var result: [[String]: [String]] = [:]
    for line in outcome.outputText.split(separator: "\n").dropFirst() {
      let fields = fields(String(line))
      try #require(fields.count == 18)
      result[[fields[1], fields[2], fields[4], fields[5], fields[16]]] = fields
    }
    return result
  }

  /// The fields of a line of CSV.
  private func fields(_ line: String) -> [String] {
    var fields = [""]
    var quoted = false
    for character in line {
      if character == "\"" {
        quoted.toggle()
      } else if character == ",", !quoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  private func loans(_ scratch: Scratch) throws -> [String] {
    let outcome = try Program.run(["synth", "loans"])
    return outcome.outputText.split(separator: "\n").map(String.init)
  }

  private let columns = [
    "evaluate", "-q", "--task", "repaid", "--score", "score", "--group", "sex",
  ]

  private func close(_ a: String, _ b: String) -> Bool {
    guard let x = Double(a), let y = Double(b) else { return a == b }
    return abs(x - y) <= 1e-9 * max(1, abs(x))
  }

  @Test func orderOfRowsChangesNothing() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let lines = try loans(scratch)
    let turned = [lines[0]] + lines.dropFirst().reversed()
    let one = try figures(Program.run(columns, input: Array(lines.joined(separator: "\n").utf8)))
    let two = try figures(Program.run(columns, input: Array(turned.joined(separator: "\n").utf8)))
    #expect(one.count == two.count)
    for (key, fields) in one {
      let other = try #require(two[key])
      #expect(zip(fields, other).allSatisfy { close($0, $1) }, "\(key)")
    }
  }

  /// Blocks end where a read of the input ended, so that a pipe may cut the same bytes in any way.
  @Test(arguments: [
    ["--task", "y"], ["--task", "y", "--weight", "w"], ["--task", "y", "--frequency", "f"],
    ["--task", "v"], ["--task", "v:regression", "--weight", "w"],
    ["--task", "v", "--metrics", "mae,mse,r2,mean_score,mean_score.difference"],
    ["--task", "y", "--at-rate", "0.3", "--weight", "w"],
  ])
  func deliveryAndOrderChangeNoByte(_ options: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var state: UInt64 = 7
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    var lines: [String] = []
    for row in 0..<40_000 {
      let p = next() * (row % 50 == 0 ? 1e-9 : 1)
      let v = row % 3 == 0 ? 1 : 1e6 + next()
      lines.append("\(next() < p ? 1 : 0),\(v),\(p),\(row % 7 % 3),\(next()),\(row % 4)")
    }
    let head = "y,v,p,g,w,f\n"
    let file = try scratch.file("in.csv", head + lines.joined(separator: "\n") + "\n").path
    let turned = try scratch.file(
      "turned.csv", head + lines.reversed().joined(separator: "\n") + "\n"
    ).path
    let command = ["evaluate", "-q", "--score", "p", "--group", "g"] + options
    let one = try Program.run(command + [file])
    #expect(one.status == 0, "\(one.errorText)")
    #expect(try Program.run(command + [turned]).outputText == one.outputText)
    for size in ["777", "50021"] {
      let words = (["fairpost"] + command).joined(separator: " ")
      let piped = try Program.shell("dd bs=\(size) if=\(file) 2>/dev/null | \(words)")
      #expect(piped.outputText == one.outputText)
    }
  }

  /// A frequency of n is n rows, to the last digit.
  @Test func frequenciesAreRows() throws {
    var counted = "y,v,p,g,f\n"
    var plain = "y,v,p,g\n"
    for row in 0..<200 {
      let line = "\(row % 3 % 2),\(Double(row) / 7),\(Double(row * 37 % 100) / 101),\(row % 2)"
      counted += "\(line),\(row % 6)\n"
      for _ in 0..<(row % 6) { plain += "\(line)\n" }
    }
    for task in ["y", "v"] {
      let command = ["evaluate", "-q", "--task", task, "--score", "p", "--group", "g"]
      let one = try Program.run(command + ["--frequency", "f"], input: Array(counted.utf8))
      let two = try Program.run(command, input: Array(plain.utf8))
      #expect(one.status == 0, "\(one.errorText)")
      #expect(one.outputText == two.outputText)
    }
  }

  /// What is missing is left out where it is needed, and counted.
  @Test(arguments: [[], ["--at-rate", "0.5"], ["--on-bad-row", "skip"]])
  func missingScoresAndLabelsAreCounted(_ options: [String]) throws {
    var text = "y,p,g,y.decision\n"
    for row in 0..<60 {
      text += row % 2 == 0 ? "1,0.7,a," : "0,,b,"
      text += row % 3 == 0 ? "1\n" : "\n"
    }
    text += "nan,0.2,,0\n,0.2,a,1\n"
    let outcome = try Program.run(
      ["evaluate", "-t", "y", "-s", "p", "-g", "g"] + options, input: Array(text.utf8))
    #expect(outcome.status == 0)
    #expect(outcome.errorText.contains("; 30 without p"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("; 2 without y"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("; 1 without g"), "\(outcome.errorText)")
    // Decisions that are not used are not missed.
    #expect(
      outcome.errorText.contains("; 40 without y.decision") == !options.contains("--at-rate"))
  }

  /// A small group is not given away by what is asked for beside it, nor by the gate's sentence.
  @Test(arguments: [
    "selection_rate.difference", "selection_rate.group_min", "selection_rate.group_max", "ks",
    "mean_score.difference", "demographic_parity_difference", "accuracy.group_min",
    "selection_rate.directed_difference", "auc.difference", "equalized_odds_difference",
  ])
  func smallCellsAreHidden(_ metric: String) throws {
    var text = "y,p,g\n"
    for row in 0..<100 { text += "\(row % 3 % 2),\(Double(row % 10) / 10),a\n" }
    text += "1,0.7,b\n0,0.1,b\n0,0.8,b\n"
    for more in [[], ["--permutations", "20"]] {
      let outcome = try Program.run(
        [
          "evaluate", "-t", "y", "-s", "p", "-g", "g", "--protected", "g=b", "--min-cell", "50",
          "--metrics", metric, "--fail-if", "p/g:\(metric) > 0.9",
        ] + more, input: Array(text.utf8))
      let lines = outcome.outputText.split(separator: "\n").dropFirst().map { fields(String($0)) }
      #expect(lines.contains { $0[2] == metric })
      // Neither a value nor what was computed to know which groups are small; a directed figure names
      // the protected value.
      let isDirected = metric.contains("directed")
      #expect(
        lines.allSatisfy { ($0[5].isEmpty || isDirected) && $0[6].isEmpty },
        "\(outcome.outputText)")
      let sentence = outcome.errorText.split(separator: "\n").last ?? ""
      #expect(sentence.contains("--fail-if") && sentence.contains("suppressed"))
      #expect(outcome.status == 2 && !sentence.contains(": 0."), "\(sentence)")
    }
  }

  /// Decisions in the file are of the score, not of what was made from it; an option decides anew.
  @Test func optionsDecideAnew() throws {
    let text = """
      g,y,y.score,y.fair,y.decision
      a,1,0.1,0.9,1
      a,0,0.9,0.9,0
      b,1,0.2,0.8,0
      b,0,0.3,0.7,0

      """
    func rates(_ options: [String]) throws -> [String] {
      let outcome = try Program.run(
        ["evaluate", "-q", "-g", "g", "--metrics", "selection_rate"] + options,
        input: Array(text.utf8))
      #expect(outcome.status == 0, "\(outcome.errorText)")
      return outcome.outputText.split(separator: "\n").map { fields(String($0)) }
        .filter { $0[1] != "constant" && $0[5].isEmpty }.map { $0[6] }
    }
    #expect(try rates([]) == ["0.25", "1"])
    #expect(try rates(["--threshold", "0.25"]) == ["0.5", "1"])
    #expect(try rates(["--at-rate", "0.5"]) == ["0.5", "0.5"])
    let alone = try Program.run(
      ["evaluate", "-g", "g", "--threshold", "0.3"], input: Array("g,y,y.decision\na,1,1\n".utf8))
    #expect(alone.status == 64)
  }

  /// The population a weighted map was fitted on has not moved.
  @Test(arguments: ["--weight", "--frequency"])
  func driftCountsAsTheFitDid(_ option: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var text = "id,p,g,w\n"
    for row in 0..<3000 {
      text += "\(row),\(Double(row * 37 % 1000) / 1000),\(row % 2 == 0 ? "a,1" : "b,5")\n"
    }
    let file = try scratch.file("in.csv", text).path
    let map = scratch.url.appendingPathComponent("w.map").path
    let fitted = try Program.run(
      ["fit", "--score", "p", "--group", "g", option, "w", "-o", map, file])
    #expect(fitted.status == 0, "\(fitted.errorText)")
    let same = try Program.run(["drift", "-m", map, option, "w", file])
    #expect(same.status == 0, "\(same.outputText)")
    #expect(same.outputText.contains("group_mix,\"[\"\"g\"\"]\",,0,"), "\(same.outputText)")
  }

  @Test func threadsChangeNothing() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try scratch.file(
      "in.csv", Array(loans(scratch).joined(separator: "\n").utf8)
    ).path
    for more in [[], ["--metrics", "selection_rate,log_loss"], ["--bootstrap", "20"]] {
      let one = try Program.run(columns + more + ["--threads", "1", file]).output
      #expect(!one.isEmpty)
      for threads in ["2", "5"] {
        #expect(try Program.run(columns + more + ["--threads", threads, file]).output == one)
      }
    }
  }

  @Test func groupsMayBeCalledAnything() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let lines = try loans(scratch)
    let renamed = lines.map {
      $0.replacingOccurrences(of: ",F,", with: ",woman,")
        .replacingOccurrences(of: ",M,", with: ",a man,")
    }
    let one = try figures(Program.run(columns, input: Array(lines.joined(separator: "\n").utf8)))
    let two = try figures(Program.run(columns, input: Array(renamed.joined(separator: "\n").utf8)))
    for (key, fields) in one {
      var other = key
      other[3] = key[3] == "[F]" ? "[woman]" : key[3] == "[M]" ? "[a man]" : ""
      let match = try #require(two[other])
      // Values and closed-form bounds; simulated bands draw in the order of the groups.
      #expect(close(fields[6], match[6]), "\(key)")
      #expect(fields[9] == match[9])
    }
  }

  /// A figure of the whole is the figure of its halves, where it is a mean over rows.
  @Test func sumsMerge() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let lines = try loans(scratch)
    let rows = Array(lines.dropFirst())
    let metrics = columns + ["--metrics", "selection_rate,accuracy,log_loss,brier,mean_score"]
    func part(_ rows: ArraySlice<String>) throws -> [[String]: [String]] {
      try figures(
        Program.run(
          metrics, input: Array(([lines[0]] + rows).joined(separator: "\n").utf8)))
    }
    let whole = try part(rows[...])
    let halves = [try part(rows[..<1700]), try part(rows[1700...])]
    for (key, fields) in whole where key[0] == "score" {
      var sum = 0.0
      var count = 0.0
      for half in halves {
        let own = try #require(half[key])
        let n = try #require(Double(own[9]))
        sum += n * (try #require(Double(own[6])))
        count += n
      }
      #expect(close(fields[6], String(sum / count)), "\(key)")
      #expect(Double(fields[9]) == count)
    }
  }

  @Test func weightOneChangesNoValue() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let lines = try loans(scratch)
    let weighted = [lines[0] + ",w"] + lines.dropFirst().map { $0 + ",1" }
    let input = Array(weighted.joined(separator: "\n").utf8)
    let one = try figures(Program.run(columns, input: input))
    for option in ["--weight", "--frequency"] {
      let two = try figures(Program.run(columns + [option, "w"], input: input))
      for (key, fields) in one { #expect(close(fields[6], try #require(two[key])[6]), "\(key)") }
    }
  }

  /// African-American defendants against all others: the figures known of these scores.
  @Test(.enabled(if: Shared.isPresent)) func compasDeciles() throws {
    let text = try String(contentsOfFile: Shared.path("data/compas.csv"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    let header = fields(lines[0])
    let race = try #require(header.firstIndex(of: "race"))
    let decile = try #require(header.firstIndex(of: "decile_score"))
    let rows = lines.dropFirst().map { line -> String in
      let own = fields(line)
      return (own[race] == "African-American" ? "a" : "o") + "," + own[decile]
    }
    let outcome = try Program.run(
      ["evaluate", "-q", "--score", "p", "--group", "g", "--metrics", "ks,w1"],
      input: Array((["g,p"] + rows).joined(separator: "\n").utf8))
    let figures = try figures(outcome)
    for (metric, value) in [("ks", 0.2684), ("w1", 1.7677)] {
      let found = try #require(figures[["p", metric, "[g]", "", ""]])
      #expect(abs((Double(found[6]) ?? .nan) - value) < 0.00005)
    }
  }

  /// The distances that SciPy and EquiPy give for the columns of EquiPy's reference files.
  @Test(.enabled(if: Shared.isPresent)) func equipyDistances() throws {
    let json = try JSONSerialization.jsonObject(
      with: Data(Shared.bytes("reference/equipy/metrics.json")))
    let cases = try #require(json as? [String: [String: Any]])
    var checked = 0
    for (_, entry) in cases.sorted(by: { $0.key < $1.key }) {
      // Files of other folders are checked where they are used.
      guard let file = entry["file"] as? String, let group = entry["group_column"] as? String,
        let path = ["equipy", "wasserstein"].map({ Shared.path("reference/\($0)/\(file)") })
          .first(where: { FileManager.default.fileExists(atPath: $0) })
      else { continue }
      let columns = entry.keys.filter { entry[$0] is [String: Any] }.sorted()
      let figures = try figures(
        Program.run(
          [
            "evaluate", "-q", "--group", group, "--metrics",
            "ks,w1,w2,mean_gap,quantile_unfairness",
          ]
            + columns.flatMap { ["--score", $0] } + [path]))
      for column in columns {
        let expected = try #require(entry[column] as? [String: Any])
        let pairs = expected.values.compactMap { $0 as? [String: Any] }
        func largest(_ name: String) -> Double {
          pairs.map { abs(($0[name] as? NSNumber)?.doubleValue ?? .nan) }.max() ?? .nan
        }
        let unfairness = (expected["equipy_unfairness"] as? NSNumber)?.doubleValue ?? .nan
        for (metric, value) in [
          ("ks", largest("ks")), ("w1", largest("w1")), ("w2", largest("w2")),
          ("mean_gap", largest("mean_diff")), ("quantile_unfairness", unfairness),
        ] {
          let found = try #require(figures[[column, metric, "[\(group)]", "", ""]])
          #expect(
            isClose(Double(found[6]) ?? .nan, value, absolute: 1e-9, relative: 1e-12),
            "\(file) \(column) \(metric)")
          checked += 1
        }
      }
    }
    #expect(checked >= 50)
  }

  /// Many rows of few groups are held as sums alone.
  @Test func sumsNeedNoMemoryForRows() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    // Addresses only: the limit is on what the program may ask for, threads' stacks included.
    let script = """
      ulimit -v 400000
      awk 'BEGIN { print "g,y,p"; for (i = 0; i < 1500000; i++) print i % 3 ",1," i % 100 / 100 }' |
        fairpost evaluate -q --threads 1 --task y --score p --group g --metrics selection_rate
      """
    let outcome = try Program.shell(script, directory: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.outputText.split(separator: "\n").count == 9)
  }
}
