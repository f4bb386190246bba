internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost plot`: a figure as SVG.
enum PlotCommand: Command {
  static let spec = CommandSpec(
    "plot", summary: "draw a figure as SVG", usage: "KIND [FILE]",
    examples: [
      Example(
        "fairpost predict -m m.model grid.csv | fairpost plot boundary --x x1 --y x2 --score label.score -o b.svg",
        "where a model decides 1")
    ],
    memory: "Holds the columns it draws.",
    options: CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1, methods: plots.map { $0.spec }),
    seeAlso: ["predict"], section: "Reporting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let plot = plots.first(where: { $0.spec.name == options.method }) else {
      throw UsageError("name a figure: \(plots.map { $0.spec.name }.joined(separator: ", "))")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    let svg = try plot.svg(input, options, console)
    let output = try OutputFile.open(options.text("output"))
    try output.write(svg)
    try output.commit()
    return .done
  }
}
