internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost __simulate`: how intervals, tests and drift checks behave where the truth is known.
enum SimulateCommand: Command {
  static let spec = CommandSpec(
    "__simulate", summary: "write a table of simulated coverage, size or power",
    usage: "coverage|fair|size|drift",
    options: [
      OptionSpec(
        "draws", nil, .integer("N", in: 1...1_000_000), help: "draws of each case",
        defaultNote: "2000; of fair figures 1000, of resampled ones 400"),
      OptionSpec("case", nil, .text("FIGURE"), help: "only these cases"),
      CommonOptions.seed,
    ] + CommonOptions.general,
    operands: OperandSpec(.choice(["coverage", "fair", "size", "drift"]), minimum: 1, maximum: 1),
    hidden: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let asked = options.integer("draws")
    let draws = asked ?? 2000
    let threads = options.integer("threads") ?? Parallel.cores
    let only = options.text("case")
    let output = try OutputFile.open(options.text("output"))
    switch options.operands[0] {
    case "coverage":
      let cases = CoverageSimulation.cases.filter { only == nil || $0.figure == only }
      let rows = cases.map {
        CoverageSimulation.run($0, draws: draws, seed: seed(options), threads: threads)
      }
      try output.write(CoverageSimulation.table(rows, seed: seed(options)))
    case "fair":
      let results = FairSimulation.cases.map { item in
        let draws = asked ?? FairSimulation.draws(item)
        return (
          item: item, draws: draws,
          rows: FairSimulation.run(item, draws: draws, seed: seed(options), threads: threads)
        )
      }
      try output.write(FairSimulation.table(results, seed: seed(options)))
    case "size":
      let rows = SizeSimulation.cases.map {
        SizeSimulation.run($0, draws: draws, seed: seed(options), threads: threads)
      }
      try output.write(SizeSimulation.table(rows, seed: seed(options)))
    default:
      let rows = DriftSimulation.cases.map {
        DriftSimulation.run($0, draws: draws, seed: seed(options), threads: threads)
      }
      try output.write(DriftSimulation.table(rows, seed: seed(options)))
    }
    try output.commit()
    return .done
  }
}
