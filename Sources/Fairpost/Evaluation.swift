internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// How good and how fair scores and decisions are.
///
///     let evaluation = try Evaluation.of(
///       .file("fair.csv"), Columns(tasks: ["income"], groups: ["sex"]),
///       limits: ["demographic_parity_difference > 0.05"])
///     print(evaluation.table)
public struct Evaluation: Sendable {
  /// One figure: a value with its uncertainty, or the reason why it cannot be estimated.
  public struct Figure: Sendable, Equatable {
    /// The task; empty for figures over tasks.
    public let task: String
    /// The score column.
    public let score: String
    /// The metric's id.
    public let metric: String
    /// The attribute's columns.
    public let attribute: [String]
    /// The group, a text for each column; nil for figures over groups.
    public let group: [String]?
    /// The class of a multiclass task.
    public let category: String?
    /// The value; nil where it cannot be estimated.
    public let value: Double?
    /// Why it cannot be estimated.
    public let reason: String?
    /// The bounds of its interval.
    public let lower: Double?, upper: Double?
    /// The rows it rests on.
    public let rows: Int
    /// What an exactly fair predictor would show on these rows, on average.
    public let expectedByChance: Double?
    /// What a reader should know, such as `small-group`.
    public let flags: [String]

    init(_ figure: FairpostMetrics.Figure) {
      task = figure.task
      score = figure.score
      metric = figure.metric
      attribute = figure.attribute
      group = figure.group?.parts.map(\.description)
      category = figure.category
      value = figure.value
      reason = figure.reason
      (lower, upper) = (figure.lower, figure.upper)
      rows = figure.count
      expectedByChance = figure.noise?.mean
      flags = figure.flags
    }
  }

  /// What became of a limit.
  public struct Verdict: Sendable, Equatable {
    /// Whether a limit is kept.
    public enum Word: String, Sendable {
      /// The limit is kept.
      case met
      /// The limit is surely not kept.
      case notMet
      /// The interval contains the limit, or nothing can be estimated.
      case undecided
    }

    /// The limit as it was given.
    public let limit: String
    /// Whether it is kept.
    public let word: Word
    /// The figure that decided.
    public let figure: Figure?
  }

  /// All figures.
  public let figures: [Figure]
  /// The verdict of each limit, in the order given.
  public let verdicts: [Verdict]
  /// What a reader must know besides.
  public let notes: [String]
  private let outcome: EvaluationRun.Outcome

  /// Evaluates records.
  ///
  /// - Parameters:
  ///   - records: the rows.
  ///   - columns: the labels, the scores and the sensitive attributes.
  ///   - metrics: ids of figures; nil for the usual ones.
  ///   - threshold: scores from here on are decided 1; nil for 0.5 where nothing else decides.
  ///   - intersections: whether all combinations of the sensitive columns are attributes as well.
  ///   - bootstrap: how many resamples intervals are made of; 0 for closed forms.
  ///   - limits: each as `task/score/attribute:metric > number`; what there is one of may be left out.
  ///   - seed: the seed of every random choice.
  public static func of(
    _ records: Records, _ columns: Columns, metrics: [String]? = nil, threshold: Double? = nil,
    intersections: Bool = false, bootstrap: Int = 0, limits: [String] = [],
    seed: Int = defaultSeed
  ) throws(FairpostError) -> Evaluation {
    try answering {
      var request = EvaluationRequest()
      request.roles = columns.roles
      request.metrics = metrics
      request.threshold = threshold
      request.wantsIntersections = intersections
      request.bootstrap = bootstrap
      request.limits = limits
      request.seed = UInt64(bitPattern: Int64(seed))
      return Evaluation(try EvaluationRun(request, try records.input()).run())
    }
  }

  private init(_ outcome: EvaluationRun.Outcome) {
    self.outcome = outcome
    figures = outcome.figures.map { Figure($0) }
    notes = [outcome.words] + outcome.notes.map { $0.said(by: .library) }
    verdicts = outcome.verdicts.map { finding in
      let word: Verdict.Word =
        switch finding.verdict {
        case .met: .met
        case .notMet: .notMet
        case .undecided: .undecided
        }
      return Verdict(limit: finding.text, word: word, figure: finding.figure.map { Figure($0) })
    }
  }

  /// The figure of a metric that compares groups, or is of everybody; nil where there is none, or
  /// several scores have one.
  ///
  /// - Parameters:
  ///   - metric: the metric's id.
  ///   - score: the score column; nil for the only one.
  ///   - attribute: the attribute's columns; nil for the only one.
  public func value(of metric: String, score: String? = nil, attribute: [String]? = nil) -> Double?
  {
    let own = figures.filter {
      $0.metric == metric && $0.group == nil && $0.category == nil && $0.score != "constant"
        && (score == nil || $0.score == score) && (attribute == nil || $0.attribute == attribute)
    }
    return own.count == 1 ? own[0].value : nil
  }

  /// The figures as a table for people.
  public var table: String {
    FigureTable(pairs: outcome.pairs, style: .aligned).text(outcome.figures)
  }
  /// The figures as a Markdown table.
  public var markdown: String {
    FigureTable(pairs: outcome.pairs, style: .markdown).text(outcome.figures)
  }

  /// The figures as CSV, as the program writes them.
  public func csv() throws(FairpostError) -> String {
    try answering { String(decoding: try FigureCSV.bytes(outcome.figures), as: UTF8.self) }
  }

  /// Every figure there is: its id, its name and its formula.
  public static var metrics: [(id: String, name: String, formula: String)] {
    MetricRegistry.all.map { ($0.id, $0.name, $0.formula) }
  }
}
