internal import FairpostCSV
package import FairpostMetrics
package import FairpostText

/// Looks figures up by their ids, names, formulas, and what law and practice call them.
package enum MetricSearch {
  /// The name of every figure.
  package static var ids: [String] { MetricRegistry.all.map(\.id) }

  // MARK: Finding

  /// The figures that have all of the words, the best matches first.
  package static func found(_ words: [String]) throws(UsageError) -> [Metric] {
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
  package static func list(_ metrics: [Metric]) -> String {
    let width = metrics.map(\.id.count).max() ?? 0
    return metrics.map { metric in
      let origin = metric.origin.map { " (\($0))" } ?? ""
      return metric.id + String(repeating: " ", count: width - metric.id.count + 2) + metric.name
        + origin + "\n"
    }.joined()
  }

  /// One figure with all that is to say of it.
  package static func entry(_ metric: Metric) -> String {
    var text = "\(metric.id): \(metric.name)\(metric.direction.mark)\n    \(metric.formula)\n"
    let words = known(metric)
    if !words.isEmpty { text += "    also known as \(words.joined(separator: ", "))\n" }
    if let origin = metric.origin { text += "    name of \(origin); here: \(metric.definition)\n" }
    return text + "    not estimable: \(metric.notEstimable)\n"
  }

  package static func csv(_ metrics: [Metric]) -> [UInt8] {
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
