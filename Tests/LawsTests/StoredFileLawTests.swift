import Foundation
import FairpostJSON
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Maps and models as files: what is damaged, forged or endless is refused in words.
@Suite(.enabled(if: Program.isBuilt)) final class StoredFileLawTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  deinit { scratch.remove() }

  private func path(_ name: String) -> String { scratch.url.appendingPathComponent(name).path }

  /// Rows with scores, groups, a label and a number.
  private func sample(_ rows: Int = 60, scale: Double = 1) throws -> String {
    let lines = (0..<rows).map { row -> String in
      let a = Double(row * 37 % 101) / 101
      let label = (row * 29 % 23) > 11 ? 1 : 0
      return
        "\(row),\(row % 3 == 0 ? "m" : "f"),\(a * scale),\(Double(row * 53 % 89) / 40),\("xyz".dropFirst(row % 3).prefix(1)),\(label),\(3 * a)"
    }
    return try scratch.file(
      "in.csv", (["id,g,p,b,c,y,n"] + lines).joined(separator: "\n") + "\n"
    ).path
  }

  @discardableResult
  private func run(_ arguments: [String], _ status: Int32 = 0, memory: Int? = nil) throws
    -> ProgramRun
  {
    let run = try Program.run(arguments, memoryLimit: memory, timeout: 60)
    #expect(run.status == status, "\(arguments.joined(separator: " ")): \(run.errorText)")
    #expect(!run.timedOut, "\(arguments.joined(separator: " "))")
    return run
  }

  private func map(_ extra: [String] = []) throws -> String {
    try run(
      ["fit", "-q", "--score", "p", "--group", "g", "--id", "id", "-o", path("m.map")] + extra + [
        try sample()
      ])
    return path("m.map")
  }

  private func model(_ method: [String] = ["linear", "--task", "y"]) throws -> String {
    try run(
      ["train"] + method + [
        "-q", "--group", "g", "--exclude", "n,y", "--id", "id", "-o", path("m.model"),
        try sample(),
      ])
    return path("m.model")
  }

  private func json(_ file: String) throws -> JSONValue {
    try JSONValue(
      reading: [UInt8](Data(contentsOf: URL(fileURLWithPath: file))), limit: 1 << 26)
  }

  /// Every single bit of a model that decides something is noticed.
  @Test func flippedBitsOfAModelAreNoticed() throws {
    let file = try model()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    let input = try sample()
    let right = try run(["predict", "-q", "-m", file, input]).output
    var stream = RandomStream(seed: 4, purpose: "tests.bits")
    var refused = 0
    let cases = min(Torture.cases ?? 60, 20_000)
    for _ in 0..<cases {
      var damaged = bytes
      damaged[Int(stream.uniform() * Double(bytes.count))] ^= 1 << UInt8(stream.uniform() * 8)
      let other = try scratch.file("damaged.model", damaged).path
      let found = try Program.run(["predict", "-q", "-m", other, input], timeout: 60)
      if found.status == 78 {
        refused += 1
      } else {
        #expect(found.status == 0 && found.output == right, Comment(rawValue: found.errorText))
      }
    }
    #expect(refused > cases / 2)
  }

  @Test func modelsWithoutAChecksumAreOfVersionOne() throws {
    let file = try model()
    guard case .object(var members) = try json(file) else {
      Issue.record("an object was expected")
      return
    }
    members["checksum"] = nil
    let bare = try scratch.file("bare.model", JSONValue.object(members).written()).path
    let message = try run(["inspect", bare], 78).errorText
    #expect(message.contains("checksum"))
    members["version"] = 1
    let old = try scratch.file("old.model", JSONValue.object(members).written()).path
    let input = try sample()
    #expect(
      try run(["predict", "-q", "-m", old, input]).output
        == run(["predict", "-q", "-m", file, input]).output)
    members["version"] = 0
    try run(["inspect", scratch.file("none.model", JSONValue.object(members).written()).path], 78)
  }

  /// A checksum is no signature: what is sealed again is held to what a map or model can be.
  @Test func forgedFilesAreRefusedInWords() throws {
    func forged(_ file: String, _ name: String, _ value: JSONValue) throws -> String {
      func changed(_ json: JSONValue) -> JSONValue {
        switch json {
        case .array(let elements): return .array(elements.map { changed($0) })
        case .object(let object):
          var result = JSONObject()
          for (key, inner) in object.members {
            result.append(key, key == name ? value : changed(inner))
          }
          return .object(result)
        default: return json
        }
      }
      return try scratch.file("forged", NumberMutation.sealed(changed(json(file)))).path
    }
    let input = try sample()
    let plain = try map()
    for (name, value) in [
      ("steps", .array([])), ("images", .array([.number(1e308)])), ("records", .integer(.min)),
      ("epsilon", .number(1e308)), ("certificates", .array([])), ("weight", -1),
    ] as [(String, JSONValue)] {
      let file = try forged(plain, name, value)
      for command in [["inspect", file], ["apply", "-q", "-m", file, input]] {
        #expect(try run(command, 78).errorText.contains(name), "\(name)")
      }
    }
    let exact = try map(["--exact"])
    try run(["inspect", try forged(exact, "values", .array([.number(-1e308)]))], 78)
    let learned = try model()
    for (name, value) in [
      ("rows", .integer(.min)), ("scale", 0), ("hidden", .array([3])), ("version", 9),
    ] as [(String, JSONValue)] {
      let file = try forged(learned, name, value)
      for command in [["inspect", file], ["predict", "-q", "-m", file, input]] {
        let words = try run(command, 78).errorText
        #expect(words.contains(name) || words.contains("layers"), "\(name)")
      }
    }
  }

  /// Some numbers of a map and a model through the program; most are tried in the library's tests.
  @Test func filesWithReplacedNumbersEndInWords() throws {
    let input = try sample()
    var stream = RandomStream(seed: 5, purpose: "tests.mutation")
    for (file, commands) in [
      (try map(), [["apply", "-q", "-m"], ["inspect"]]),
      (try map(["--exact", "--estimator", "equipy"]), [["apply", "-q", "-m"], ["inspect"]]),
      (try model(), [["predict", "-q", "-m"], ["inspect"]]),
    ] {
      let whole = try json(file)
      for _ in 0..<min(Torture.cases ?? 12, 20_000) {
        let place = Int(stream.uniform() * Double(NumberMutation.count(whole)))
        let choice = Int(stream.uniform() * Double(HostileNumber.all.count))
        let changed = NumberMutation.replacing(place, of: whole, by: HostileNumber.all[choice])
        let other = try scratch.file("changed", NumberMutation.sealed(changed)).path
        for command in commands {
          let found = try Program.run(
            command + [other] + (command.count > 1 ? [input] : []), timeout: 60)
          let text = found.outputText.lowercased()
          #expect([0, 65, 78].contains(found.status), Comment(rawValue: found.errorText))
          #expect(!found.timedOut)
          let lines = text.split(separator: "\n").dropFirst()
          if found.status == 0, command[0] != "inspect" {
            #expect(lines.allSatisfy { !$0.hasSuffix("inf") && !$0.hasSuffix("nan") })
          }
        }
      }
    }
  }

  /// What never ends is not read to its end: a small address space is enough to refuse it.
  @Test func endlessFilesAreRefused() throws {
    let input = try sample()
    for command in [
      ["inspect", "/dev/zero"], ["apply", "-q", "-m", "/dev/zero", input],
      ["predict", "-q", "-m", "/dev/zero", input], ["verify", "-q", "-m", "/dev/zero", input],
    ] {
      #expect(try run(command, 78, memory: 1 << 20).errorText.contains("/dev/zero"))
    }
  }

  @Test func inspectReadsAStreamOnce() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try map())))
    let found = try Program.run(["inspect", "-"], input: bytes)
    #expect(found.status == 0 && found.outputText.contains("score p"))
  }

  /// Memory and stack that the system refuses end in words too.
  @Test func refusedStackEndsInWords() throws {
    for limit in [32, 64] {
      let script = "ulimit -s \(limit) && fairpost adjust -q --score p --group g \(try sample())"
      let found = try Program.shell(script)
      #expect(found.status < 128, "ulimit -s \(limit): \(found.status)")
      #expect(found.status == 0 || !found.errors.isEmpty)
    }
  }

  @Test func whatDivergesIsNotWritten() throws {
    let rows = (0..<40).map { "\($0),\(Double($0 % 7)),\($0 % 2),\($0 == 3 ? 1e160 : 1)" }
    let file = try scratch.file(
      "d.csv", (["id,a,y,n"] + rows).joined(separator: "\n") + "\n"
    ).path
    let large = try run(["train", "mlp", "-q", "--task", "n:regression", "--id", "id", file], 65)
    #expect(large.errorText.contains("column \"n\"") && large.errorText.contains("too large"))
    #expect(large.output.isEmpty)
    let out = path("diverged.model")
    let found = try run(
      [
        "train", "mlp", "-q", "--task", "a:regression", "--exclude", "n", "--id", "id",
        "--optimiser", "sgd", "--rate", "1e6", "--epochs", "30", "-o", out, file,
      ], 65)
    #expect(found.errorText.contains("finite"))
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  /// A feature of 1e100 makes the gradient steps leave the range of numbers; the AUC of what is no
  /// number was looked for without end.
  @Test func adaptEndsWhereAFeatureIsHuge() throws {
    let file = try model(["linear", "--task", "y", "--no-standardise"])
    let rows = (0..<10).map { "\($0),m,\($0 == 4 ? 1e100 : 0.5),1,x,\($0 % 2),0" }
    let huge = try scratch.file(
      "huge.csv", (["id,g,p,b,c,y,n"] + rows).joined(separator: "\n") + "\n"
    ).path
    let found = try Program.run(
      ["adapt", "-q", "-m", file, "--inner-steps", "5", "--rate", "1e6", huge], timeout: 30)
    #expect(!found.timedOut)
    #expect(found.status == 0 || found.status == 65, Comment(rawValue: found.errorText))
  }

  @Test func syntheticScoresAreNumbers() throws {
    let arguments = ["synth", "gaussians", "--deviations", "1,1", "--sizes", "5,5", "--means"]
    try run(arguments + ["1e308,-1e308"], 64)
    let found = try run(arguments + ["1e300,-1e300"]).outputText
    #expect(!found.contains("inf") && !found.contains("nan"))
  }

  /// Maps of the first version give what they gave when they were written.
  @Test(arguments: ["wasserstein-v1", "exact-v1"])
  func oldMapsGoOnLoading(_ name: String) throws {
    let map = Fixture.path("maps/\(name).map")
    let run = try Program.run(["apply", "-q", "-m", map, Fixture.path("adjust/new.csv")])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    let expected = try String(contentsOfFile: Fixture.path("maps/\(name).csv"), encoding: .utf8)
    #expect(run.outputText == expected)
    let verified = try Program.run(["verify", "-q", "-m", map, Fixture.path("maps/\(name).csv")])
    #expect(verified.status == 0, Comment(rawValue: verified.errorText))
    #expect(try Program.run(["inspect", map]).status == 0)
  }
}
