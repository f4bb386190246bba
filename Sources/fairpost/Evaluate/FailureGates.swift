internal import Metrics
internal import Options
internal import Pipeline

/// The limits of `--fail-if`, read and checked before any data is.
struct FailureGates {
  /// A limit with the figures it is about.
  struct Resolved {
    let gate: Gate
    let metric: Metric
    let task: String?
    let score: String?
    let attribute: [String]?
  }

  let gates: [Resolved]

  /// Reads the limits; a name that is none is a usage error that says what was meant.
  init(_ options: ParsedOptions, _ plan: EvaluationPlan) throws {
    var gates: [Resolved] = []
    for text in options.texts("fail-if") { gates.append(try Self.resolve(text, plan)) }
    self.gates = gates
  }

  /// The metrics the limits are about.
  var metrics: [Metric] { gates.map(\.metric) }

  private static func resolve(_ text: String, _ plan: EvaluationPlan) throws -> Resolved {
    let gate: Gate
    do { gate = try Gate(text) } catch {
      if case .gate(_, let problem) = error {
        throw UsageError(
          "--fail-if '\(text)': \(problem)",
          hint:
            "write --fail-if 'task/score/attribute:metric > limit'; the parts before the metric may be left out where there is one"
        )
      }
      throw error
    }
    let metric = try MetricChoice.metric(gate.metric, option: "--fail-if '\(text)'")
    func pick(_ what: String, _ given: String?, _ known: [String]) throws -> String? {
      if let given {
        if known.contains(given) { return given }
        let near = nearest(given, in: known)
        throw UsageError(
          "--fail-if '\(text)': there is no \(what) \"\(given)\"",
          hint: near.map { "did you mean \"\($0)\"?" }
            ?? "there is \(known.isEmpty ? "none" : known.joined(separator: ", "))")
      }
      if known.count > 1 {
        throw UsageError(
          "--fail-if '\(text)': say which \(what): \(known.joined(separator: ", "))",
          hint: "write task/score/attribute:metric; parts may be left out where there is one")
      }
      return known.first
    }
    // Figures over tasks are of no one task.
    let isOverTasks = metric.needs.contains(.tasks)
    let scoresOf: (String?) -> [String] = { name in
      var names: [String] = []
      for task in plan.tasks where name == nil || task.name == name {
        for score in task.scores where !names.contains(score.name) { names.append(score.name) }
      }
      return names
    }
    var score: String?
    let named = Self.named(gate, plan)
    var task = named.task
    if let given = named.score {
      score = try pick("score", given, scoresOf(task) + ["constant"])
      // A score says which task is meant.
      let owners = plan.tasks.filter { $0.scores.contains { $0.name == given } }
      if task == nil, owners.count == 1 { task = owners[0].name }
    }
    if isOverTasks {
      task = nil
    } else {
      task = try pick("task", task, plan.tasks.map(\.name))
      if score == nil { score = try pick("score", nil, scoresOf(task)) }
    }
    var attribute: [String]?
    if metric.needs.contains(.continuous) {
      attribute = named.attribute?.split(separator: ",").map(String.init)
    } else {
      let known = plan.attributes.map { $0.map(\.name).joined(separator: ",") }
      if known.isEmpty, metric.isOverGroups, named.attribute == nil {
        throw UsageError("--fail-if '\(text)' compares groups: name them with --group COL")
      }
      let chosen = try pick("attribute", named.attribute, known)
      attribute = zip(known, plan.attributes).first { $0.0 == chosen }?.1.map(\.name)
    }
    return Resolved(gate: gate, metric: metric, task: task, score: score, attribute: attribute)
  }

  /// What the parts before the metric name: where some are left out, each is what it is the name of.
  private static func named(
    _ gate: Gate, _ plan: EvaluationPlan
  ) -> (task: String?, score: String?, attribute: String?) {
    let attribute = gate.attribute?.joined(separator: ",")
    guard gate.task == nil else { return (gate.task, gate.score, attribute) }
    let tasks = plan.tasks.map(\.name)
    let scores = plan.tasks.flatMap { $0.scores.map(\.name) } + ["constant"]
    let attributes = plan.attributes.map { $0.map(\.name).joined(separator: ",") }
    var result: (task: String?, score: String?, attribute: String?) = (nil, gate.score, attribute)
    if let last = attribute, !attributes.contains(last) {
      if scores.contains(last), gate.score.map({ tasks.contains($0) }) ?? true {
        return (gate.score, last, nil)
      }
      if gate.score == nil, tasks.contains(last) { return (last, nil, nil) }
    }
    if let first = gate.score, !scores.contains(first), tasks.contains(first) {
      result = (first, nil, attribute)
    }
    return result
  }

  /// The verdict of each limit on the figures it is about.
  func verdicts(_ figures: [Figure]) -> [(text: String, verdict: Gate.Verdict, figure: Figure?)] {
    gates.map { item in
      let own = figures.filter { figure in
        figure.metric == item.metric.id && (item.task == nil || figure.task == item.task)
          && (item.score == nil || figure.score == item.score)
          && (item.attribute == nil || figure.attribute == item.attribute)
      }
      // A metric that has a value over all groups is held to that one; its groups have group_min.
      let whole = own.filter { $0.group == nil && $0.category == nil }
      let judged = whole.isEmpty ? own : whole
      let verdicts = judged.map { item.gate.verdict($0) }
      let worst = verdicts.max() ?? .undecided
      let place = verdicts.firstIndex(of: worst)
      return (item.gate.text, worst, place.map { judged[$0] })
    }
  }

  /// What a verdict says to people.
  static func sentence(_ item: (text: String, verdict: Gate.Verdict, figure: Figure?)) -> String {
    var text = "--fail-if '\(item.text)': \(item.verdict.word)"
    guard let figure = item.figure else { return text + ": there is no such figure" }
    if let value = figure.value {
      text += ": \(FigureTable.short(value))"
      if let lower = figure.lower, let upper = figure.upper {
        text += " [\(FigureTable.short(lower)), \(FigureTable.short(upper))]"
      } else {
        text += ", without an interval (--bootstrap N gives one)"
      }
    }
    let flags = FigureCSV.flag(figure)
    return flags.isEmpty ? text : text + " (\(flags))"
  }

  /// The exit status: 1 where one limit is not met, else 2 where one is undecided, else 0.
  static func status(_ verdicts: [Gate.Verdict]) -> ExitStatus {
    switch verdicts.max() ?? .met {
    case .met: .done
    case .notMet: .notMet
    case .undecided: .undecided
    }
  }
}
