/// The factor of a symmetric positive definite matrix, A = L L'.
package struct Cholesky: Sendable {
  /// Rows of the matrix.
  package let order: Int
  private var lower: [Double]

  /// Factors a matrix given row by row; nil where it is not positive definite.
  package init?(_ matrix: [Double], order: Int) {
    precondition(matrix.count == order * order)
    self.order = order
    lower = matrix
    for j in 0..<order {
      var pivot = lower[j * order + j]
      for k in 0..<j { pivot -= lower[j * order + k] * lower[j * order + k] }
      // A pivot that is all rounding error means a direction that does not matter.
      guard pivot > 1e-14 * abs(matrix[j * order + j]), pivot.isFinite else { return nil }
      let root = pivot.squareRoot()
      lower[j * order + j] = root
      for i in j + 1..<max(order, j + 1) {
        var sum = lower[i * order + j]
        for k in 0..<j { sum -= lower[i * order + k] * lower[j * order + k] }
        lower[i * order + j] = sum / root
      }
    }
  }

  /// The x with A x = b.
  package func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == order)
    var x = b
    for i in 0..<order {
      var sum = x[i]
      for k in 0..<i { sum -= lower[i * order + k] * x[k] }
      x[i] = sum / lower[i * order + i]
    }
    for i in stride(from: order - 1, through: 0, by: -1) {
      var sum = x[i]
      for k in i + 1..<max(order, i + 1) { sum -= lower[k * order + i] * x[k] }
      x[i] = sum / lower[i * order + i]
    }
    return x
  }
}
