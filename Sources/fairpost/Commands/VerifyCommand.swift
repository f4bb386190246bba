internal import FairpostAdjusting
internal import FairpostFiles
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostSettings

/// `fairpost verify`: whether an adjusted file is what a map gives.
enum VerifyCommand: Command {
  static let spec = CommandSpec(
    "verify", summary: "say whether an adjusted file is what a map gives", usage: "-m MAP [FILE]",
    examples: [
      Example("fairpost verify -m sex.map fair.csv", "exit 0 where every row agrees, else 1")
    ],
    details: [
      "Every adjusted score is derived again from its score and group, and compared to the last bit: fairpost writes numbers so that they read back the same. The columns of --steps are compared where they are there. A map whose certificate does not follow from what it holds is refused. A map fitted with --exact holds its data and is computed again whole; of another, counts, means, distances, bounds and price are held to its knots, and only the figures of held-out folds cannot be."
    ],
    memory: "Streams: memory is bounded by the map, which has 1 GiB at most.",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment"),
      OptionSpec(
        "list", nil, .integer("N", in: 0...1_000_000), help: "name the first N rows that differ",
        default: "10", section: "Output"),
    ] + CommonOptions.reading + [CommonOptions.badRows] + CommonOptions.general,
    operands: OperandSpec(.file, maximum: 1),
    exitNotes: [
      ExitNote(0, "every row agrees, or there is none"), ExitNote(1, "some rows differ"),
    ],
    seeAlso: ["apply", "inspect"], section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.text("map") ?? ""
    let map = try MapFile(path: path)
    try MapVerification.refuseLies(map, named: path)
    let input = try Input(inputPath(options), try InputSettings(options))
    let found = try MapVerification(
      map, named: path, input, listing: options.integer("list") ?? 0, .command)
    for difference in found.listed {
      Console.say(
        "fairpost verify",
        "\(input.name):\(difference.line): column \"\(difference.column)\": \"\(difference.found)\" stands where the map gives \"\(difference.wanted)\""
      )
    }
    console.summary(
      found.tally,
      [
        found.count == 0
          ? found.compared > 0 ? "every value agrees" : "there was nothing to verify"
          : "\(Console.grouped(found.count)) value\(found.count == 1 ? " differs" : "s differ")"
      ])
    return found.count == 0 ? .done : .notMet
  }
}
