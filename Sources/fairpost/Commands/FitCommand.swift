internal import FairpostAdjusting
internal import FairpostFiles
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostSettings
internal import FairpostText

/// `fairpost fit`: an adjustment map from calibration records.
enum FitCommand: Command {
  static let spec = CommandSpec(
    "fit", summary: "fit an adjustment map to calibration scores", usage: "[METHOD] [FILE...]",
    examples: [
      Example(
        "fairpost fit --score p --group sex -o sex.map calibration.csv",
        "fit a map that removes the difference between the sexes from the scores p"),
      Example(
        "fairpost fit --score p --group sex --group race --small-cell pool --id id -o both.map c.csv",
        "adjust for one attribute after the other"),
    ],
    details: CommandDetails.fit,
    memory:
      "Holds the records as they stand: 12 bytes a record and score, 8 for its key where there is an --id, and 16 a score while it sorts. Where that is more than --memory, wasserstein without --id goes on with each different score of a group, once; that takes some 400 bytes each while the map is made. The result is the same. The map keeps about --compress knots a group, and more where --value-error requires them, of about 60 bytes each; with --exact it keeps every distinct score.",
    options: FitOptions.columns + [CommonOptions.seed] + FitOptions.summary
      + [FitOptions.memory] + CommonOptions.reader,
    operands: OperandSpec(
      .file, methods: adjustmentMethods.map { MethodSpec($0) },
      defaultMethod: "wasserstein"),
    seeAlso: ["apply", "adjust", "inspect"], section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let roles = try RoleNames(options)
    let fit = try MapFit(options, roles)
    let input = try Input(inputPath(options), try InputSettings(options))
    let scores = try ScoreColumns.names(roles, in: input)
    let progress = console.bar(size: input.size)
    let minimumCell = options.integer("min-cell")
    guard minimumCell == nil || options.has("summary") else {
      throw UsageError("--min-cell needs --summary")
    }
    let bytes =
      options.has("summary")
      ? try fit.summary(
        of: input, scores: scores, minimumCell: minimumCell, console, progress: progress
      ).bytes()
      : try fit.map(of: input, scores: scores, certificate: true, console, progress: progress)
        .bytes()
    let output = try OutputFile.open(options.text("output"))
    try output.write(bytes)
    try output.commit()
    return .done
  }
}

extension MapFit {
  /// The fit a command line asks for.
  init(_ options: ParsedOptions, _ roles: RoleNames) throws {
    let name = options.method ?? ""
    let type = adjustmentMethods.first { $0.info.name == name }
    try self.init(
      name, given: type.map { options.given(for: $0) } ?? [], roles,
      seed: UInt64(options.integer("seed") ?? 0), options: FitOptions.decisive(options), .command)
    if let memory = options.integer("memory") { self.memory = memory << 20 }
  }
}
