internal import FairpostAdjusting
internal import FairpostFiles
internal import FairpostJSON
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining

/// `fairpost inspect`: what is in a model or map, in words and numbers.
enum InspectCommand: Command {
  static let spec = CommandSpec(
    "inspect", summary: "describe a map or model in words", usage: "FILE",
    examples: [
      Example("fairpost inspect sex.map", "show groups, weights, ranges, policies and certificate"),
      Example("fairpost inspect income.model", "show tasks, columns, network and coefficients"),
      Example(
        "fairpost inspect fair.model --efficiency train.csv",
        "test whether another model would be better for every group"),
    ],
    details: [
      "A map's certificate (the figures it states about itself) is computed again from what the map holds; if it differs, the map is refused, as by verify."
    ],
    memory: "Holds the file (1 GiB at most).",
    options: [
      OptionSpec(
        "task-weights", nil, .choice("grid"),
        help: "for a yoto model: write the loss of every task over a grid of task weights, as CSV",
        section: "Output"),
      OptionSpec(
        "efficiency", nil, .file("DATA"),
        help:
          "for a linear model: test whether another one has a smaller risk (mean loss) in every group of these labelled rows",
        section: "Output"),
    ] + CommonOptions.general.filter { $0.name != "threads" && $0.name != "progress" },
    operands: OperandSpec(.file, minimum: 1, maximum: 1), seeAlso: ["fit", "verify"],
    section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.operands[0]
    let output = try OutputFile.open(options.text("output"))
    let json = try StoredFile.value(path, expected: "a map or model")
    let isModel = StoredFile.format(json) == ModelFile.format
    if !isModel, options.has("task-weights") {
      throw UsageError("--task-weights grid is for models of train yoto")
    }
    if !isModel, options.has("efficiency") {
      throw UsageError("--efficiency is for linear models")
    }
    try output.write(
      isModel
        ? try text(ModelFile(json, path: path), path, options, console)
        : StoredFile.format(json) == SummaryFile.format
          ? FileDescription.text(try SummaryFile(json, path: path), path)
          : try FileDescription.text(MapFile(json, path: path), path))
    try output.commit()
    return .done
  }

  private static func text(
    _ file: ModelFile, _ path: String, _ options: ParsedOptions, _ console: Console
  ) throws -> String {
    if let data = options.text("efficiency") {
      var settings = InputSettings()
      settings.threads = Parallel.cores
      return try ModelEfficiency.text(file, on: try Input(data, settings), console)
    }
    guard let wanted = options.text("task-weights") else {
      return ModelDescription.text(file, path)
    }
    let grid = try ModelDescription.grid(file.model)
    guard wanted == "grid" else { throw UsageError("--task-weights \(wanted): expected grid") }
    return grid
  }
}
