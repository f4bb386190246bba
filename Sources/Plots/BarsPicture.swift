package import FairpostCharts
internal import FairpostEvaluation
package import FairpostMethods
internal import FairpostMetrics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// A figure of each group with its interval, and what the largest gap between groups would be by chance.
package struct BarsPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The figures by id.
    package var metrics: String?
    /// Scores from here on are decided 1.
    package var threshold: Double?
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .text(
          "metrics", \.metrics, "ID[,ID...]",
          help:
            "figures of each group (\"fairpost metrics\" lists them; default: selection_rate, and with labels true_positive_rate)",
          section: "Options of bars"),
        .number(
          "threshold", \.threshold, in: -1e300...1e300, help: "scores of at least T are decided 1",
          section: "Options of bars"),
      ])
    }
  }

  package static let info = MethodInfo(
    "bars", summary: "a figure of each group with its interval, beside that of all rows",
    details: [
      "Draws a panel for each figure and score. Whiskers are 95 % intervals, the dashed line is the figure of all rows, and the note below says how large the largest gap is and how large it could be by chance."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let input = try source.input()
    var request = source.request
    request.threshold = settings.threshold
    let plan = try EvaluationPlan(request, input)
    let hasLabels = plan.tasks.contains { $0.label != nil }
    let asked =
      settings.metrics.map { $0.split(separator: ",").map(String.init) }
      ?? (hasLabels ? ["selection_rate", "true_positive_rate"] : ["selection_rate"])
    for id in asked
    where !(try MetricChoice.metric(id, option: "\(option: "metrics")")).isOfEachGroup {
      throw UsageError(
        "\(option: "metrics") \(id) is not a figure of single groups",
        hint: "name one such as selection_rate, true_positive_rate, accuracy, mean_score, auc")
    }
    guard !plan.attributes.isEmpty else {
      throw UsageError("name a sensitive attribute: \(option: "group") COL")
    }
    let gaps = asked.map(Self.gap).filter { MetricRegistry.find($0) != nil }
    request.metrics = asked + gaps
    let outcome = try EvaluationRun(request, input).run()
    source.console.note(outcome.words)
    source.console.summary(outcome.tally, outcome.notes)
    return chart(outcome.figures, asked, of: input.name, rows: outcome.tally.records)
  }

  /// The figure of the largest gap between groups: the same that evaluate shows.
  private static func gap(_ metric: String) -> String {
    switch metric {
    case "selection_rate": "demographic_parity_difference"
    case "true_positive_rate": "equal_opportunity_difference"
    default: "\(metric).difference"
    }
  }

  /// The chart of figures that are known already.
  func chart(_ figures: [Figure], _ asked: [String], of name: String, rows: Int) -> Chart {
    var notes: [String] = []
    var panels: [Chart.Panel] = []
    var names: [String] = []
    for own in figures
    where own.group == nil && own.score != "constant" && own.attribute.isEmpty == false {
      // The gap between the groups of an attribute, against what chance alone makes.
      guard let id = asked.first(where: { own.metric == Self.gap($0) }), let value = own.value
      else { continue }
      var words =
        "\(own.score) by \(own.attribute.joined(separator: ",")): \(id) differs by up to \(Scale.text(value, decimals: 3))"
      if let low = own.lower, let high = own.upper {
        words += " [\(Scale.text(low, decimals: 3)), \(Scale.text(high, decimals: 3))]"
      }
      if let noise = own.noise {
        let isWithin = own.insideNoise ?? (value <= noise.band)
        words +=
          ", \(isWithin ? "within" : "beyond") chance (up to \(Scale.text(noise.band, decimals: 3)))"
      }
      notes.append(words)
    }
    struct Key: Hashable {
      let metric: String
      let score: String
      let attribute: [String]
    }
    var order: [Key] = []
    var members: [Key: [Figure]] = [:]
    for figure in figures
    where figure.group != nil && figure.score != "constant" && asked.contains(figure.metric) {
      let key = Key(metric: figure.metric, score: figure.score, attribute: figure.attribute)
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(figure)
    }
    for key in order {
      let all = members[key] ?? []
      let shown = Array(all.sorted { $0.count > $1.count }.prefix(12)).sorted {
        ($0.group ?? .init([])) < ($1.group ?? .init([]))
      }
      if shown.count < all.count {
        let words =
          "\(key.attribute.joined(separator: ",")): the 12 largest of \(Console.grouped(all.count)) groups are drawn"
        if !notes.contains(words) { notes.append(words) }
      }
      let labels = shown.map { $0.group?.description ?? "" }
      var marks: [Chart.Mark] = []
      var values = [0.0]
      for (place, figure) in shown.enumerated() {
        let name = labels[place]
        let series = names.firstIndex(of: name) ?? names.count
        if series == names.count { names.append(name) }
        guard let value = figure.value else {
          marks.append(.text(Chart.Point(Double(place), 0), "not estimable", .middle))
          continue
        }
        values.append(value)
        marks.append(
          .box(
            Chart.Point(Double(place) - 0.32, 0), Chart.Point(Double(place) + 0.32, value),
            .series(series)))
        if let low = figure.lower, let high = figure.upper {
          values += [low, high]
          marks.append(
            .whisker(Chart.Point(Double(place), low), Chart.Point(Double(place), high), .ink))
        }
      }
      let whole = figures.first {
        $0.metric == key.metric && $0.score == key.score && $0.group == nil && $0.category == nil
      }?.value
      if let whole {
        values.append(whole)
        marks.append(.horizontal(whole, ""))
      }
      let isRate = values.allSatisfy { $0 >= 0 && $0 <= 1 }
      let high = (values.max() ?? 1) * 1.08
      panels.append(
        Chart.Panel(
          title: "\(key.metric) of \(key.score)",
          x: Chart.Axis(
            key.attribute.joined(separator: ","),
            names: zip(labels, shown).map { "\($0) (\(Console.grouped($1.count)))" }),
          y: Chart.Axis(
            whole.map { "all rows: \(Scale.text($0, decimals: 3))" } ?? "",
            min(values.min() ?? 0, 0), isRate ? min(high, 1) : high), marks: marks))
    }
    // One figure has one scale in all panels.
    let scales = Dictionary(grouping: zip(order, panels), by: \.0.metric).mapValues { panels in
      (panels.map(\.1.y.low).min() ?? 0, panels.map(\.1.y.high).max() ?? 1)
    }
    for (place, key) in order.enumerated() {
      guard let (low, high) = scales[key.metric] else { continue }
      panels[place].y = Chart.Axis(panels[place].y.label, low, high)
    }
    return Chart(
      title: asked.count == 1 ? "\(asked[0]) by group" : "Figures by group",
      subtitle:
        "\(Console.grouped(rows)) rows of \(name), 95 % intervals, rows of each group in brackets, dashed line: all rows",
      panels: panels, series: names, notes: notes, legend: .none)
  }
}

extension Metric {
  /// Whether it is of a single group.
  fileprivate var isOfEachGroup: Bool {
    switch scope {
    case .value, .rows, .eachGroup: true
    case .extreme, .comparison: false
    }
  }
}
