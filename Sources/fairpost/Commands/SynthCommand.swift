internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostSettings
internal import FairpostText

/// `fairpost synth`: a seeded synthetic data set.
enum SynthCommand: Command {
  static let spec = CommandSpec(
    "synth", summary: "write a seeded synthetic data set with known truth", usage: "NAME",
    examples: [
      Example("fairpost synth loans > loans.csv", "write 4,000 loan applications"),
      Example(
        "fairpost synth gaussians --means 0,1,3 --deviations 1,1,2 --sizes 500,300,200",
        "write three groups whose fair scores are known"),
    ],
    details: [
      "A row's random numbers depend only on the seed and the row's number: of loans, front and zafar, a longer file begins with the rows of a shorter one. Numbers are rounded to 6 decimals."
    ],
    memory: "Streams: memory does not grow with the rows.",
    options: [CommonOptions.seed] + CommonOptions.general,
    operands: OperandSpec(.text, maximum: 0, methods: generators.map { MethodSpec($0) }),
    section: "Data")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let type = generators.first(where: { $0.info.name == options.method }) else {
      throw UsageError(
        "name a data set: \(generators.map { $0.info.name }.joined(separator: ", "))")
    }
    let generator: any Generator
    do { generator = try type.init(given: options.given(for: type)) } catch {
      throw error.usage(.command)
    }
    let seed = seed(options)
    let output = try OutputFile.open(options.text("output"))
    try output.write(generator.columns.joined(separator: ",") + "\n")
    let batch = 4096
    let threads = options.integer("threads") ?? Parallel.cores
    var row = 0
    while row < generator.count {
      // A round of batches at a time: made side by side, written in order.
      let first = row
      let last = min(generator.count, first + batch * threads * 4)
      let parts = Parallel.map((last - first + batch - 1) / batch, threads: threads) { part in
        var line = RowText()
        let start = first + part * batch
        for row in start..<min(start + batch, last) {
          generator.append(row: row, seed: seed, to: &line)
        }
        return line.take()
      }
      for part in parts { try output.write(part) }
      row = last
    }
    try output.commit()
    return .done
  }
}
