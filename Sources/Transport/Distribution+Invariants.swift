internal import FairpostNumerics

extension Distribution {
  /// What is wrong with the parts of a distribution; nil where they are as every walk over them takes
  /// them to be.
  ///
  /// Values are finite, ascend and are merged, weights are finite and not negative, something weighs
  /// at each value or below it, and what a weight has beyond its Double is less than the Double's last
  /// digit, largest part first.
  package static func fault(
    values: [Double], masses: [Double]?, gaps: [Double]?, remainders: [Int: [Double]], rows: Int
  ) -> String? {
    for (place, value) in values.enumerated() {
      if !value.isFinite { return "value \(place) is not finite" }
      if value == 0, value.sign == .minus { return "value \(place) is -0" }
      if place > 0, !(values[place - 1] < value) { return "value \(place) does not ascend" }
      let mass = masses?[place] ?? 1
      let gap = gaps?[place] ?? 0
      if !(mass >= 0 && gap >= 0 && (mass + gap).isFinite) { return "weight \(place) is no weight" }
      if mass + gap == 0 { return "nothing weighs at value \(place)" }
    }
    for (place, rest) in remainders {
      guard values.indices.contains(place), let masses else { return "a remainder of no weight" }
      var last = masses[place]
      for part in rest {
        if !(abs(part) <= last.ulp) || part == 0 {
          return "the weight at value \(place) is not exact"
        }
        last = part
      }
    }
    if rows < 0 { return "\(rows) rows" }
    return nil
  }

  /// Stops a debug build where the parts do not fit together.
  package func checkInvariants() {
    assert(
      Self.fault(
        values: values, masses: masses, gaps: gaps, remainders: remainders, rows: rows) == nil,
      Self.fault(
        values: values, masses: masses, gaps: gaps, remainders: remainders, rows: rows) ?? "")
  }

  /// The same distribution, checked in a debug build.
  var checked: Distribution {
    checkInvariants()
    return self
  }
}
