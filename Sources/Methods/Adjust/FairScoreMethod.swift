internal import FairpostJSON

/// An adjustment that writes a score to rank by beside the score, by one attribute.
package protocol FairScoreMethod: AdjustmentMethod {
  /// Whether records of no known group keep what they would have without a group; else they are refused.
  var passesUnseen: Bool { get }
}

/// What becomes of records of no known group.
package enum UnseenRule: String, CaseIterable, Sendable {
  /// They are bad rows.
  case fail
  /// They are treated by their score alone.
  case pass
}

extension UnseenRule {
  /// Reads a stored one.
  init(_ node: JSONNode) throws(JSONError) {
    guard let rule = UnseenRule(rawValue: try node.string) else {
      throw node.wrong("fail or pass")
    }
    self = rule
  }
}

extension PolicyChoice {
  /// The policy of an adjustment that refuses or passes records of no known group.
  init(unseen passes: Bool) {
    let rule = passes ? UnseenRule.pass : .fail
    self.init("unseen", rule.rawValue, UnseenRule.allCases.map { ($0.rawValue, nil) })
  }
}

extension FairScoreMethod {
  package static func outputColumns(of score: String) -> [String] {
    [ScoreName.derived(score, "fair")]
  }

  package var rules: RowRules { RowRules(needsGroup: !passesUnseen, groupSetting: "unseen") }

  package var attributeLimit: AttributeLimit? { AttributeLimit(1) }
}
