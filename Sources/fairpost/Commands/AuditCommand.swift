internal import FairpostAudit
internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText

/// `fairpost audit`: the tables a regulator or counsel asks for.
enum AuditCommand: Command {
  static let spec = CommandSpec(
    "audit", summary: "make the tables a regulator asks for, or check published ones",
    usage: "SCHEME [FILE...] | --check TABLE.csv",
    examples: [
      Example(
        "fairpost audit ll144 --group sex --group race --decision hired applicants.csv",
        "show selection rates and impact ratios by sex, race and both"),
      Example(
        "fairpost audit ugesp --group race --decision outcome=Hired --position job --format md all.csv",
        "make a table for each job and one for all together, as Markdown"),
      Example(
        "fairpost audit --check published.csv",
        "check whether a published table's figures fit together"),
    ],
    details: AuditHelp.details, memory: AuditHelp.memory, options: options,
    operands: OperandSpec(
      .file, methods: Scheme.all.map { MethodSpec($0.name, summary: $0.summary, details: $0.law) },
      defaultMethod: Scheme.all.first?.name),
    exitNotes: [
      ExitNote(0, "done; no scheme says that a table passes or fails"),
      ExitNote(1, "--check found a printed figure that the table's own figures cannot explain"),
    ],
    seeAlso: ["evaluate", "groups", "drift"], section: "Measuring")

  private static let options: [OptionSpec] =
    [
      CommonOptions.group,
      OptionSpec(
        "decision", nil, .text("COL[=VALUE]"),
        help:
          "the column that says who was selected: 1 and 0, yes and no, true and false, or name the VALUE that means selected",
        section: "Columns"),
      OptionSpec(
        "score", "s", .column(),
        help: "a column of scores; without --decision, scores above the median count as selected",
        section: "Columns"),
      OptionSpec(
        "position", nil, .column(), help: "make a table for each position", section: "Columns"),
      OptionSpec(
        "period", nil, .column(), help: "make a table for each period", section: "Columns"),
    ] + CommonOptions.weights
    + AuditHelp.options.map {
      OptionSpec(
        $0.name, nil, $0.choices.isEmpty ? $0.placeholder.map { .text($0) } : .choice($0.choices),
        help: $0.help, repeated: $0.isRepeated, default: $0.fallback, section: "Audit")
    } + [
      OptionSpec(
        "min-cell", nil, .integer("N", in: 0...Int.max), help: "hide rows with fewer people",
        default: "0", section: "Audit"),
      OptionSpec(
        "level", nil, .number("P", in: 0.5...0.9999), help: "the confidence level of intervals",
        default: "0.95", section: "Audit"),
      OptionSpec(
        "check", nil, .file("TABLE"), help: "recompute a published table from its own figures",
        section: "Audit"),
      OptionSpec(
        "against", nil, .file("OLD"),
        help: "with --check: report ratios that were copied from an older table",
        section: "Audit"),
      OptionSpec(
        "population", nil, .file(),
        help: "a file with the groups of the population, counted in a column n",
        section: "Audit"),
      OptionSpec(
        "format", nil, .choice("table", "csv", "md", "html", "json"),
        help: "how tables are written", defaultNote: "table on a terminal, else csv",
        section: "Output"),
    ]
    + EvaluateOptions.counts(
      "round scores to B significant binary digits, so that the file stays small; a score moves by at most 2^-B of itself"
    ) + CommonOptions.reader

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    if let path = options.text("check") { return try check(path, options, console) }
    guard options.methodWasNamed, let scheme = options.method.flatMap({ Scheme.named($0) }) else {
      throw UsageError(
        "name a scheme", hint: "one of \(Scheme.all.map(\.name).joined(separator: ", "))")
    }
    var request = AuditRequest(scheme)
    request.roles = try RoleNames(options)
    request.decision = options.text("decision")
    request.score = options.text("score")
    request.position = options.text("position")
    request.period = options.text("period")
    request.wantsIntersections = options.has("intersections")
    request.reference = options.texts("reference")
    request.renames = options.texts("category")
    request.exclusion = options.text("small") == "exclude" ? options.text("because") ?? "" : nil
    request.showsRatioOfExcluded = options.has("ratio-of-excluded")
    request.medianOfIncluded = options.text("median") == "included"
    request.minimumCell = options.integer("min-cell") ?? 0
    request.wantsTests = options.has("tests")
    request.level = options.number("level") ?? request.level
    request.population = options.text("population")
    request.notes = options.texts("note")
    try request.check()

    var settings = try InputSettings(options)
    settings.files = []
    let inputs = try (options.operands.isEmpty ? [nil] : options.operands.map { $0 }).map {
      try Input($0, settings)
    }
    if try EvaluateOptions.wantsCounts(options) {
      try RowCounts(request, inputs[0], digits: options.integer("sketch"))
        .write(inputs, to: options.text("output"), console)
      return .done
    }
    let population = try request.population.map { try Input($0, settings) }
    let outcome = try AuditRun.run(
      request, inputs, population: population, progress: console.bar(size: inputs[0].size))
    let output = try OutputFile.open(options.text("output"))
    try output.write(
      try outcome.bytes(options.choice("format") ?? (output.isTerminal ? "table" : "csv")))
    try output.commit()
    for words in outcome.words { console.note(words) }
    console.summary(outcome.tally)
    return .done
  }

  /// Whether a published table's figures fit together.
  private static func check(
    _ path: String, _ options: ParsedOptions, _ console: Console
  ) throws -> ExitStatus {
    let settings = try InputSettings(options)
    let run = try CheckRun(
      try Input(path, settings), groups: options.columns("group").flatMap { $0 },
      position: options.text("position"), period: options.text("period"),
      older: try options.text("against").map { try Input($0, settings) })
    let output = try OutputFile.open(options.text("output"))
    try output.write(
      run.bytes(options.choice("format") ?? (output.isTerminal ? "table" : "csv")))
    try output.commit()
    console.summary(run.tally)
    return run.status
  }
}
