internal import FairpostCGSL

/// Room to solve symmetric positive definite systems one after another (GSL: `gsl_linalg_cholesky`).
struct PositiveSystem {
  private var matrix: [Double]
  private var solution: [Double]

  /// Room for systems of at most so many unknowns.
  init(atMost order: Int) {
    _ = Self.quietGSL
    matrix = [Double](repeating: 0, count: order * order)
    solution = [Double](repeating: 0, count: order)
  }

  /// A failing factorisation is a status here, never the end of the process.
  private static let quietGSL: Void = GSL.start()

  /// Solves A x = b.
  ///
  /// - Parameters:
  ///   - order: unknowns.
  ///   - fill: writes the lower triangle of A, row by row, and b.
  /// - Returns: x; nil where A is not positive definite to working precision.
  mutating func solve(
    order: Int, fill: (inout [Double], inout [Double]) -> Void
  ) -> ArraySlice<Double>? {
    precondition(order > 0 && order <= solution.count)
    fill(&matrix, &solution)
    let isSolved = matrix.withUnsafeMutableBufferPointer { a in
      solution.withUnsafeMutableBufferPointer { x -> Bool in
        guard let a = a.baseAddress, let x = x.baseAddress else { return false }
        var factor = gsl_matrix_view_array(a, order, order)
        var vector = gsl_vector_view_array(x, order)
        guard gsl_linalg_cholesky_decomp1(&factor.matrix) == 0 else { return false }
        return gsl_linalg_cholesky_svx(&factor.matrix, &vector.vector) == 0
      }
    }
    guard isSolved, solution[..<order].allSatisfy(\.isFinite) else { return nil }
    return solution[..<order]
  }
}
