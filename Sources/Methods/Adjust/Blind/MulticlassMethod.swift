package import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// `adjust multiclass`: one class for each record, within limits on how the groups fare.
package struct MulticlassMethod: AdjustmentMethod {
  /// What must be alike in all groups.
  package enum Criterion: String, CaseIterable, Sendable {
    /// The share that each class is decided for.
    case demographicParity = "demographic_parity"
    /// For each class the share of it that is decided so.
    case equalOpportunity = "equal_opportunity"
    /// For each class the shares that are decided for each class.
    case equalizedOdds = "equalized_odds"

    /// The limits that it stands for.
    func constraints(classes: Int, tolerance: Double) -> [BlindConstraint] {
      // With two classes the limit on the first follows from that on the second.
      let decided = classes == 2 ? [1] : Array(0..<classes)
      switch self {
      case .demographicParity:
        return decided.map { BlindConstraint(decided: $0, given: nil, tolerance: tolerance) }
      case .equalOpportunity:
        return decided.map { BlindConstraint(decided: $0, given: $0, tolerance: tolerance) }
      case .equalizedOdds:
        return (0..<classes).flatMap { label in
          decided.map { BlindConstraint(decided: $0, given: label, tolerance: tolerance) }
        }
      }
    }
  }

  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// What must be alike in all groups.
    package var constraint = Criterion.demographicParity
    /// How far apart the groups' rates may be.
    package var tolerance = 0.0
    /// What a decision costs, class by class; empty for 1 where it is wrong.
    package var costs: [Double] = []
    /// How the columns of group probabilities are named, where the group is not at hand.
    package var blind: BlindPattern?
    /// Whether the best rule stands alone.
    package var isDeterministic = false
    /// What becomes of records of no known group.
    package var unseen = UnseenRule.fail

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .choice(
          "constraint", \.constraint, placeholder: "NAME",
          help:
            "what must be equal in all groups: the share decided for each class, the share of each class that is decided correctly, or, within each class, the shares of all decisions",
          section: "Adjustment"),
        .number(
          "tolerance", \.tolerance, "T", in: 0...1, help: "how far apart the rates may be",
          section: "Adjustment"),
        .numbers(
          "costs", \.costs, "C11,C12,...", in: -1e6...1e6,
          help:
            "what each decision costs: all decisions for records of the first class, then of the second, and so on; without this option a wrong decision costs 1",
          section: "Adjustment"),
        BlindPattern.field(\.blind, letter: nil),
        .flag(
          "deterministic", \.isDeterministic,
          help:
            "use one rule and no random draws, even where tied records then exceed the limits a little; a note says by how much",
          section: "Adjustment"),
        .choice(
          "unseen", \.unseen, placeholder: "POLICY",
          help:
            "rows whose group is missing or was not in the fit: fail (error), or decide for the class with the least expected cost (pass)",
          section: "Policies"),
      ])
    }
  }

  package static let info = MethodInfo(
    "multiclass",
    summary: "choose a class for each record, within limits on differences between groups",
    details: [
      "Xian & Zhao, A unified post-processing framework for group fairness in classification, 2024",
      "Writes TASK.decision, a class, beside TASK.score.CLASS, the classes' probabilities. These decisions have the least expected cost within the limits, and a bound proves it. Rates are estimated from the probabilities, which should be calibrated; labels are not needed. Where records tie, a few rules are mixed: a random draw from the seed and the record's id (--id) chooses one.",
      "With --blind 'race=p_*' the group itself need not be known: columns p_GROUP hold the probability of each group given the record. Limits that depend on the class too need columns p_GROUP_CLASS (--blind 'race=p_*_*').",
    ])

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package static let isComparedUnasked = false

  package static func outputColumns(of score: String) -> [String] {
    [ScoreName.parts(score).map { "\($0.task).decision" } ?? "decision"]
  }

  package var needsAttribute: Bool { settings.blind == nil }

  package var rules: RowRules {
    RowRules(needsGroup: settings.unseen == .fail, groupSetting: "unseen")
  }

  package var attributeLimit: AttributeLimit? { AttributeLimit(1) }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try BlindAdjustment(JSONNode(json, name: "map"))
  }

  /// The classes that some score columns are of.
  private func classes(_ scores: [String]) -> [String] {
    scores.map { ScoreName.parts($0)?.label ?? $0 }
  }

  package func readColumns(_ scores: [String], header: [String]) throws(AdjustmentError) -> [String]
  {
    guard let blind = settings.blind else { return scores }
    do {
      return try scores
        + blind.columns(in: header, classes: classes(scores), without: scores).columns
    } catch { throw AdjustmentError.setting(error) }
  }

  /// The columns of classes among those that are read.
  private func scores(of names: [String]) -> [String] {
    guard let blind = settings.blind else { return names }
    let own = names.filter { ScoreName.parts($0) != nil }
    return own.isEmpty ? names.filter { !$0.hasPrefix(blind.parts[0]) } : own
  }

  package func recordFault(
    _ columns: [String]
  ) -> (@Sendable ([Double]) -> (score: Int, words: String)?)? {
    let scores = scores(of: columns)
    guard scores.count > 1, Set(scores.map { ScoreName.parts($0)?.task }).count == 1 else {
      return nil
    }
    let others = Array(columns.dropFirst(scores.count))
    let isJoint = settings.blind?.isJoint ?? false
    let own = BlindColumns(
      scores: scores, others: others,
      kind: settings.blind == nil ? .known : isJoint ? .joint : .shares,
      groups: isJoint ? others.count / scores.count : others.count, classes: scores.count)
    return { values in own.fault(values).map { ($0.column, $0.words) } }
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    let names = data.scores.map(\.name)
    // Columns of groups come behind those of the classes, and are named by their pattern.
    let scores = scores(of: names)
    let columns: (kind: BlindColumns.Groups, attribute: [String], groups: [GroupKey])
    if let blind = settings.blind {
      let found: (groups: [String], columns: [String])
      do {
        found = try blind.columns(in: names, classes: classes(scores), without: scores)
      } catch { throw AdjustmentError.setting(error) }
      columns = (
        blind.isJoint ? .joint : .shares, [blind.name],
        found.groups.map { GroupKey([ByteText($0)]) }
      )
    } else {
      let attribute = try data.onlyAttribute(info)
      columns = (.known, attribute.columns, attribute.keys)
    }
    let tasks = Set(scores.map { ScoreName.parts($0)?.task ?? "" })
    guard tasks.count == 1 else {
      throw AdjustmentError.unusable(
        "the scores are of several tasks (\(tasks.sorted().joined(separator: ", "))): name the scores of one task"
      )
    }
    let count = scores.count
    guard count >= 2 else {
      throw AdjustmentError.unusable(
        "column \"\(scores.first ?? "")\" is the only score: expected one column for each class, TASK.score.CLASS (decide is for a binary task)"
      )
    }
    guard settings.costs.isEmpty || settings.costs.count == count * count else {
      throw AdjustmentError.setting(
        SettingFault(
          "costs", nil,
          .unsuited(
            "has \(settings.costs.count) numbers, but \(count) classes need \(count * count)")))
    }
    let problem = BlindProblem(
      groups: columns.groups.count, classes: count,
      loss: (0..<count).map { label in
        (0..<count).map { decided in
          settings.costs.isEmpty
            ? (label == decided ? 0 : 1) : settings.costs[label * count + decided]
        }
      },
      constraints: settings.constraint.constraints(
        classes: count, tolerance: settings.tolerance))
    if columns.kind == .shares, problem.isJoint {
      throw AdjustmentError.setting(BlindPattern.needsJoint(settings.constraint.rawValue))
    }
    let fit = BlindFit(
      columns: BlindColumns(
        scores: scores, others: Array(names.dropFirst(count)), kind: columns.kind,
        groups: columns.groups.count, classes: count),
      output: Self.outputColumns(of: scores[0])[0], classNames: classes(scores),
      attribute: columns.attribute, groups: columns.groups, problem: problem,
      isDeterministic: settings.isDeterministic, passesUnseen: settings.unseen == .pass)
    let (adjustment, notes) = try fit.fit(request)
    return (adjustment, notes)
  }
}

extension BlindPattern {
  /// The setting of a method.
  static func field<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, BlindPattern?> & Sendable, letter: Character?
  ) -> SettingField<Settings> {
    SettingField(
      "blind", letter, .text, "NAME=PATTERN",
      help:
        "decide without knowing the group: columns named by the pattern, such as race=p_*, hold the probability of each group given the record; race=p_*_* that of each group and class, which limits on tpr and fpr need",
      section: "Adjustment",
      read: { (text, settings) throws(SettingFault.Problem) in
        settings[keyPath: place] = try BlindPattern(text)
      }, write: { $0[keyPath: place]?.text })
  }

  /// What is wrong with columns of groups alone.
  static func needsJoint(_ criterion: String) -> SettingFault {
    SettingFault(
      "blind", nil,
      .unsuited(
        "names columns of groups alone, but \(criterion) depends on the class too: name columns of group and class, as in race=p_*_*"
      ))
  }
}
