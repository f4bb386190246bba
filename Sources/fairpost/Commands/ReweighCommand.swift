internal import FairpostCSV
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
internal import FairpostTraining
internal import FairpostTransport

/// `fairpost reweigh`: weights that make label and group independent.
enum ReweighCommand: Command {
  static let spec = CommandSpec(
    "reweigh", summary: "append weights under which the label does not depend on the group",
    usage: "[FILE...]",
    examples: [
      Example(
        "fairpost reweigh --task repaid --group sex loans.csv | fairpost train mlp --task repaid --group sex --weight weight -o m.model",
        "train as if the groups' label rates were equal"),
      Example(
        "fairpost predict -m m.model weighted.csv | fairpost reweigh --errors --task repaid --group sex --weight weight --overwrite",
        "do one round of rebalancing errors; train on the result, and repeat"),
    ],
    details: CommandDetails.reweigh,
    memory:
      "Holds 40 bytes a row; the input is read twice, and a pipe is kept in memory, beyond --memory in a temporary file.",
    options: RebalanceOptions.columns + [
      OptionSpec(
        "column", nil, .column(), help: "the column to append", default: "weight",
        section: "Output"),
      OptionSpec(
        "errors", help: "balance error rates instead of label rates, by the decisions of --score",
        section: "Method"),
      RebalanceOptions.score,
      OptionSpec(
        "threshold", nil, .number(), help: "for --errors: scores of at least T are decided 1",
        default: "0.5", section: "Method"),
      OptionSpec(
        "rate", nil, .number("X", in: 0...1e6), help: "for --errors: how fast weights grow",
        default: "1", section: "Method"),
      CommonOptions.memory, CommonOptions.seed, CommonOptions.overwrite,
    ] + CommonOptions.reader,
    operands: OperandSpec(.file), seeAlso: ["train", "resample", "massage"],
    section: "Training", passesRows: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let column = options.text("column") ?? "weight"
    let rows = try RebalanceRows(
      inputPath(options), options, needsScores: options.has("errors"), makes: { _ in column })
    var weights: [Double]
    if options.has("errors") {
      let threshold = options.number("threshold") ?? 0.5
      if !options.has("threshold") {
        var range = ScoreRange()
        range.see(rows.scores)
        if !range.isProbability {
          throw range.refusal(
            column: options.text("score") ?? "\(rows.task).score", rows.inputName,
            hint: "--threshold T decides 1 for scores of at least T")
        }
      }
      let result = Rebalance.reweighErrors(
        labels: rows.labels, groups: rows.group.codes,
        decisions: rows.scores.map { $0 >= threshold ? 1 : 0 }, weights: rows.weights,
        rate: options.number("rate") ?? 1)
      weights = result.weights
      console.note("largest gap of error rates: \(TrainingSummary.text(result.gap))")
    } else {
      weights = Rebalance.reweigh(
        labels: rows.labels, groups: rows.group.codes, weights: rows.weights)
      console.note("label rates before: \(rows.rates(rows.labels, rows.weights))")
      console.note("label rates under the weights: \(rows.rates(rows.labels, weights))")
    }
    // What is written here is read as a weight elsewhere.
    for weight in weights {
      if let fault = WeightRule.fault(weight, isFrequency: false) {
        throw Failure(
          .badData,
          "the new weights cannot be used: \(WeightColumn.words(fault, weight, isFrequency: false))",
          hint: "--weight has weights that differ by too many orders of magnitude")
      }
    }
    let output = try OutputFile.open(options.text("output"))
    let tally = try rows.append(column, .numbers(weights), to: output, bar: nil)
    try output.commit()
    console.summary(tally, rows.details)
    return .done
  }
}
