internal import FairpostCSV
internal import FairpostMetrics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining

/// `fairpost metrics`: which figures there are, found by the words people know them by.
enum MetricsCommand: Command {
  static let spec = CommandSpec(
    "metrics", summary: "list the figures, or find them by a word", usage: "[WORD...]",
    examples: [
      Example("fairpost metrics", "every figure, a line each"),
      Example("fairpost metrics impact ratio", "what others call the impact ratio"),
      Example("fairpost metrics tpr", "a name of another tool"),
    ],
    details: [
      "WORD is looked for in ids, names, formulas, names of other tools, and words of law and practice such as adverse impact or four-fifths; case does not count, and several words must all be there. The figures whose id, name or known word it is come first.",
      "Every id can be named in evaluate --metrics, evaluate --fail-if and compare --metrics.",
    ],
    options: [
      OptionSpec(
        "format", nil, .choice("table", "csv"), help: "how the list is written",
        defaultNote: "table on a terminal, else csv", section: "Output")
    ] + CommonOptions.general,
    operands: OperandSpec(.text), seeAlso: ["evaluate", "compare"], section: "Measuring")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let words = options.operands.flatMap { $0.split(separator: " ") }.map { $0.lowercased() }
    let found = try Self.found(words)
    let output = try OutputFile.open(options.text("output"))
    switch options.choice("format") ?? (output.isTerminal ? "table" : "csv") {
    case "csv": try output.write(csv(found))
    default: try output.write(words.isEmpty ? list(found) : found.map(entry).joined())
    }
    try output.commit()
    return .done
  }

  // MARK: Finding

  /// The figures that have all of the words, the best matches first.
  private static func found(_ words: [String]) throws(UsageError) -> [Metric] {
    if words.isEmpty { return MetricRegistry.all }
    let phrase = words.joined(separator: " ")
    var ranked: [(rank: Int, place: Int, metric: Metric)] = []
    for (place, metric) in MetricRegistry.all.enumerated() {
      let names = [metric.id, metric.name] + known(metric)
      let plain = names.map { Self.plain($0) }
      let all =
        plain + [metric.formula, metric.origin ?? "", metric.definition].map { Self.plain($0) }
      let wanted = words.map { Self.plain($0) }
      guard wanted.allSatisfy({ word in all.contains { $0.contains(word) } }) else { continue }
      let rank =
        plain.contains(Self.plain(phrase))
        ? 0 : wanted.allSatisfy({ word in plain.contains { $0.contains(word) } }) ? 1 : 2
      ranked.append((rank, place, metric))
    }
    guard !ranked.isEmpty else {
      let candidates = MetricRegistry.all.map(\.id) + practice.map(\.words)
      let near = nearest(phrase.replacing(" ", with: "_"), in: candidates)
      throw UsageError(
        "no figure has \"\(Shown.word(phrase))\" in its id, name or formula",
        hint: near.map { "did you mean \"\($0)\"?" } ?? "fairpost metrics lists all of them")
    }
    return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.metric)
  }

  /// A text as it is compared: lower case, without what joins words.
  private static func plain(_ text: String) -> String {
    String(
      text.lowercased().map { "_-.,()".contains($0) ? " " : $0 }
    ).split(separator: " ").joined(separator: " ")
  }

  /// The words of law and practice for a figure.
  private static func known(_ metric: Metric) -> [String] {
    practice.filter { $0.definitions.contains(metric.definition) }.map(\.words)
  }

  /// What law and practice call figures, by their definitions.
  private static let practice: [(words: String, definitions: Set<String>)] = [
    ("four-fifths rule", ratios), ("80 percent rule", ratios), ("80% rule", ratios),
    ("adverse impact ratio", ratios), ("impact ratio", ratios), ("disparate impact", ratios),
    (
      "statistical parity",
      [
        "selection_rate.difference", "selection_rate.directed_difference",
        "fairlearn.demographic_parity_difference",
      ]
    ),
    ("hit rate", ["selection_rate"]), ("acceptance rate", ["selection_rate"]),
    ("positive rate", ["selection_rate"]), ("prevalence", ["base_rate"]),
    ("recall", ["true_positive_rate"]), ("sensitivity", ["true_positive_rate"]),
    ("specificity", ["true_negative_rate"]), ("fall-out", ["false_positive_rate"]),
    ("miss rate", ["false_negative_rate"]), ("kolmogorov-smirnov", ["ks"]),
    ("wasserstein", ["w1", "w2"]), ("earth mover's distance", ["w1"]),
    ("expected calibration error", ["ece"]), ("cross-entropy", ["log_loss"]),
    ("area under the roc curve", ["auc"]), ("gini", ["auc"]),
  ]

  private static let ratios: Set = [
    "selection_rate.ratio", "selection_rate.directed_ratio", "fairlearn.demographic_parity_ratio",
  ]

  // MARK: Writing

  /// Ids and names in two columns.
  private static func list(_ metrics: [Metric]) -> String {
    let width = metrics.map(\.id.count).max() ?? 0
    return metrics.map { metric in
      let origin = metric.origin.map { " (\($0))" } ?? ""
      return metric.id + String(repeating: " ", count: width - metric.id.count + 2) + metric.name
        + origin + "\n"
    }.joined()
  }

  /// One figure with all that is to say of it.
  private static func entry(_ metric: Metric) -> String {
    var text = "\(metric.id): \(metric.name)\(metric.direction.mark)\n    \(metric.formula)\n"
    let words = known(metric)
    if !words.isEmpty { text += "    also known as \(words.joined(separator: ", "))\n" }
    if let origin = metric.origin { text += "    name of \(origin); here: \(metric.definition)\n" }
    return text + "    not estimable: \(metric.notEstimable)\n"
  }

  private static func csv(_ metrics: [Metric]) -> [UInt8] {
    var bytes = Array("id,name,direction,formula,definition,origin,not_estimable\n".utf8)
    for metric in metrics {
      let direction =
        switch metric.direction {
        case .higher: "higher"
        case .lower: "lower"
        case .target(let value): value == 0 ? "0" : "1"
        case .none: ""
        }
      bytes += Dialect.comma.record(
        [
          metric.id, metric.name, direction, metric.formula, metric.definition, metric.origin ?? "",
          metric.notEstimable,
        ].map { Array($0.utf8) })
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }
}
