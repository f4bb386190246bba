internal import FairpostCharts
internal import FairpostEvaluation
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostPlots
internal import FairpostRoles
internal import FairpostSettings
internal import FairpostText

/// `fairpost plot`: a figure as SVG, or in a terminal.
enum PlotCommand: Command {
  static let spec = CommandSpec(
    "plot", summary: "draw a picture as SVG, or in the terminal", usage: "KIND [FILE]",
    examples: [
      Example(
        "fairpost plot density --score p --group sex adjusted.csv -o before-after.svg",
        "draw p and p.fair beside each other"),
      Example(
        "fairpost plot bars --task repaid --group sex --terminal scored.csv",
        "draw selection and true positive rates in the terminal"),
      Example(
        "fairpost compare --task repaid --group sex --id id --format csv loans.csv | fairpost plot tradeoff -o front.svg",
        "draw every method's fairness against its accuracy"),
    ],
    details: [
      "Colours can be told apart by colour-blind readers and in grey, and follow the reader's light or dark page; text in the SVG stays text."
    ],
    memory: "Holds the columns it draws.",
    options: FitOptions.scores + [CommonOptions.group] + CommonOptions.weights
      + [
        OptionSpec("title", nil, .name("TEXT"), help: "the picture's title", section: "Output"),
        OptionSpec(
          "width", nil, .integer("N", in: 200...4000),
          help: "the width, in pixels; with --terminal, in columns",
          defaultNote: "720, or 78 columns", section: "Output"),
        OptionSpec("terminal", help: "draw with characters, in the terminal", section: "Output"),
      ] + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1, methods: pictures.map { MethodSpec($0) }),
    seeAlso: ["evaluate", "compare", "frontier", "predict"], section: "Reporting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let type = pictures.first(where: { $0.info.name == options.method }) else {
      throw UsageError("name a picture: \(pictures.map { $0.info.name }.joined(separator: ", "))")
    }
    let picture: any Picture
    do { picture = try type.init(given: options.given(for: type)) } catch {
      throw error.usage(.command)
    }
    var request = EvaluationRequest()
    request.roles = try RoleNames(options)
    var chart = try picture.chart(
      PictureSource(
        path: inputPath(options) ?? "-", settings: try InputSettings(options), request: request,
        console: console))
    if let title = options.text("title") { chart.title = title }
    let width = options.integer("width")
    let output = try OutputFile.open(options.text("output"))
    try output.write(
      options.has("terminal")
        ? TerminalDrawing.text(chart, width: width ?? 78)
        : SVGDrawing.text(chart, width: Double(width ?? 720)))
    try output.commit()
    return .done
  }
}
