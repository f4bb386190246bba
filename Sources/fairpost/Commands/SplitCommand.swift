internal import FairpostCSV
internal import FairpostComparison
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// `fairpost split`: the rows into parts, or one column that names each row's part.
enum SplitCommand: Command {
  static let spec = CommandSpec(
    "split", summary: "divide rows into parts such as train, calibrate and test",
    usage: "[FILE...]",
    examples: [
      Example("fairpost split --column < loans.csv", "append a column that names each row's part"),
      Example(
        "fairpost split --fractions train=0.8,test=0.2 --into 'loans.%.csv' --id id loans.csv",
        "write loans.train.csv and loans.test.csv"),
      Example(
        "fairpost split --column --stratify sex,repaid loans.csv",
        "divide each combination of sex and repaid in the same shares, exact to one row"),
      Example(
        "fairpost split --count 10 --per state --parts support,query --column tasks.csv",
        "take ten rows of every state, and the rest"),
    ],
    details: CommandDetails.split,
    memory:
      "Streams in constant memory. --stratify and --count read the input twice and hold up to 40 bytes a row; a pipe is kept in memory, beyond --memory in a temporary file.",
    options: [
      OptionSpec(
        "column", help: "append a column with the part's name (the default)", section: "Output"),
      OptionSpec(
        "column-name", nil, .text("NAME"), help: "the name of that column", default: "split",
        section: "Output"),
      OptionSpec(
        "into", nil, .text("PATTERN"),
        help: "write each part to a file instead: % in the name becomes the part's name",
        section: "Output"),
      CommonOptions.overwrite,
      OptionSpec(
        "fractions", "f", .text("NAME=F[,NAME=F...]"),
        help: "the parts and their shares, which sum to 1",
        default: "train=0.6,calibrate=0.2,test=0.2", section: "Parts"),
      OptionSpec(
        "stratify", nil, .columns(),
        help: "divide each combination of these columns in the same shares",
        section: "Parts"),
      OptionSpec(
        "count", nil, .integer("N", in: 0...Int.max),
        help: "take this many rows (of each --per value) for the first of --parts", section: "Parts"
      ),
      OptionSpec(
        "per", nil, .columns(), help: "take --count rows of each combination of these columns",
        section: "Parts"
      ),
      OptionSpec(
        "parts", nil, .text("A,B"), help: "the names of the two parts of --count",
        default: "sample,rest", section: "Parts"),
      OptionSpec(
        "as-compare",
        help:
          "divide as compare does: with the same --seed, --id and --fractions the parts hold the same rows",
        section: "Parts"),
      CommonOptions.id, CommonOptions.seed,
      CommonOptions.memory,
    ] + CommonOptions.reading + [CommonOptions.badRows] + CommonOptions.general,
    operands: OperandSpec(.file), section: "Data", passesRows: true,
    parts: { options in
      guard let pattern = options.text("into"), pattern.contains("%") else { return [] }
      do {
        return try SplitPlan(options).names.map { path(pattern, part: $0) }
      } catch {
        // `run` makes the same plan first of all, and refuses what is wrong with it.
        return []
      }
    })

  /// The file of a part.
  private static func path(_ pattern: String, part: String) -> String {
    pattern.split(separator: "%", omittingEmptySubsequences: false).joined(separator: part)
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    if options.has("into"), options.has("column") || options.has("column-name") {
      throw UsageError("--into and --column cannot be used together")
    }
    if options.has("into"), options.has("output") {
      throw UsageError("--into names the files itself and cannot be used with --output")
    }
    let isAsCompare = options.has("as-compare")
    if isAsCompare, let other = ["stratify", "count"].first(where: { options.has($0) }) {
      throw UsageError("--as-compare and --\(other) cannot be used together")
    }
    let settings = try InputSettings(options)
    let hash = StableHash(seed: seed(options), purpose: "split")
    let plan = try SplitPlan(options)

    guard let stratum = plan.stratum else {
      let input = try Input(inputPath(options), settings)
      let id = try options.text("id").map { try input.column($0) }
      let limits = plan.limits
      let seed = seed(options)
      if isAsCompare {
        return try write(input, plan, options, console) { batch in
          let keys = batch.hashes(id, CompareSplit.keyHash)
          return SplitPlan.parts(of: CompareSplit.hashes(keys, seed: seed), limits)
        }
      }
      return try write(input, plan, options, console) { batch in
        SplitPlan.parts(of: batch.hashes(id, hash), limits)
      }
    }
    let reading = try StratifiedSplit(
      inputPath(options), settings, stratum: stratum, id: options.text("id"), hash: hash,
      memoryLimit: (options.integer("memory") ?? 0) << 20, console, assign: plan.assign)
    return try write(reading.rows, plan, options, console, reading.partOf)
  }

  /// Writes the rows with their parts, into a column or into files.
  private static func write(
    _ input: Input, _ plan: SplitPlan, _ options: ParsedOptions, _ console: Console,
    _ partOf: @escaping @Sendable (inout Batch) -> [Int32]
  ) throws -> ExitStatus {
    let tally: Tally
    if let pattern = options.text("into") {
      guard pattern.contains("%") else {
        throw UsageError("--into \(pattern): a % must stand where the part's name goes")
      }
      let outputs = try plan.names.map { name in
        try OutputFile.open(path(pattern, part: name))
      }
      tally = try SplitWriting.files(input, plan.names, outputs, partOf)
      for output in outputs { try output.commit() }
    } else {
      let output = try OutputFile.open(options.text("output"))
      let filter = SplitFilter(
        column: options.text("column-name") ?? "split", names: plan.names,
        dialect: input.dialect, partOf: partOf)
      tally = try input.filter(
        filter, to: output, flagColumn: nil, overwrite: options.has("overwrite"),
        progress: console.bar(size: input.size))
      try output.commit()
    }
    console.summary(tally)
    return .done
  }
}
