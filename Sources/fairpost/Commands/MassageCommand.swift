internal import FairpostCSV
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining
internal import FairpostTransport

/// `fairpost massage`: labels flipped where a ranker doubts them most, until label rates are equal.
enum MassageCommand: Command {
  static let spec = CommandSpec(
    "massage", summary: "flip labels until the groups' label rates are equal",
    usage: "[FILE...]",
    examples: [
      Example(
        "fairpost predict -m m.model loans.csv | fairpost massage --task repaid --group sex --protected sex=F",
        "append repaid.massaged")
    ],
    details: CommandDetails.massage,
    memory:
      "Holds 40 bytes a row; the input is read twice, and a pipe is kept in memory, beyond --memory in a temporary file.",
    options: RebalanceOptions.columns + [
      RebalanceOptions.protected, RebalanceOptions.score, CommonOptions.memory,
      CommonOptions.seed,
      CommonOptions.overwrite,
    ] + CommonOptions.reader,
    operands: OperandSpec(.file), seeAlso: ["reweigh", "resample", "train"],
    section: "Training", passesRows: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    if options.has("weight") {
      throw UsageError("massage counts rows and cannot use weights: a label is flipped or not")
    }
    let rows = try RebalanceRows(
      inputPath(options), options, needsScores: true, makes: { "\($0).massaged" })
    let result = Rebalance.massage(
      labels: rows.labels, groups: rows.group.codes, protected: try rows.protectedCode(),
      scores: rows.scores, keys: rows.keys)
    console.note("label rates before: \(rows.rates(rows.labels, rows.weights))")
    console.note("label rates after: \(rows.rates(result.labels, rows.weights))")
    if let words = rows.protectedWords { console.note(words) }
    let input = try rows.secondPass()
    let texts = rows.texts.map { input.dialect.quoted($0.bytes) } + [[]]
    let codes = result.labels.map { $0.isNaN ? Int32(2) : Int32($0) }
    let output = try OutputFile.open(options.text("output"))
    let tally = try RowRewrite.append(
      "\(rows.task).massaged", .choices(codes, from: texts), to: input, rows.request,
      output: output, overwrite: options.has("overwrite"), bar: nil)
    try output.commit()
    console.summary(
      tally, ["\(Console.grouped(result.flipped)) flipped each way"] + rows.details)
    return .done
  }
}
