import Foundation
import FairpostTestSupport
import Testing

/// The stories in `Examples/`, as a user would run them.
@Suite(.enabled(if: Program.isBuilt)) struct ExampleTests {
  private func run(_ name: String, _ environment: [String: String] = [:]) throws -> ProgramRun {
    let path = Shared.repository.appendingPathComponent("Examples/\(name).sh").path
    return try Program.run(executable: "/bin/sh", [path], environment: environment)
  }

  @Test func production() throws {
    let story = try run("production")
    #expect(story.status == 0, "\(story.errorText)")
    // An unseen group is bad data; a changed digit fails verification, and is named.
    #expect(story.outputText.contains("# status 65\n"))
    #expect(story.outputText.hasSuffix("# status 1\n"))
    #expect(story.errorText.contains("the group \"?\" was not in the fit"))
    #expect(story.errorText.contains("standard input:9: column \"score.fair\""))
  }

  @Test func manyFiles() throws {
    let story = try run("many-files")
    #expect(story.status == 0, "\(story.errorText)")
    let lines = story.outputText.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(
      lines == [
        "the map is that of one fit over all rows, byte for byte",
        "the rows are those of one run, byte for byte", "the same map again",
        "the figures are those of all rows, byte for byte",
      ])
  }

  @Test(.enabled(if: hasPython, "no Python")) func service() throws {
    let story = try run("service")
    #expect(story.status == 0, "\(story.errorText)")
    let lines = story.outputText.split(separator: "\n")
    try #require(lines.count == 8)
    #expect(lines[1].hasPrefix(#"{"id":1,"sex":"F","score":0.31,"score.fair":0."#))
    #expect(lines[3].hasSuffix(#""error":"column \"score\": \"high\" is not a number"}"#))
    // The other map gives another answer.
    #expect(lines[5].hasPrefix(#"{"id":1,"sex":"F","score":0.31,"score.fair":0."#))
    #expect(lines[5] != lines[1])
    #expect(lines[7] == "# status 0")
    #expect(story.errorText.contains("read again"))
  }

  private static let hasPython: Bool = {
    do { return try Program.shell("python3 --version").status == 0 } catch { return false }
  }()

  @Test func twoAttributes() throws {
    let story = try run("two-attributes")
    #expect(story.status == 0, "\(story.errorText)")
    #expect(story.outputText.contains("# status 65\n"))
    #expect(story.outputText.contains("score,score.fair.sex,score.fair,done\n"))
    #expect(story.errorText.contains("groups with fewer than 50 records"))
  }

  /// The bridge for a frame of Python, with a frame that is nothing but its CSV in place of pandas'.
  @Test func fromPython() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let story = try Program.shell(
      """
      cat > pandas.py <<'END'
      class DataFrame:
          def __init__(self, text=""):
              self.text = text

          def to_csv(self, index):
              return self.text


      def read_csv(file):
          return DataFrame(file.read())
      END
      fairpost synth loans -q -n 300 > in.csv
      fairpost adjust -q --score score --group sex in.csv > fair.csv
      PYTHONPATH="$PWD:$EXAMPLES" python3 - <<'END'
      from pandas import DataFrame
      from from_python import fairpost

      rows = open("in.csv").read()
      own = fairpost(DataFrame(rows), "adjust", "--quiet", "--score", "score", "--group", "sex")
      print(own.text == open("fair.csv").read())
      try:
          fairpost(DataFrame(rows), "adjust", "--score", "nothing", "--group", "sex")
      except ValueError as error:
          print('no column "nothing"' in str(error))
      END
      """,
      environment: [
        "EXAMPLES": Shared.repository.appendingPathComponent("Examples").path,
        "PYTHONDONTWRITEBYTECODE": "1",
      ], directory: scratch.url)
    #expect(story.outputText == "True\nTrue\n", "\(story.errorText)")
  }

  @Test func evaluateAndGate() throws {
    let story = try run("evaluate-and-gate")
    #expect(story.status == 0, "\(story.errorText)")
    #expect(story.outputText.contains("the limit is met\n"))
    #expect(story.errorText.contains("--fail-if 'score.fair:ks > 0.1': PASS"))
    #expect(story.errorText.contains("drift: PASS"))
  }

  @Test func tiedScores() throws {
    let story = try run("tied-scores")
    #expect(story.status == 0, "\(story.errorText)")
    let results = story.outputText.split(separator: "\n").filter { $0.contains("has ") }
    #expect(results.count == 3)
    #expect(results[0].hasSuffix("has 1 result(s)") && results[1].hasSuffix("has 1 result(s)"))
    #expect(!results[2].hasSuffix("has 1 result(s)"))
    #expect(story.errorText.contains("tied scores leave a KS distance of"))
  }

  @Test func audit() throws {
    let story = try run("audit")
    #expect(story.status == 0, "\(story.errorText)")
    // Names are made one, who did not say is unknown, the table agrees with itself, a typo is found.
    #expect(story.outputText.contains("| Female | Black or African American |"))
    #expect(!story.outputText.contains("| asian"))
    #expect(story.outputText.contains("Source of data: applicants of 2025"))
    #expect(story.outputText.contains("# status 0\n"))
    #expect(story.outputText.contains("ratio printed 0.62; the figures in this table allow"))
    #expect(story.outputText.hasSuffix("# status 1\n"))
  }

  @Test func rank() throws {
    let story = try run("rank")
    #expect(story.status == 0, "\(story.errorText)")
    // A fifth of all; a list that differs from a shuffled one; no group at hand; bad probabilities.
    #expect(story.errorText.contains("score: 800 of 4000 records decided 1 (0.2)"))
    #expect(story.outputText.contains("score.fair,ndkl,0.0"))
    #expect(story.errorText.contains("xauc of the groups 0.00"))
    #expect(
      story.outputText.contains("bound: no rule within the limits has an expected cost below"))
    #expect(story.errorText.contains("standard input:3: column \"p_F\": the probabilities"))
    #expect(story.outputText.hasSuffix("# status 65\n"))
  }

  /// A short form of `make promise`: the promise of `decide --confidence` on new records.
  @Test func promise() throws {
    let path = Shared.repository.appendingPathComponent("Tests/Tools/promise.sh").path
    let said = try Program.run(executable: "/bin/sh", [path, "20"], environment: [:])
    #expect(said.status == 0, "\(said.outputText) \(said.errorText)")
    #expect(said.outputText.contains("of 20 samples of 1600 records"))
  }

  @Test func decide() throws {
    let story = try run("decide")
    #expect(story.status == 0, "\(story.errorText)")
    #expect(story.outputText.contains("one record alone gets the same answer\n"))
    #expect(story.outputText.contains("# status 2\n"))
    #expect(story.outputText.contains("for new records it promises, with confidence 0.95"))
    #expect(story.errorText.contains("every value agrees"))
    #expect(story.errorText.contains("the groups are too small to promise"))
  }

  /// The imbalance table on one small case: what it measures is near what theory says.
  @Test func imbalance() throws {
    let story = try run("imbalance", ["SEEDS": "2", "POOLS": "2000", "SHARES": "0.5 0.05"])
    #expect(story.status == 0, "\(story.errorText)")
    let table = Output(story.output)
    #expect(table.rows.count == 2)
    for (after, floor) in zip(table.numbers("ks_after"), table.numbers("ks_floor")) {
      #expect(after < 2 * floor && after > floor / 4)
    }
    #expect(table.numbers("ks_before").allSatisfy { $0 > 0.3 })
    #expect(table.numbers("rms").allSatisfy { $0 < 0.2 })
  }

  /// What the help of yoto says of its task weights: they move the errors far less than training
  /// for them does.
  @Test func yotoKnob() throws {
    let story = try run("yoto-knob")
    #expect(story.status == 0, "\(story.errorText)")
    let changes = story.outputText.split(separator: "\n").dropFirst().map { line in
      Double(line.split(separator: " ").dropLast().last ?? "") ?? .nan
    }
    try #require(changes.count == 4)
    #expect(changes[..<2].allSatisfy { $0 < 0.5 })
    #expect(changes[2...].allSatisfy { $0 > 1.5 })
  }

  /// The published student split: the shares of conflicts, and balanced accuracies as other programs
  /// have found them on it.
  @Test(.enabled(if: Shared.isPresent)) func nashOnThePublishedSplit() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let path = Shared.repository.appendingPathComponent("Examples/nash.sh").path
    let story = try Program.shell(
      "sh \"$SCRIPT\" \"$DATA\" \"$SPLITS\" . student",
      environment: [
        "SCRIPT": path, "DATA": Shared.path("data"), "SEEDS": "3", "EPOCH_STEP": "50",
        "SPLITS": Shared.path("reference/nash/splits"),
      ], directory: scratch.url)
    #expect(story.status == 0, "\(story.errorText)")
    let table = Output(
      [UInt8](try Data(contentsOf: scratch.url.appendingPathComponent("student.csv"))))
    let methods = table.texts("method")
    func figures(_ name: String, _ column: String) -> Double {
      zip(methods, table.numbers(column)).first { $0.0 == name }?.1 ?? .nan
    }
    // An independent program's means over 5 seeds; 3 seeds here.
    for (name, auc) in [
      ("baseline", 0.781), ("dro", 0.809), ("ltr", 0.900), ("forml", 0.781), ("gdro", 0.916),
      ("nash-ltr", 0.900), ("nash-forml", 0.812), ("nash-gdro", 0.922),
    ] {
      #expect(abs(figures(name, "auc") - auc) < 0.05, "\(name)")
    }
    for base in ["ltr", "forml", "gdro"] {
      #expect(figures(base, "conflict_second") > 0.95)
      #expect(figures("nash-\(base)", "conflict_first") == 0)
      #expect(figures("nash-\(base)", "before") > 0.95)
      #expect(figures("nash-\(base)", "feasible") > 0.99)
    }
  }

  /// Every figure of the page on Nash bargaining stands in the tables beside it.
  @Test func nashPageQuotesItsTables() throws {
    let folder = Shared.repository.appendingPathComponent("Examples")
    let page = try String(contentsOf: folder.appendingPathComponent("nash.md"), encoding: .utf8)
    let tables = folder.appendingPathComponent("results/nash")
    let text = try FileManager.default.contentsOfDirectory(atPath: tables.path).map { name in
      try String(contentsOf: tables.appendingPathComponent(name), encoding: .utf8)
    }.joined()
    let figures = page.matches(of: /-?\d\.\d{4}/).map { String($0.output) }
    #expect(figures.count > 40)
    for figure in figures { #expect(text.contains(figure), "\(figure)") }
  }

  /// Every figure of the page on `badr` stands in the tables beside it.
  @Test func badrPageQuotesItsTables() throws {
    let folder = Shared.repository.appendingPathComponent("Examples")
    let page = try String(contentsOf: folder.appendingPathComponent("badr.md"), encoding: .utf8)
    let tables = try ["adult", "compas", "communities", "student"].map { name in
      try String(
        contentsOf: folder.appendingPathComponent("results/badr/\(name).txt"), encoding: .utf8)
    }.joined()
    let figures = page.matches(of: /-?\d\.\d{4}/).map { String($0.output) }
    #expect(figures.count > 30)
    for figure in figures { #expect(tables.contains(figure), "\(figure)") }
  }

  /// Every mean of the page on Shapley values follows from the tables beside it.
  @Test func shapPageQuotesItsTables() throws {
    let folder = Shared.repository.appendingPathComponent("Examples")
    let page = try String(contentsOf: folder.appendingPathComponent("shap.md"), encoding: .utf8)
    for name in ["compas", "adult"] {
      let table = Output(
        [UInt8](try Data(contentsOf: folder.appendingPathComponent("results/shap/\(name).csv"))))
      let models = table.texts("model")
      #expect(models.count == 10)
      func mean(_ column: String, _ model: String) -> Double {
        let values = zip(models, table.numbers(column)).filter { $0.0 == model }.map(\.1)
        return values.reduce(0, +) / Double(values.count)
      }
      for column in ["share", "gap_of_column", "gap_of_others"] {
        let (plain, fair) = (mean(column, "mlp"), mean(column, "faalgrad"))
        #expect(
          page.contains("| \(String(format: "%.3f", plain)) [")
            && page.contains(
              "| \(String(format: "%.3f", fair)) ["),
          "\(name) \(column)")
        #expect(page.contains("| \(String(format: "%+.3f", fair - plain)) ["), "\(name) \(column)")
      }
    }
  }

  /// The script behind that page: the front of two groups, along which one gains what the other loses.
  @Test func badrFront() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let path = Shared.repository.appendingPathComponent("Examples/badr.sh").path
    let story = try Program.shell(
      "sh \"$SCRIPT\" . . front", environment: ["SCRIPT": path], directory: scratch.url)
    #expect(story.status == 0, "\(story.errorText)")
    let front = Output(
      [UInt8](try Data(contentsOf: scratch.url.appendingPathComponent("front.csv"))))
    let (first, second) = (front.numbers("loss.g1"), front.numbers("loss.g2"))
    #expect(first.count == 21)
    #expect(zip(first, first.dropFirst()).allSatisfy { $0 > $1 })
    #expect(zip(second, second.dropFirst()).allSatisfy { $0 < $1 })
    #expect(front.numbers("efficient").allSatisfy { $0 == 1 })
  }

  /// Every figure of the page on `compare` stands in the tables beside it.
  @Test func comparePageQuotesItsTables() throws {
    let folder = Shared.repository.appendingPathComponent("Examples")
    let page = try String(
      contentsOf: folder.appendingPathComponent("compare.md"), encoding: .utf8)
    let tables = try ["adult", "compas", "compas-tasks", "communities"].map { name in
      try String(
        contentsOf: folder.appendingPathComponent("results/compare/\(name).txt"), encoding: .utf8)
    }.joined()
    let figures = page.matches(of: /-?\d\.\d{4}/).map { String($0.output) }
    #expect(figures.count > 80)
    for figure in figures { #expect(tables.contains(figure), "\(figure)") }
  }
}
