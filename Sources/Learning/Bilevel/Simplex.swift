/// Weights that are not negative and sum to 1.
package enum Simplex {
  /// The nearest point of the simplex (Euclidean), by sorting.
  package static func projection(_ point: [Double]) -> [Double] {
    let sorted = point.sorted(by: >)
    var sum = 0.0
    var shift = 0.0
    for (place, value) in sorted.enumerated() {
      sum += value
      let candidate = (sum - 1) / Double(place + 1)
      if value > candidate { shift = candidate }
    }
    return point.map { max($0 - shift, 0) }
  }
}
