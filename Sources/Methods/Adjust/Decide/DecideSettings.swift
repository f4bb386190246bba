internal import FairpostNumerics

/// What can be chosen of `decide`.
package struct DecideSettings: MethodSettings {
  /// A criterion by its name, with the limit of its own where it has one.
  package struct Criterion: Sendable, Equatable {
    /// The names, and the rates that each makes alike.
    enum Name: String, CaseIterable, Sendable {
      case demographicParity = "demographic_parity"
      case equalOpportunity = "equal_opportunity"
      case predictiveEquality = "predictive_equality"
      case equalizedOdds = "equalized_odds"
      case fourFifths = "four_fifths"
      case demographicParityRatio = "demographic_parity_ratio"
      case equalOpportunityRatio = "equal_opportunity_ratio"
      case predictiveEqualityRatio = "predictive_equality_ratio"

      var rates: [DecisionRate] {
        switch self {
        case .demographicParity, .demographicParityRatio, .fourFifths: [.selection]
        case .equalOpportunity, .equalOpportunityRatio: [.truePositive]
        case .predictiveEquality, .predictiveEqualityRatio: [.falsePositive]
        case .equalizedOdds: [.truePositive, .falsePositive]
        }
      }

      /// Whether the least rate is held to a share of the greatest, not to a distance.
      var isRatio: Bool {
        switch self {
        case .fourFifths, .demographicParityRatio, .equalOpportunityRatio,
          .predictiveEqualityRatio:
          true
        default: false
        }
      }
    }

    let name: Name
    let limit: Double?

    var text: String {
      name.rawValue + (limit.map { "=\(NumberText.text($0))" } ?? "")
    }

    /// Reads `NAME` or `NAME=LIMIT`.
    init(_ text: String) throws(SettingFault.Problem) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let names = Name.allCases.map(\.rawValue)
      guard let name = Name(rawValue: String(parts[0])) else { throw .wrongKind(.choice(names)) }
      self.name = name
      guard parts.count == 2 else {
        limit = nil
        guard !name.isRatio || name == .fourFifths else {
          throw .wrongForm(
            "expected \(name.rawValue)=R, the smallest rate as a share of the largest")
        }
        return
      }
      guard name != .fourFifths else {
        throw .wrongForm(
          "four_fifths takes no limit: for another one use demographic_parity_ratio=R")
      }
      guard let limit = SettingText.number(parts[1]), (0...1).contains(limit),
        !name.isRatio || limit > 0
      else { throw .wrongForm("expected a limit between 0 and 1, such as \(name.rawValue)=0.8") }
      self.limit = limit
    }
  }

  /// A limit on a rate.
  package struct Cap: Sendable, Equatable {
    enum Scope: Sendable, Equatable {
      case each, overall
      case group(String)
    }

    let scope: Scope
    let rate: DecisionRate
    /// `<=`, `>=` or `=`.
    let relation: String
    let value: Double

    var text: String {
      let place =
        switch scope {
        case .each: ""
        case .overall: "overall:"
        case .group(let name): "\(name):"
        }
      return "\(place)\(rate.rawValue)\(relation)\(NumberText.text(value))"
    }

    /// Reads `[GROUP:]RATE<=V`, with `overall` for all groups together.
    init(_ text: String) throws(SettingFault.Problem) {
      let form =
        "expected [GROUP:]RATE<=V: RATE is selection_rate, tpr or fpr, V lies between 0 and 1, and >= or = may stand for <="
      var rest = text[...]
      var scope = Scope.each
      if let mark = text.lastIndex(of: ":") {
        let name = String(text[..<mark])
        scope = name == "overall" ? .overall : .group(name)
        rest = text[text.index(after: mark)...]
      }
      guard let start = rest.firstIndex(where: { "<>=".contains($0) }),
        let rate = DecisionRate(rawValue: String(rest[..<start]))
      else { throw .wrongForm(form) }
      let relation = rest[start...].prefix { "<>=".contains($0) }
      guard ["<=", ">=", "="].contains(relation),
        let value = SettingText.number(rest[relation.endIndex...]), (0...1).contains(value)
      else { throw .wrongForm(form) }
      (self.scope, self.rate, self.value) = (scope, rate, value)
      self.relation = String(relation)
    }
  }

  /// What must be alike in all groups; without any, and without caps, demographic parity.
  package var criteria: [Criterion] = []
  /// How far apart rates may be where a criterion does not say; nil for 0, and for decisions without lots for
  /// what one record of the smallest group comes to.
  package var tolerance: Double?
  /// What the decisions are to be good at.
  package var objective = DecisionObjective.accuracy
  /// What a decision costs, by label and decision.
  package var costs: [Double] = []
  /// Limits on single rates.
  package var caps: [Cap] = []
  /// Whether rules that decide low scores 1 are allowed.
  package var allowsReversed = false
  /// Whether each group has one rule, so that nothing is drawn.
  package var isDeterministic = false
  /// How sure it must be that the rates of new records keep to the limits too; nil where nothing is promised.
  package var confidence: Double?
  /// How the columns of group probabilities are named, where the group is not at hand.
  package var blind: BlindPattern?
  /// The threshold of rows of no known group; nil where such rows fail.
  package var otherwise: Double?

  /// The defaults.
  package init() {}

  /// The criteria that hold; without a limit where none is given.
  var heldCriteria: [(name: Criterion.Name, limit: Double?)] {
    if criteria.isEmpty, caps.isEmpty { return [(.demographicParity, tolerance)] }
    return criteria.map { ($0.name, $0.limit ?? ($0.name == .fourFifths ? 0.8 : tolerance)) }
  }

  /// Everything that words can choose.
  package static var schema: Schema<DecideSettings> {
    Schema([
      SettingField(
        "constraint", nil, .text, "NAME[=LIMIT]",
        help:
          "what must be equal in all groups: demographic_parity, equal_opportunity, predictive_equality or equalized_odds (rates differ by at most LIMIT), four_fifths, or one of the first three with _ratio=R (the smallest rate is at least R times the largest); of several, all hold",
        isRepeated: true, defaultNote: "demographic_parity, unless there is a --cap",
        section: "Adjustment",
        read: { (text, settings) throws(SettingFault.Problem) in
          settings.criteria.append(try Criterion(text))
        },
        write: {
          $0.criteria.isEmpty ? nil : $0.criteria.map(\.text).joined(separator: ";")
        }),
      SettingField(
        "tolerance", nil, .number(0...1), "T",
        help: "how far apart the rates may be, where --constraint gives no limit",
        defaultNote: "0; with --deterministic one record of the smallest group",
        section: "Adjustment",
        read: { (text, settings) throws(SettingFault.Problem) in
          guard let value = SettingText.number(text[...]), (0...1).contains(value) else {
            throw .wrongKind(.number(0...1))
          }
          settings.tolerance = value
        }, write: { $0.tolerance.map { NumberText.text($0) } }),
      SettingField(
        "costs", nil, .numbers(-1e6...1e6), "C00,C01,C10,C11",
        help:
          "what each decision costs, in this order: label 0 decided 0, label 0 decided 1, label 1 decided 0, label 1 decided 1; a gain is a negative cost; the goal is then the least mean cost",
        section: "Adjustment",
        read: { (text, settings) throws(SettingFault.Problem) in
          guard let costs = SettingText.numbers(text, in: -1e6...1e6) else {
            throw .wrongKind(.numbers(-1e6...1e6))
          }
          settings.costs = costs
          settings.objective = .cost
        },
        write: { settings in
          settings.costs.isEmpty
            ? nil : settings.costs.map { NumberText.text($0) }.joined(separator: ",")
        }),
      .choice(
        "maximise", \.objective, placeholder: "GOAL",
        help:
          "what the decisions make as good as possible: accuracy, balanced accuracy, F1, or the mean cost (--costs)",
        section: "Adjustment"),
      SettingField(
        "cap", nil, .text, "[GROUP:]RATE<=V",
        help:
          "a limit on selection_rate, tpr or fpr of every group, of one group, or of all records together (overall:), with <=, >= or =",
        isRepeated: true, section: "Adjustment",
        read: { (text, settings) throws(SettingFault.Problem) in
          settings.caps.append(try Cap(text))
        },
        write: { $0.caps.isEmpty ? nil : $0.caps.map(\.text).joined(separator: ";") }),
      .flag(
        "deterministic", \.isDeterministic,
        help:
          "one threshold for each group and nothing random: the best such thresholds, and what they cost compared with random draws",
        section: "Adjustment"),
      .number(
        "confidence", \.confidence, "P", in: 0.5...0.9999,
        help:
          "promise, with this confidence, that the rates of new records of the same population stay within the tolerance; the records of the fit then get a smaller one",
        section: "Adjustment"),
      .flag(
        "reversed", \.allowsReversed,
        help:
          "also allow rules that decide low scores 1; always allowed where all scores are 0 or 1",
        section: "Adjustment"),
      BlindPattern.field(\.blind, letter: nil),
      .number(
        "otherwise", \.otherwise, "T", in: -1e300...1e300,
        help:
          "the threshold for rows whose group is missing or was not in the fit; without this option they are an error",
        section: "Policies"),
    ])
  }

  /// Refuses costs that are not four or not asked for.
  package func check() throws(SettingFault) {
    if objective == .cost, costs.isEmpty {
      throw SettingFault(
        "maximise", "cost",
        .needs(setting: "costs", placeholder: "0,1,5,0", why: "what each decision costs"))
    }
    if !costs.isEmpty, objective != .cost {
      throw SettingFault("costs", nil, .unsuited("applies only to the goal cost"))
    }
    if !costs.isEmpty, costs.count != 4 {
      throw SettingFault(
        "costs", nil,
        .unsuited("has \(costs.count) numbers, but needs four: C00,C01,C10,C11"))
    }
    if confidence != nil {
      if let cap = caps.first {
        throw SettingFault("cap", cap.text, .excludes("confidence"))
      }
      if let ratio = criteria.first(where: { $0.name.isRatio }) {
        throw SettingFault("constraint", ratio.text, .excludes("confidence"))
      }
    }
    if blind != nil {
      if let cap = caps.first { throw SettingFault("cap", cap.text, .excludes("blind")) }
      if let ratio = criteria.first(where: { $0.name.isRatio }) {
        throw SettingFault("constraint", ratio.text, .excludes("blind"))
      }
      if objective == .balanced || objective == .f1 {
        throw SettingFault("maximise", objective.rawValue, .excludes("blind"))
      }
      if confidence != nil { throw SettingFault("confidence", nil, .excludes("blind")) }
      if allowsReversed { throw SettingFault("reversed", nil, .excludes("blind")) }
      if otherwise != nil { throw SettingFault("otherwise", nil, .excludes("blind")) }
    }
    if isDeterministic, let cap = caps.first(where: { $0.scope == .overall }) {
      throw SettingFault("cap", cap.text, .excludes("deterministic"))
    }
    for (place, cap) in caps.enumerated() where caps[..<place].contains(cap) {
      throw SettingFault("cap", cap.text, .givenTwice)
    }
    for (place, one) in criteria.enumerated()
    where criteria[..<place].contains(where: { $0.name == one.name }) {
      throw SettingFault("constraint", one.text, .givenTwice)
    }
  }
}
