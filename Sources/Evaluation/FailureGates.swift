package import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostText
package import FairpostTransport

/// The limits on figures, read and checked before any data is.
package struct FailureGates {
  /// A limit with the figures it is about.
  package struct Resolved {
    package let gate: Gate
    package let metric: Metric
    package let task: String?
    package let score: String?
    package let attribute: [String]?
    /// Whether it is about all rows together, though there are groups.
    package var isOverall = false
  }

  /// What was found of a limit: as it was written, its verdict, and the figure that decided.
  package struct Finding {
    package let text: String
    package let limit: Double
    package let verdict: Gate.Verdict
    package let figure: Figure?
  }

  package let gates: [Resolved]

  /// Reads the limits; a name that is none is a usage error that says what was meant.
  package init(
    _ limits: [String], _ plan: EvaluationPlan, protected: [[String]: GroupKey]
  ) throws {
    var gates: [Resolved] = []
    for text in limits {
      let gate = try Self.resolve(text, plan)
      try Self.checkNeeds(gate, plan, protected: protected)
      gates.append(gate)
    }
    self.gates = gates
  }

  /// The metrics the limits are about.
  package var metrics: [Metric] { gates.map(\.metric) }

  private static func resolve(_ text: String, _ plan: EvaluationPlan) throws -> Resolved {
    let gate: Gate
    do { gate = try Gate(text) } catch {
      if case .gate(_, let problem) = error {
        throw UsageError(
          "\(option: "fail-if") '\(text)': \(problem)",
          hint:
            "write \(option: "fail-if") 'task/score/attribute:metric > limit'; the parts before the metric may be left out where there is one"
        )
      }
      throw error
    }
    let metric = try MetricChoice.metric(gate.metric, option: "\(option: "fail-if") '\(text)'")
    func pick(_ what: String, _ given: String?, _ known: [String]) throws -> String? {
      if let given {
        if known.contains(given) { return given }
        let near = nearest(given, in: known)
        throw UsageError(
          "\(option: "fail-if") '\(text)': there is no \(what) \"\(given)\"",
          hint: near.map { "did you mean \"\($0)\"?" }
            ?? "there is \(known.isEmpty ? "none" : known.joined(separator: ", "))")
      }
      if known.count > 1 {
        throw UsageError(
          "\(option: "fail-if") '\(text)': say which \(what): \(known.joined(separator: ", "))",
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
    var isOverall = false
    if metric.needs.contains(.continuous) {
      attribute = named.attribute?.split(separator: ",").map(String.init)
    } else {
      let known = plan.attributes.map { $0.map(\.name).joined(separator: ",") }
      if known.isEmpty, metric.isOverGroups, named.attribute == nil {
        throw UsageError(
          "\(option: "fail-if") '\(text)' compares groups: name them with \(option: "group") COL")
      }
      isOverall = named.attribute == Self.all && !known.contains(Self.all)
      if !isOverall {
        let chosen = try pick("attribute", named.attribute, known)
        attribute = zip(known, plan.attributes).first { $0.0 == chosen }?.1.map(\.name)
      }
    }
    if gate.group != nil || isOverall, metric.isOverGroups {
      throw UsageError(
        "\(option: "fail-if") '\(text)': \(metric.id) compares groups, so it has no value for one group"
      )
    }
    return Resolved(
      gate: gate, metric: metric, task: task, score: score, attribute: attribute,
      isOverall: isOverall)
  }

  /// What stands in place of an attribute for all rows together.
  private static let all = "all"

  /// Refuses a limit on a figure for which something is not named, and says what.
  private static func checkNeeds(
    _ item: Resolved, _ plan: EvaluationPlan, protected: [[String]: GroupKey]
  ) throws(UsageError) {
    func refuse(_ what: String, _ hint: Message) -> UsageError {
      UsageError(
        "\(option: "fail-if") '\(item.gate.text)': \(item.metric.id) needs \(what)", hint: hint)
    }
    let needs = item.metric.needs
    if needs.contains(.protected), let attribute = item.attribute, protected[attribute] == nil {
      let columns = attribute.joined(separator: ",")
      let values = attribute.map { _ in "VALUE" }.joined(separator: ",")
      throw refuse("a protected value", "name it: \(option: "protected") \(columns)=\(values)")
    }
    if needs.contains(.continuous), plan.continuous.isEmpty {
      throw refuse("a numeric sensitive attribute", "name it: \(option: "continuous") COL")
    }
    if needs.contains(.strata), plan.strata.isEmpty {
      throw refuse(
        "a column whose values divide people into strata of similar people",
        "name it: \(option: "within") COL")
    }
    if needs.contains(.features), plan.features.isEmpty {
      throw refuse(
        "features",
        "name numeric columns that say which rows are similar: \(option: "features") COL,COL")
    }
    if needs.contains(.tasks), plan.tasks.count < 2 {
      throw refuse("two tasks", "name them: \(option: "task") A \(option: "task") B")
    }
    if needs.contains(.labels), !needs.contains(.tasks) {
      let tasks = plan.tasks.filter { item.task == nil || $0.name == item.task }
      if tasks.allSatisfy({ $0.label == nil }) {
        throw refuse("labels", "name their column: \(option: "task") LABEL \(option: "score") COL")
      }
    }
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
  package func verdicts(_ figures: [Figure]) -> [Finding] {
    gates.map { item in
      let own = figures.filter { figure in
        figure.metric == item.metric.id && (item.task == nil || figure.task == item.task)
          && (item.score == nil || figure.score == item.score)
          && (item.attribute == nil || figure.attribute == item.attribute)
          && (item.gate.group == nil
            || item.gate.group == figure.group?.parts.map(\.description))
          && (!item.isOverall || figure.group == nil)
      }
      // A limit on the figure of a group holds for every group, the least favourable decides.
      let verdicts = own.map { item.gate.verdict($0) }
      let worst = verdicts.max() ?? .undecided
      let place = own.indices.filter { verdicts[$0] == worst }
        .max { item.gate.distance(own[$0]) < item.gate.distance(own[$1]) }
      return Finding(
        text: item.gate.text, limit: item.gate.limit, verdict: worst, figure: place.map { own[$0] })
    }
  }

  /// What a verdict says to people.
  package static func sentence(_ item: Finding) -> Message {
    var text: Message = "\(option: "fail-if") '\(item.text)': \(item.verdict.word)"
    guard let figure = item.figure else { return text + ": there is no such figure" }
    if let value = figure.value {
      text = text + ": \(FigureTable.short(value))"
      if let lower = figure.lower, let upper = figure.upper {
        text = text + " [\(FigureTable.short(lower)), \(FigureTable.short(upper))]"
      } else {
        text = text + ", without an interval (\(option: "bootstrap") N gives one)"
      }
    }
    text = text + ", limit \(FigureTable.short(item.limit))"
    if item.verdict == .undecided, let lower = figure.lower, let upper = figure.upper,
      lower <= item.limit, upper >= item.limit
    {
      text = text + ", which the interval contains"
    }
    if let group = figure.group { text = text + ", group \(group)" }
    if let category = figure.category { text = text + ", class \(category)" }
    let flags = FigureCSV.flag(figure)
    return flags.isEmpty ? text : text + " (\(flags))"
  }

  /// The exit status: 1 where one limit is not met, else 2 where one is undecided, else 0.
  package static func status(_ verdicts: [Gate.Verdict]) -> ExitStatus {
    switch verdicts.max() ?? .met {
    case .met: .done
    case .notMet: .notMet
    case .undecided: .undecided
    }
  }
}
