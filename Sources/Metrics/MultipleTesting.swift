/// Corrections for many tests at once.
public enum MultipleTesting {
  /// Holm's adjusted p-values, in the order given; NaN stays NaN and is not counted.
  public static func holm(_ values: [Double]) -> [Double] {
    let order = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
    var result = values
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, values[index] * Double(order.count - rank)))
      result[index] = largest
    }
    return result
  }
}
