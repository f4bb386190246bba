/// An adjustment that writes decisions beside scores, by one attribute, and may say what becomes of
/// records of no known group.
package protocol DecisionMethod: AdjustmentMethod {
  /// The threshold of records of no known group; without one they are refused.
  var otherwise: Double? { get }
}

extension DecisionMethod {
  package static func outputColumns(of score: String) -> [String] {
    [ScoreName.derived(score, "decision")]
  }

  package var rules: RowRules {
    RowRules(needsGroup: otherwise == nil, groupSetting: "otherwise")
  }

  package var attributeLimit: AttributeLimit? { AttributeLimit(1) }
}
