import Foundation
import FairpostNumerics
import FairpostTestSupport

/// What the hostile tests share: their length, their data, and what holds after every run.
enum Torture {
  /// Seconds each campaign may take: a short form by default, `FAIRPOST_TORTURE` for the long one.
  static let seconds =
    ProcessInfo.processInfo.environment["FAIRPOST_TORTURE"].flatMap { Double($0) } ?? 3
  /// Whether the long form was asked for.
  static let isLong = ProcessInfo.processInfo.environment["FAIRPOST_TORTURE"] != nil
  /// Where the random choices begin: another number is another campaign.
  static let seed =
    ProcessInfo.processInfo.environment["FAIRPOST_TORTURE_SEED"].flatMap { UInt64($0) } ?? 1
  /// Whether the program was built with a sanitizer, which cannot share the loader with a shim.
  static let isSanitized = ProcessInfo.processInfo.environment["FAIRPOST_SANITIZED"] != nil

  /// The statuses the manual names; 70 is a fault of the program and never right.
  static let statuses: Set<Int32> = [0, 1, 2, 64, 65, 66, 73, 74, 78]

  /// Sixty records of two groups with a score, a label and a second task.
  static let data: String = {
    var text = "id,sex,x,y,y.score\n"
    for row in 0..<60 {
      let score = Double((row * 37) % 61) / 61
      text += "r\(row),\(row % 3 == 0 ? "F" : "M"),\(row % 7),\(row % 2),\(score)\n"
    }
    return text
  }()

  /// A folder with the data, a map, a model and an adjusted file.
  static func prepared() throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.file("in.csv", data)
    let made = try Program.shell(
      """
      fairpost fit -q --group sex -o in.map in.csv &&
      fairpost apply -q -m in.map -o fair.csv in.csv &&
      fairpost train linear -q --task y --id id -o in.model in.csv
      """, directory: scratch.url)
    guard made.status == 0 else { throw Broken(made.errorText) }
    return scratch
  }

  /// Every command that reads or writes files; `out` is the name of its result.
  static let commands = [
    "split --column -o out in.csv",
    "split --column --stratify sex --memory 0 -o out -",
    "split --into 'out.%' in.csv",
    "fit --group sex -o out in.csv",
    "fit threshold --group sex --task y -o out in.csv",
    "apply -m in.map -o out in.csv",
    "apply -m in.map -o out -",
    "adjust --group sex --on-bad-row skip --rejects out.bad -o out in.csv",
    "adjust --group sex --memory 0 -o out -",
    "evaluate --group sex -o out in.csv",
    "drift -m in.map -o out in.csv",
    "verify -m in.map fair.csv",
    "inspect -o out in.map",
    "inspect -o out in.model",
    "train linear --task y --id id -o out --log out.log in.csv",
    "predict --overwrite -m in.model -o out in.csv",
    "reweigh --task y --group sex -o out in.csv",
    "resample oversample --task y --group sex --protected sex=F -o out in.csv",
    "massage --task y --group sex --protected sex=F -o out in.csv",
    "plot boundary --x x --y y --score y.score -o out in.csv",
    "synth loans -n 50 -o out",
  ]

  /// The names in a folder.
  static func names(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
  }

  /// What must hold of any run, in words where it does not.
  static func fault(_ run: ProgramRun) -> String? {
    if run.timedOut { return "does not end" }
    if !statuses.contains(run.status) { return "status \(run.status)" }
    if run.errors.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F }) {
      return "a control byte reaches standard error"
    }
    if run.errorText.contains("Sanitizer") { return "the sanitizer found a fault" }
    if run.status >= 64, !run.errorText.hasPrefix("fairpost") { return "no word of why" }
    return nil
  }

  /// Why a case could not be set up.
  struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}

/// Choices that follow from a seed.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  /// A number from 0 up to a limit.
  mutating func roll(_ limit: Int) -> Int {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(limit, 1)))
  }

  /// One of some things.
  mutating func pick<Element>(_ list: [Element]) -> Element { list[roll(list.count)] }
}
