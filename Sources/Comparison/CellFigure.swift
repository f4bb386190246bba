internal import FairpostEvaluation
package import FairpostJSON
internal import FairpostNumerics
package import FairpostTransport

/// One figure of one cell.
package struct CellFigure: Sendable {
  /// Which decisions a figure is about.
  package enum Decisions: String, Sendable, CaseIterable {
    /// Those the arm makes.
    case own
    /// Those at the same share of selected rows in every arm.
    case equalRate = "equal_rate"
  }

  /// What makes a figure of one cell comparable with one of another.
  package struct Key: Hashable, Sendable {
    package let task: String
    package let decisions: Decisions
    package let metric: String
    package let attribute: [String]
    package let group: GroupKey?
    package let category: String?
  }

  /// What sets a figure apart from those of the other arms.
  package enum Mark: String, Sendable {
    /// The arm does not apply to this task.
    case notApplicable = "not-applicable"
    /// Tied scores leave no decisions near the asked selection rate; the value is of another rate.
    case rateNotAttainable = "rate-not-attainable"
  }

  package let key: Key
  /// The value; nil where it cannot be estimated.
  package let value: Double?
  /// Why there is none, or what the mark means here.
  package let reason: String?
  /// The rows it rests on.
  package let count: Int
  /// The 95 % quantile of what an exactly fair predictor would show.
  package let floor: Double?
  package var mark: Mark?
}

extension CellFigure {
  /// The same figure with a mark and what it means here.
  package func marked(_ mark: Mark, _ reason: String) -> CellFigure {
    CellFigure(key: key, value: value, reason: reason, count: count, floor: floor, mark: mark)
  }

  /// What a reader of the figure should know; empty where there is nothing.
  package var flag: String {
    guard let reason else { return "" }
    switch mark {
    case .notApplicable: return "not applicable: \(reason)"
    case .rateNotAttainable: return "\(Mark.rateNotAttainable.rawValue): \(reason)"
    case nil: return "not estimable: \(reason)"
    }
  }

  /// The figure in a journal.
  package var json: JSONValue {
    .array([
      .string(key.task), .string(key.decisions.rawValue), .string(key.metric),
      .array(key.attribute.map { .string($0) }), key.group.map { JSONValue.group($0) } ?? .null,
      key.category.map { .string($0) } ?? .null, value.map { .number($0) } ?? .null,
      reason.map { .string($0) } ?? .null, .integer(count), floor.map { .number($0) } ?? .null,
      mark.map { .string($0.rawValue) } ?? .null,
    ])
  }

  /// The figure of a journal.
  package init(_ node: JSONNode) throws(JSONError) {
    let parts = try node.array
    guard parts.count == 11, let decisions = Decisions(rawValue: try parts[1].string) else {
      throw node.wrong("a figure")
    }
    func texts(_ node: JSONNode) throws(JSONError) -> [ByteText] {
      var texts: [ByteText] = []
      for part in try node.array { texts.append(try part.byteText) }
      return texts
    }
    key = Key(
      task: try parts[0].string, decisions: decisions, metric: try parts[2].string,
      attribute: try parts[3].strings,
      group: parts[4].isNull ? nil : GroupKey(try texts(parts[4])),
      category: parts[5].isNull ? nil : try parts[5].string)
    value = parts[6].isNull ? nil : try parts[6].double
    reason = parts[7].isNull ? nil : try parts[7].string
    count = try parts[8].int
    floor = parts[9].isNull ? nil : try parts[9].double
    if !parts[10].isNull {
      guard let known = Mark(rawValue: try parts[10].string) else {
        throw parts[10].wrong("a figure's mark")
      }
      mark = known
    }
  }
}
