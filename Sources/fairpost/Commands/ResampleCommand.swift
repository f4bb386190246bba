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
    usage: "METHOD [FILE...]",
    examples: [
      Example(
        "fairpost resample oversample --task repaid --group sex --protected sex=F loans.csv",
        "repeat rows of women until there are as many as of men"),
      Example(
        "fairpost predict -m m.model loans.csv | fairpost resample preferential --task repaid --group sex",
        "make the label rates equal, by the rows nearest the boundary"),
    ],
    details: [
      "Use it for training rows only: on a sample with repeated rows, measured performance means nothing."
    ],
    memory:
      "Holds 40 bytes a row; the input is read twice, and a pipe is kept in memory, beyond --memory in a temporary file.",
    options: RebalanceOptions.columns + [
      RebalanceOptions.protected, RebalanceOptions.score, CommonOptions.memory,
      CommonOptions.seed,
    ] + CommonOptions.reader,
    operands: OperandSpec(
      .file,
      methods: [
        MethodSpec(
          "oversample", summary: "repeat protected rows until they are as many as all others",
          details: [
            "Each row is repeated equally often; where that does not come out even, a hash of the record and --seed decides which rows come once more."
          ]),
        MethodSpec(
          "preferential",
          summary:
            "leave out or repeat the rows nearest the boundary until the label does not depend on the group",
          details: [
            "Kamiran & Calders 2012: if a combination of group and label has too many rows, those nearest the boundary are left out; if it has too few, they are repeated. Needs scores."
          ]),
      ]), seeAlso: ["reweigh", "massage", "train"], section: "Training")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    if options.has("weight") {
      throw UsageError(
        "resample counts rows and cannot use weights: a row is taken whole or not at all")
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
