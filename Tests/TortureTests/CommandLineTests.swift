import Foundation
import FairpostTestSupport
import Testing

/// Command lines and files that nobody would write, made from what the program declares.
@Suite(.enabled(if: Program.isBuilt)) struct CommandLineTests {
  private struct Option {
    let name: String
    let takesValue: Bool
  }

  private static let numbers = [
    "0", "-0", "1", "-1", "2", "0.5", "1.5", "5e-324", "1e-300", "1e150", "1e308", "-1e308",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "NaN", "inf", "", " ", "1,2",
    "1,,2", "0x10", "1_000",
  ]
  private static let texts = [
    "sex", "x", "y", "y.score", "id", "in.csv", "in.map", "in.model", "fair.csv", "nosuch", ".",
    "/dev/null", "-", "--", "a=b", "sex=F", "train=0.5,test=0.5", "y:binary=1", "y:multiclass",
    "sex,sex", "%", "\u{1B}[2J", "a\nb", "\u{202E}x", "🧪", String(repeating: "n", count: 5000),
    "auto", "all", "error", "drop", "csv", "json", "md", "table", "F", "out.%",
  ]

  /// The options that a command's help shows.
  private func options(of command: String) throws -> [Option] {
    let help = try Program.run(["help", command]).outputText
    return help.split(separator: "\n").compactMap { line in
      guard let dashes = line.range(of: "--"), line.hasPrefix("  ") else { return nil }
      let before = line[..<dashes.lowerBound]
      guard before.allSatisfy({ " -,".contains($0) || $0.isLetter }), before.count <= 8 else {
        return nil
      }
      let rest = line[dashes.upperBound...]
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
      let next = rest.dropFirst(name.count)
      guard !name.isEmpty, name != "help" else { return nil }
      return Option(
        name: String(name), takesValue: next.hasPrefix(" ") && next.dropFirst().first != " ")
    }
  }

  /// A file that is nearly CSV.
  private func file(_ dice: inout Dice) -> [UInt8] {
    var text = dice.pick([
      "id,sex,x,y,y.score", "sex,y.score,y,x", "\u{FEFF}id,sex,y.score", "y.score",
    ])
    let ending = dice.pick(["\n", "\n", "\r\n", "\r"])
    text += ending
    for _ in 0..<dice.roll(60) {
      let fields = (0..<dice.pick([5, 5, 5, 4, 1, 9])).map { _ -> String in
        dice.roll(3) == 0 ? dice.pick(Self.texts) : dice.pick(Self.numbers)
      }
      text += fields.map { dice.roll(9) == 0 ? "\"\($0)\"" : $0 }.joined(separator: ",") + ending
    }
    var bytes = Array(text.utf8)
    for _ in 0..<dice.roll(4) where !bytes.isEmpty {
      bytes[dice.roll(bytes.count)] = UInt8(dice.roll(256))
    }
    return bytes
  }

  @Test func endInAStatusTheManualNames() throws {
    let scratch = try Torture.prepared()
    defer { scratch.remove() }
    let commands = [
      "adjust", "apply", "fit", "evaluate", "split", "train", "predict", "inspect", "verify",
      "drift",
      "reweigh", "resample", "massage", "compare", "plot", "synth", "adapt", "completions", "help",
    ]
    let methods = [
      "fit": ["wasserstein", "threshold"], "adjust": ["wasserstein", "threshold"],
      "train": ["linear", "mlp", "constant"], "synth": ["loans", "gaussians", "zafar", "front"],
      "plot": ["boundary"],
    ]
    let declared = try Dictionary(
      commands.map { ($0, try options(of: $0)) }, uniquingKeysWith: { first, _ in first })
    #expect(declared["adjust"]?.contains { $0.name == "group" && $0.takesValue } == true)
    // What makes a run long and nothing else, bounded.
    let bounds = [
      "epochs": "2", "iterations": "2", "bootstrap": "20", "permutations": "20", "seeds": "2",
    ]
    let kept = try Torture.names(scratch)
    var dice = Dice(Torture.seed)
    let until = Date().addingTimeInterval(Torture.seconds)
    var runs = 0
    while Date() < until {
      let command = dice.pick(commands)
      var words = [command]
      if let known = methods[command] { words.append(dice.pick(known)) }
      if dice.roll(4) > 0 { words += ["--group", "sex"] }
      if command == "train" { words += ["--epochs", "2", "--task", "y", "--id", "id"] }
      if ["apply", "verify", "drift"].contains(command) { words += ["-m", "in.map"] }
      if command == "predict" { words += ["-m", "in.model"] }
      for _ in 0..<dice.roll(4) {
        guard let known = declared[command], !known.isEmpty else { break }
        let option = dice.pick(known)
        words.append("--\(option.name)")
        guard option.takesValue else { continue }
        words.append(
          bounds[option.name]
            ?? (dice.roll(2) == 0 ? dice.pick(Self.numbers) : dice.pick(Self.texts)))
      }
      if dice.roll(3) > 0 { words.append(dice.roll(4) == 0 ? dice.pick(Self.texts) : "in.csv") }
      let input = dice.roll(2) == 0 ? Array(Torture.data.utf8) : file(&dice)
      if dice.roll(3) == 0 { _ = try scratch.file("in.csv", file(&dice)) }
      let outcome = try Program.run(
        words.map { $0.replacingOccurrences(of: "\0", with: "") }, input: input,
        directory: scratch.url, timeout: 60)
      runs += 1
      if let fault = Torture.fault(outcome) {
        Issue.record(
          "\(fault): \(words), campaign \(Torture.seed), run \(runs): \(outcome.errorText)")
        try Data(input).write(
          to: FileManager.default.temporaryDirectory.appendingPathComponent("torture-\(runs).csv"))
      }
      // Results may have any name here; what is needed is made again.
      _ = try scratch.file("in.csv", Torture.data)
      for name in try Torture.names(scratch) where !kept.contains(name) {
        #expect(!(name.hasPrefix(".fairpost.") && name.hasSuffix(".tmp")), "\(words): \(name)")
        try FileManager.default.removeItem(at: scratch.url.appendingPathComponent(name))
      }
    }
    print("command lines: \(runs) runs, campaign \(Torture.seed)")
    #expect(runs > 0)
  }
}
