internal import FairpostEvaluation
internal import FairpostExplain
internal import FairpostFiles
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost explain`: why each score is what it is, or why a map moved it.
enum ExplainCommand: Command {
  static let spec = CommandSpec(
    "explain", summary: "explain why each score is what it is, or why a map moved it",
    usage: "-m MODEL|MAP [FILE]",
    examples: [
      Example(
        "fairpost explain -m repaid.model --group sex --summary test.csv",
        "show which features matter, and what each contributes to the gap between the sexes"),
      Example(
        "fairpost explain -m repaid.model test.csv | fairpost plot beeswarm -o why.svg",
        "draw the values of all rows"),
      Example("fairpost explain -m sex.map --words fair.csv", "write a paragraph for each person"),
    ],
    details: CommandDetails.explain,
    memory: "Holds the rows and their values.",
    options: [
      OptionSpec(
        "model", "m", .file("MODEL|MAP"), help: "the model or map; several models for --summary",
        repeated: true, required: true, section: "What is explained"),
      OptionSpec(
        "summary", help: "write a line for each feature or step instead of each record",
        section: "What is explained"),
      OptionSpec(
        "words", help: "for a map: write a paragraph for each record", section: "What is explained"),
      OptionSpec(
        "logits", help: "explain scores on the model's own scale, before they become probabilities",
        section: "What is explained"),
      OptionSpec(
        "background", nil, .file(), help: "rows whose values stand in for absent features",
        defaultNote: "the rows that are explained", section: "How"),
      OptionSpec(
        "background-rows", nil, .integer("N", in: 1...100_000),
        help: "how many background rows at most, chosen at random by a hash", default: "100",
        section: "How"),
      OptionSpec(
        "exact", nil, .integer("N", in: 0...16),
        help: "compute exact values for up to N features, by trying every set of them",
        default: "10", section: "How"),
      OptionSpec(
        "pairs", nil, .integer("N", in: 2...1_000_000),
        help: "how many pairs of orders to sample, where values are not exact",
        defaultNote: "one for each background row", section: "How"),
      OptionSpec(
        "calibrate", nil, .file(),
        help: "for a map: the records it was fitted to, to try other orders",
        section: "How"),
      CommonOptions.group, CommonOptions.id, CommonOptions.seed,
    ] + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1), seeAlso: ["inspect", "plot", "train", "fit"],
    section: "Reporting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let paths = options.texts("model")
    let settings = try InputSettings(options)
    let explained = try paths.map { try AnyFile(path: $0) }
    let output = try OutputFile.open(options.text("output"))
    if case .map(let map)? = explained.first {
      guard paths.count == 1 else { throw UsageError("one map is explained at a time") }
      let explanation = try MapExplanation(
        map, try Input(inputPath(options), settings),
        calibration: try options.text("calibrate").map { try Input($0, settings) },
        id: options.text("id"), seed: seed(options), console)
      if options.has("words") {
        try output.write(explanation.sentences())
      } else {
        try output.write(options.has("summary") ? explanation.summary() : explanation.csv())
      }
      console.summary(explanation.tally)
    } else {
      let models = try explained.enumerated().map { place, file in
        guard case .model(let model) = file else {
          throw UsageError("\(paths[place]) is a map, and \(paths[0]) is a model")
        }
        return model
      }
      guard models.count == 1 || options.has("summary") else {
        throw UsageError("several models need --summary")
      }
      guard !options.has("words") else { throw UsageError("--words is for maps") }
      var request = ExplanationRequest()
      request.background = options.text("background")
      request.backgroundRows = options.integer("background-rows") ?? request.backgroundRows
      request.mostExact = options.integer("exact") ?? request.mostExact
      request.pairs = options.integer("pairs")
      request.isOfLogits = options.has("logits")
      request.id = options.text("id")
      request.groups = options.columns("group")
      request.seed = seed(options)
      guard models.count == 1 || inputPath(options) != "-" else {
        throw UsageError(
          "several models read the rows once each: name the file instead of piping it")
      }
      let explanations = try models.map {
        try ModelExplanation($0, try Input(inputPath(options), settings), request)
      }
      if options.has("summary") {
        try output.write(
          SummaryText.bytes(
            zip(paths, explanations).map { ($0, $1.summaries()) }, isTable: output.isTerminal))
      } else {
        try output.write(explanations[0].csv())
      }
      console.summary(explanations[0].tally, explanations.map { "\($0.words)" })
    }
    try output.commit()
    return .done
  }
}
