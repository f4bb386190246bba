/// A decision about one class that must be alike in all groups.
package struct BlindConstraint: Sendable, Equatable {
  /// The class that is decided.
  package let decided: Int
  /// Only records of this class count; nil for all.
  package let given: Int?
  /// How far apart the groups' rates may be.
  package let tolerance: Double

  /// A constraint from its parts.
  package init(decided: Int, given: Int?, tolerance: Double) {
    (self.decided, self.given, self.tolerance) = (decided, given, tolerance)
  }
}

/// What is asked of decisions that know groups only by their probabilities.
package struct BlindProblem: Sendable, Equatable {
  /// How many groups and classes there are.
  package let groups: Int
  package let classes: Int
  /// What a decision costs, by class and decision.
  package let loss: [[Double]]
  package let constraints: [BlindConstraint]

  /// A problem from its parts.
  package init(groups: Int, classes: Int, loss: [[Double]], constraints: [BlindConstraint]) {
    (self.groups, self.classes, self.loss, self.constraints) = (groups, classes, loss, constraints)
  }

  /// Whether classes of the groups count, so that the probabilities must be of both together.
  package var isJoint: Bool { constraints.contains { $0.given != nil } }

  /// How many probabilities of events a record has: of each group, or of each group and class.
  var events: Int { isJoint ? groups * classes : groups }

  /// The events that count for a constraint and a group: one, or one for each class.
  func events(_ constraint: BlindConstraint, _ group: Int) -> [Int] {
    guard isJoint else { return [group] }
    if let given = constraint.given { return [group * classes + given] }
    return (0..<classes).map { group * classes + $0 }
  }
}

/// One of the rules that decisions are drawn from: the class with the least risk after what the groups' events
/// add or take, or always one class.
struct BlindRule: Sendable, Equatable {
  /// What is taken from the risk of each class for each event, class by class; empty for a constant.
  let slopes: [Double]
  /// The class that is always decided; nil where slopes decide.
  let constant: Int?

  /// The class decided on risks and probabilities of events; among equals the first.
  @inline(__always)
  func decision(_ risks: ArraySlice<Double>, _ events: ArraySlice<Double>) -> Int {
    if let constant { return constant }
    var (best, least) = (0, Double.infinity)
    var slope = 0
    for (place, risk) in risks.enumerated() {
      var value = risk
      for event in events {
        value -= slopes[slope] * event
        slope += 1
      }
      if value < least { (best, least) = (place, value) }
    }
    return best
  }
}
