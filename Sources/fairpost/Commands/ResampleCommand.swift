internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining
internal import FairpostTransport

/// `fairpost resample`: rows left out or repeated so that groups or labels are in balance.
enum ResampleCommand: Command {
  static let spec = CommandSpec(
    "resample", summary: "leave rows out or repeat them until groups and labels are in balance",
    usage: "METHOD [FILE]",
    examples: [
      Example(
        "fairpost resample oversample --task repaid --group sex --protected sex=F loans.csv",
        "repeat rows of women until there are as many as of men"),
      Example(
        "fairpost predict -m m.model loans.csv | fairpost resample preferential --task repaid --group sex",
        "equal label rates, by the rows nearest the boundary"),
    ],
    details: [
      "Draw training rows only: a sample that repeats rows says nothing about performance."
    ],
    memory:
      "Holds 40 bytes a row; the input is read twice, a pipe kept past --memory in a nameless temporary file.",
    options: RebalanceOptions.columns + [
      RebalanceOptions.protected, RebalanceOptions.score, RebalanceOptions.memory,
      CommonOptions.seed,
    ] + CommonOptions.reader,
    operands: OperandSpec(
      .file, maximum: 1,
      methods: [
        MethodSpec(
          "oversample", summary: "repeat protected rows until they are as many as all others",
          details: [
            "Each row equally often; which rows come once more is decided by a hash of the record and --seed."
          ]),
        MethodSpec(
          "preferential",
          summary: "cell sizes as reweighing asks for, by the rows nearest the boundary",
          details: [
            "Kamiran & Calders 2012: in a cell of group and label that is too large the rows nearest the boundary are left out, in one that is too small they are repeated. Needs scores."
          ]),
      ]), seeAlso: ["reweigh", "massage", "train"], section: "Training")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    if options.has("weight") {
      throw UsageError("resample counts rows: a row is drawn or it is not, whatever its weight")
    }
    let isPreferential = options.method == "preferential"
    let rows = try RebalanceRows(
      inputPath(options), options, needsScores: isPreferential, makes: { _ in nil })
    let drawn =
      isPreferential
      ? Rebalance.preferentialSample(
        labels: rows.labels, groups: rows.group.codes, scores: rows.scores, keys: rows.keys)
      : Rebalance.oversample(
        groups: rows.group.codes, protected: try rows.protectedCode(), keys: rows.keys)
    var times = [Int](repeating: 0, count: rows.count)
    for row in drawn { times[row] += 1 }
    let output = try OutputFile.open(options.text("output"))
    let tally = try RowRewrite.repeated(
      times, of: try rows.secondPass(), rows.request, output: output)
    try output.commit()
    if let words = rows.protectedWords { console.note(words) }
    console.summary(
      tally,
      [
        "\(Console.grouped(drawn.count)) written",
        "\(Console.grouped(times.count { $0 == 0 })) left out",
        "\(Console.grouped(times.count { $0 > 1 })) repeated",
      ] + rows.details)
    return .done
  }
}
