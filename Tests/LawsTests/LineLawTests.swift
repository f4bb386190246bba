import FairpostTestSupport
import Foundation
import Testing

/// `--lines json`: the lines as they came with members added, and the numbers those of CSV.
@Suite(.enabled(if: Program.isBuilt)) struct LineLawTests {
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    let made = try Program.shell(
      """
      set -e
      fairpost synth loans -q -n 1500 --seed 3 | cut -d, -f1,2,10 > rows.csv
      fairpost fit -q --score score --group sex --unseen pool --missing-group pool -o m.map rows.csv
      """, directory: scratch.url)
    try #require(made.status == 0, "\(made.errorText)")
    return scratch
  }

  private func object(_ line: Substring) -> [String: Any]? {
    do { return try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] } catch {
      return nil
    }
  }

  @Test func theNumbersAreThoseOfCSV() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost apply -q -m m.map rows.csv | sed 1d | cut -d, -f4 > csv.txt
      sed 1d rows.csv | awk -F, '{ printf "{\\"id\\": \\"%s\\", \\"sex\\":\\"%s\\",\\"score\\" :%s}\\n", $1, $2, $3 }' > rows.jsonl
      for how in "--threads 1" "--threads 4" --unbuffered; do
        fairpost apply -q -m m.map --lines json $how rows.jsonl > "json$how.jsonl"
        cmp "json--threads 1.jsonl" "json$how.jsonl" || exit 1
      done
      sed 's/.*"score.fair":\\(.*\\)}/\\1/' "json--unbuffered.jsonl" | cmp - csv.txt || exit 1
      sed 's/,"score.fair":[^,]*}/}/' "json--unbuffered.jsonl" | cmp - rows.jsonl && echo the same
      """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(run.errorText)")
  }

  /// Whatever a line holds besides, it comes out byte for byte.
  @Test func bytesPassThrough() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let lines = [
      #"{"score":0.5,"sex":"F"}"#, #"  { "sex" : "M" , "score":5e-1 }  "#,
      #"{"x":{"a":[1,2,{"}":"]"}]},"score":0.50,"sex":"F","z":"ü\u00e9\"\\"}"#,
      #"{"score":"0.5","\u0073ex":"\u0046"}"#, #"{"score":null,"sex":"F"}"#,
      #"{"score":1,"sex":null}"#,
      #"{"sex":"unknown, \"quoted\"\n","score":-0}"#,
      #"{"score":1E-3,"sex":"F","t":true,"f":false}"#,
    ]
    for ending in ["\n", "\r\n"] {
      let text = lines.joined(separator: ending) + ending
      let run = try Program.run(
        ["apply", "-q", "-m", "m.map", "--lines", "json"], input: Array(text.utf8),
        directory: scratch.url)
      #expect(run.status == 0, "\(run.errorText)")
      let answers = run.outputText.components(separatedBy: ending).dropLast()
      #expect(answers.count == lines.count)
      for (line, answer) in zip(lines, answers) {
        let end = try #require(line.lastIndex(of: "}"))
        #expect(answer.hasPrefix(line[..<end] + ",\"score.fair\":"))
        #expect(answer.hasSuffix(line[end...]))
        let told = try #require(self.object(Substring(answer)), "\(answer)")
        #expect(told["score.fair"] != nil)
      }
    }
    // The last line may lack its ending, and does so in the answer.
    let run = try Program.run(
      ["apply", "-q", "-m", "m.map", "--lines", "json"], input: Array(lines[0].utf8),
      directory: scratch.url)
    #expect(run.outputText.hasSuffix("}"))
  }

  /// Mutated lines are refused exactly where Foundation refuses them, each answered in its place.
  @Test func badLinesAreAnsweredInTheirPlace() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let good = Array(#"{"score":0.25,"sex":"F","x":[1,{"y":null}],"e":-1.5e+3,"t":true}"#.utf8)
    var state: UInt64 = 12345
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let signs = Array("{}[]\":,0123456789.eE+-tfnul \\/x".utf8)
    var lines: [String] = []
    for _ in 0..<3000 {
      var line = good
      for _ in 0...random(3) {
        let at = random(line.count)
        switch random(3) {
        case 0: line[at] = signs[random(signs.count)]
        case 1: line.remove(at: at)
        default: line.insert(signs[random(signs.count)], at: at)
        }
      }
      lines.append(String(decoding: line, as: UTF8.self))
    }
    let run = try Program.run(
      [
        "apply", "-q", "-m", "m.map", "--lines", "json", "--on-bad-row", "report",
        "--error-column", "why",
      ], input: Array((lines.joined(separator: "\n") + "\n").utf8), directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let answers = run.outputText.split(separator: "\n")
    try #require(answers.count == lines.count)
    var refused = 0
    for (line, answer) in zip(lines, answers) {
      // Foundation takes a comma behind the last member, which the standard does not.
      let isLax = line.contains(/,\s*[}\]]/)
      let isObject = object(Substring(line)) != nil && !isLax
      let told = try #require(self.object(answer), "\(line) is answered by \(answer)")
      // What is no object has nothing to add to.
      let isRefused = told.count == 1 && told["why"] != nil
      refused += isRefused ? 1 : 0
      // A member that is there twice is one Foundation takes.
      #expect(isRefused == !isObject, "\(line) is answered by \(answer)")
    }
    #expect(refused > 500 && refused < 2900)
  }

  /// What is there already is not overwritten unless it is asked for.
  @Test func membersThatAreThereAreKept() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    func apply(_ line: String, _ options: [String]) throws -> ProgramRun {
      try Program.run(
        ["apply", "-q", "-m", "m.map", "--lines", "json"] + options,
        input: Array((line + "\n").utf8),
        directory: scratch.url)
    }
    let line = #"{"score.fair":3,"score":0.5,"sex":"F","z":1}"#
    let refused = try apply(line, [])
    #expect(refused.status == 65)
    #expect(
      refused.errorText.contains("standard input:1: there is already a member \"score.fair\""))
    let replaced = try apply(line, ["--overwrite"])
    #expect(replaced.outputText.hasPrefix(#"{"score":0.5,"sex":"F","z":1,"score.fair":0."#))
    let twice = try apply(#"{"score":0.5,"sex":"F","score":1}"#, [])
    #expect(twice.errorText.contains("the member \"score\" is there twice"))
    let absent = try apply(#"{"score":0.5}"#, ["--on-bad-row", "pass"])
    #expect(absent.status == 65 && absent.errorText.contains("there is no member \"sex\""))
  }

  /// A line that never ends is refused before it fills the memory.
  @Test func aLineHasALongestLength() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      "head -c 200000000 /dev/zero | fairpost apply -m m.map --lines json", directory: scratch.url)
    #expect(run.status == 65 && run.errorText.contains("over 64 MiB long"), "\(run.errorText)")
  }

  @Test func predictReadsJSONToo() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 200 | cut -d, -f2,4,9 > train.csv
      fairpost train linear -q --task repaid -o y.model train.csv
      sed 1d train.csv | awk -F, '{ printf "{\\"sex\\":\\"%s\\",\\"age\\":%s}\\n", $1, $2 }' > rows.jsonl
      fairpost predict -q -m y.model train.csv | sed 1d | cut -d, -f4 > csv.txt
      fairpost predict -q -m y.model --lines json rows.jsonl |
        sed 's/.*"repaid.score":\\(.*\\)}/\\1/' | cmp - csv.txt && echo the same
      echo '{"age":30}' | fairpost predict -m y.model --lines json > lacking.jsonl; echo $?
      """, directory: scratch.url)
    #expect(run.outputText == "the same\n65\n", "\(run.errorText)")
    #expect(run.errorText.contains("there is no member \"sex\""))
  }
}
