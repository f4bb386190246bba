/// Which of several choices no other choice beats.
package enum ParetoFront {
  /// For each point whether no other is at least as good on both axes and better on one.
  ///
  /// A point without a value on an axis, or with one that is no number, is never on the front. Equal
  /// points stand or fall together.
  ///
  /// - Parameters:
  ///   - points: two values each.
  ///   - directions: which way each axis should go.
  package static func efficient(
    _ points: [(Double?, Double?)], directions: (Direction, Direction)
  ) -> [Bool] {
    let costs = points.map { point -> (Double, Double)? in
      guard let first = point.0, let second = point.1, !first.isNaN, !second.isNaN else {
        return nil
      }
      return (directions.0.cost(first), directions.1.cost(second))
    }
    return costs.map { own in
      guard let own else { return false }
      return !costs.contains { other in
        guard let other else { return false }
        return other.0 <= own.0 && other.1 <= own.1 && (other.0 < own.0 || other.1 < own.1)
      }
    }
  }
}

extension Direction {
  /// The value as something to be made small; what has no direction counts as lower is better.
  package func cost(_ value: Double) -> Double {
    switch self {
    case .higher: -value
    case .lower, .none: value
    case .target(let wanted): abs(value - wanted)
    }
  }
}
