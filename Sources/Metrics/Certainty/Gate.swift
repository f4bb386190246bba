internal import FairpostNumerics
internal import FairpostTransport

/// A limit on a figure: `task/score/attribute:metric > 0.05` is what must not be.
package struct Gate: Sendable, Equatable {
  /// How a figure is compared with the limit.
  package enum Comparison: String, Sendable {
    case greater = ">"
    case less = "<"
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
  }

  /// What a gate says.
  package enum Verdict: Int32, Sendable, Comparable {
    /// The limit is kept.
    case met = 0
    /// The figure is over the limit beyond its uncertainty.
    case notMet = 1
    /// The interval contains the limit, or the figure cannot be estimated or is flagged.
    case undecided = 2

    /// Not met is worst, then undecided.
    package static func < (left: Verdict, right: Verdict) -> Bool {
      func order(_ verdict: Verdict) -> Int { [0, 2, 1][Int(verdict.rawValue)] }
      return order(left) < order(right)
    }
  }

  /// The text it was read from.
  package let text: String
  /// The task, score and attribute, where named.
  package let task: String?
  package let score: String?
  package let attribute: [String]?
  /// The values of the group, where one is named: `metric[sex=F] < 0.4` or `sex=F:metric < 0.4`.
  package let group: [String]?
  /// The metric's id.
  package let metric: String
  /// The comparison that must not hold.
  package let comparison: Comparison
  /// The limit.
  package let limit: Double

  /// Reads a gate; which metrics exist is checked by `MetricRegistry.metric`.
  ///
  /// Of `task/score/attribute` parts may be left out from the left or be empty: one part is the
  /// attribute, two are score and attribute.
  package init(_ text: String) throws(MetricsError) {
    func fail(_ problem: String) -> MetricsError { .gate(text: text, problem: problem) }
    // The group in brackets may hold a sign of its own.
    let begin = text.lastIndex(of: "]") ?? text.startIndex
    guard let sign = text[begin...].firstIndex(where: { $0 == "<" || $0 == ">" }) else {
      throw fail("no comparison; write metric > limit")
    }
    let left = trimmed(text[..<sign])
    var rest = text[text.index(after: sign)...]
    var symbol = String(text[sign])
    if rest.first == "=" {
      symbol += "="
      rest = rest.dropFirst()
    }
    guard let comparison = Comparison(rawValue: symbol) else { throw fail("unknown comparison") }
    guard case .number(let limit) = NumberText.parse(trimmed(rest)) else {
      throw fail("the limit is not a number")
    }
    var metric: String
    var parts: [String] = []
    let outside = left.firstIndex(of: "[") ?? left.endIndex
    if let colon = left[..<outside].lastIndex(of: ":") {
      metric = trimmed(left[left.index(after: colon)...])
      parts = left[..<colon].split(separator: "/", omittingEmptySubsequences: false).map(trimmed)
    } else {
      metric = left
    }
    // selection_rate[sex=F] is sex=F:selection_rate.
    if let open = metric.firstIndex(of: "[") {
      guard metric.last == "]" else { throw fail("a group in brackets ends with ]") }
      let group = trimmed(metric[metric.index(after: open)...].dropLast())
      guard group.contains("=") else { throw fail("write [COL=VALUE] for a group") }
      guard parts.last?.contains("=") != true, parts.count < 3 else {
        throw fail("the group is named twice")
      }
      parts.append(group)
      metric = trimmed(metric[..<open])
    }
    guard parts.count <= 3 else { throw fail("more than task/score/attribute before the colon") }
    guard !metric.isEmpty else { throw fail("no metric") }
    while parts.count < 3 { parts.insert("", at: 0) }
    self.text = text
    self.task = parts[0].isEmpty ? nil : parts[0]
    self.score = parts[1].isEmpty ? nil : parts[1]
    let sides = parts[2].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    func list(_ text: Substring) -> [String] {
      text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
    }
    attribute = parts[2].isEmpty ? nil : list(sides[0])
    group = sides.count == 2 ? list(sides[1]) : nil
    if let group, let attribute, group.count != attribute.count {
      throw fail("expected \(attribute.count) values for \(attribute.joined(separator: ","))")
    }
    self.metric = metric
    self.comparison = comparison
    self.limit = limit
  }

  /// Whether the gate is about a figure.
  package func concerns(_ figure: Figure) -> Bool {
    figure.metric == metric && (task == nil || task == figure.task)
      && (score == nil || score == figure.score)
      && (attribute == nil || attribute == figure.attribute)
      && (group == nil || group == figure.group?.parts.map(\.description))
  }

  /// The verdict over all figures the gate is about; with none, undecided.
  package func verdict(_ figures: [Figure]) -> Verdict {
    let concerned = figures.filter(concerns)
    return concerned.map(verdict).max() ?? .undecided
  }

  /// The verdict on one figure: by its interval, never by its value alone.
  package func verdict(_ figure: Figure) -> Verdict {
    guard let value = figure.value, !value.isNaN, let lower = figure.lower,
      let upper = figure.upper
    else { return .undecided }
    // What decides nobody, or everybody, says nothing about a rule for decisions.
    if figure.flags.contains(Figure.decisionsAlike) { return .undecided }
    let over: Bool
    let under: Bool
    switch comparison {
    case .greater:
      over = lower > limit
      under = upper <= limit
    case .greaterOrEqual:
      over = lower >= limit
      under = upper < limit
    case .less:
      over = upper < limit
      under = lower >= limit
    case .lessOrEqual:
      over = upper <= limit
      under = lower > limit
    }
    if over { return .notMet }
    return under && figure.flags.isEmpty ? .met : .undecided
  }

  /// How far a figure lies on the wrong side of the limit; what cannot be estimated comes first.
  package func distance(_ figure: Figure) -> Double {
    guard let value = figure.value, !value.isNaN else { return .infinity }
    switch comparison {
    case .greater, .greaterOrEqual: return value - limit
    case .less, .lessOrEqual: return limit - value
    }
  }

  /// The verdict of several gates: 1 if any is not met, else 2 if any is undecided, else 0.
  package static func verdict(_ gates: [Gate], _ figures: [Figure]) -> Verdict {
    gates.map { $0.verdict(figures) }.max() ?? .met
  }
}

/// A text without spaces at its ends.
private func trimmed(_ text: some StringProtocol) -> String {
  var part = Substring(text)
  while part.first == " " { part = part.dropFirst() }
  while part.last == " " { part = part.dropLast() }
  return String(part)
}
