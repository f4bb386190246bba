package import FairpostMetrics
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
package import FairpostText
internal import FairpostTransport

/// One evaluation: a request held against an input, then its figures and verdicts.
package struct EvaluationRun {
  private let request: EvaluationRequest
  private let input: Input
  private let plan: EvaluationPlan
  private let settings: EvaluationOptions
  private let gates: FailureGates
  private let weight: WeightColumn?
  private let asked: [Metric]?

  /// What an evaluation found.
  package struct Outcome {
    /// The figures, as they may be shown.
    package let figures: [Figure]
    /// The verdict of every limit.
    package let verdicts: [FailureGates.Finding]
    /// Scores with those made from them, for tables that show both side by side.
    package let pairs: [(before: String, after: String)]
    /// What every column was taken for.
    package let words: String
    /// What was read.
    package let tally: FairpostPipeline.Tally
    /// What a reader must know besides.
    package let notes: [Message]

    /// The exit status: 1 where one limit is not met, else 2 where one is undecided, else 0.
    package var status: ExitStatus { FailureGates.status(verdicts.map(\.verdict)) }
  }

  /// The figures that a request names, before an input is open.
  package static func check(_ request: EvaluationRequest) throws(UsageError) {
    if request.threshold != nil, request.rate != nil {
      throw UsageError("\(option: "threshold") and \(option: "at-rate") cannot be used together")
    }
    _ = try MetricChoice.asked(request)
  }

  /// Settles columns, figures and limits; no data is read yet.
  package init(_ request: EvaluationRequest, _ input: Input) throws {
    try Self.check(request)
    self.request = request
    self.input = input
    asked = try MetricChoice.asked(request)
    plan = try EvaluationPlan(request, input)
    try MetricNeeds.check(asked ?? [], "\(option: "metrics")", plan)
    var settings = try request.options(plan, threads: input.settings.threads)
    gates = try FailureGates(request.limits, plan, protected: settings.protected)
    try MetricNeeds.check(gates.metrics, "\(option: "fail-if")", plan)
    if let path = request.map { settings.calibrationCounts = try CalibrationCounts.of(path) }
    self.settings = settings
    weight = try WeightColumn(request.roles, input)
  }

  /// What was read, and the figures made of it.
  private struct Reading {
    var figures: [Figure]
    let tally: FairpostPipeline.Tally
    var notes: [Message]
    /// What each task turned out to be.
    var kinds: [String: TaskKind] = [:]
    /// The rows of every group, against figures that rest on few.
    let groups: [(columns: [String], rows: [Int])]
    /// The groups of every attribute.
    var keys: [(columns: [String], keys: [GroupKey])] = []

    /// Hands the figures on without a copy.
    mutating func takeFigures() -> [Figure] {
      var taken: [Figure] = []
      swap(&taken, &figures)
      return taken
    }
  }

  /// Reads the input and computes.
  package func run(progress bar: ProgressBar? = nil) throws -> Outcome {
    // What is shown without being asked for is left out where the data cannot give it.
    let usual = asked == nil ? MetricRegistry.all.filter { $0.isDefault && $0.isStreamed } : []
    // A figure with a limit may be one of the usual, and have several: it is shown once.
    var seen = Set((asked ?? usual).map(\.id))
    var also = (MetricChoice.also(request, tasks: plan.tasks.count) + gates.metrics)
      .filter { seen.insert($0.id).inserted }
    let hidden = SmallCells.also((asked ?? usual) + also, below: request.minimumCell)
    also += hidden
    let wanted = (asked ?? usual) + also
    var reading =
      SumReader.suffices(wanted, plan, request)
      ? try streamed(wanted, usual: usual, also: also, bar) : try held(wanted, also: also, bar)
    bar?.clear()
    let cells = SmallCells(reading.figures, groups: reading.groups, below: request.minimumCell)
    var notes = reading.keys.flatMap { SimilarNames.notes($0.columns, $0.keys) } + reading.notes
    // Of many groups there are many figures: they are changed in place, not copied from step to step.
    var figures = reading.takeFigures()
    if !hidden.isEmpty {
      figures.removeAll { figure in
        hidden.contains { $0.id == figure.metric && (asked != nil || !$0.isDefault) }
      }
    }
    figures = FigureSelection.shown(figures, asked: asked, gates: gates.metrics)
    if settings.permutations > 0 {
      let tests = PermutationNotes(figures, correctsP: request.correctsP, settings)
      figures = tests.figures
      notes += tests.notes
    }
    // A gate on what is not shown is open: limits one after the other would tell the figure.
    if request.minimumCell > 0 { figures = figures.map(cells.shown) }
    return Outcome(
      figures: plan.namingProtected(figures, settings.protected),
      verdicts: gates.verdicts(figures),
      pairs: plan.tasks.flatMap(\.scores).compactMap { score in
        score.before.map { (before: $0, after: score.name) }
      },
      words: plan.words(reading.kinds, settings.protected, weight), tally: reading.tally,
      notes: notes)
  }

  /// Reads sums, and scores where figures of ranks are wanted.
  private func streamed(
    _ wanted: [Metric], usual: [Metric], also: [Metric], _ bar: ProgressBar?
  ) throws -> Reading {
    let sums = try SumReader(
      plan, threshold: request.threshold, weight: weight, metrics: wanted,
      memory: request.memory, threads: settings.threads
    )
    .read(input, progress: bar)
    try EvaluationRequest.check(
      settings.protected, sums.streams.map { ($0.columns, $0.keys) }, input.name)
    let figures = Evaluator.figures(
      sums.streams, metrics: asked ?? [], also: usual + also, options: settings)
    var reading = Reading(
      figures: figures, tally: sums.tally, notes: sums.notes,
      groups: sums.streams.map { ($0.columns, $0.sums.groups.map(\.total.rows)) })
    if let digits = request.sketch {
      reading.notes += sums.streams.compactMap { Self.roundingNote($0, digits) }
    }
    for stream in sums.streams {
      reading.kinds[stream.task] = stream.kind
      if !reading.keys.contains(where: { $0.columns == stream.columns }) {
        reading.keys.append((stream.columns, stream.keys))
      }
    }
    return reading
  }

  /// How far figures can be off since scores were rounded.
  private static func roundingNote(_ stream: StreamedSums, _ digits: Int) -> Message? {
    guard stream.scoreKind != .constant, let ranks = RoundedRanks(stream) else { return nil }
    func atMost(_ value: Double) -> String { NumberText.text((value * 1e6).rounded(.up) / 1e6) }
    let groups = stream.columns.isEmpty ? "" : " of \(stream.columns.joined(separator: ","))"
    let area = ranks.area.map { ", auc by more than \(atMost($0))" } ?? ""
    return
      "\(option: "sketch") \(digits): no \(stream.score) is off by more than \(atMost(100 * Sketch.error(digits: digits))) % of itself, ks\(groups) by more than \(atMost(ranks.distance))\(area)"
  }

  /// Reads the columns into memory, for figures that look at rows again.
  private func held(_ wanted: [Metric], also: [Metric], _ bar: ProgressBar?) throws -> Reading {
    let reader = EvaluationReader(
      plan: plan,
      settings: EvaluationReader.DecisionSettings(
        threshold: request.threshold, rate: request.rate,
        isNeeded: DefaultThreshold.isNeeded(wanted)),
      weight: weight, seed: request.seed)
    let rows = try reader.read(input, progress: bar)
    try EvaluationRequest.check(
      settings.protected, rows.data.attributes.map { ($0.columns, $0.keys) }, input.name)
    bar?.update("computing")
    var reading = Reading(
      figures: Evaluator(rows.data, options: settings).figures(asked, also: also),
      tally: rows.tally, notes: rows.notes, groups: rows.data.groupRows)
    for task in rows.data.tasks { reading.kinds[task.name] = task.kind }
    reading.keys = rows.data.attributes.map { ($0.columns, $0.keys) }
    return reading
  }
}
