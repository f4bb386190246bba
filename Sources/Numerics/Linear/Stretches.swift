/// Products inside stretches of rows: a batch holds the rows of many tasks, as many for each, and
/// every task's few rows meet only its own.
package enum Stretches {
  /// G (rows x others for each stretch) = A B' + constant.
  ///
  /// - Parameters:
  ///   - count: how many stretches.
  ///   - rows: rows of A in a stretch.
  ///   - others: rows of B in a stretch.
  ///   - width: the numbers of a row.
  package static func innerProducts(
    _ count: Int, rows: Int, others: Int, width: Int, _ a: [Double], _ b: [Double],
    plus constant: Double, into g: inout [Double]
  ) {
    precondition(
      a.count >= count * rows * width && b.count >= count * others * width
        && g.count >= count * rows * others)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        g.withUnsafeMutableBufferPointer { g in
          guard let a = a.baseAddress, let b = b.baseAddress, let g = g.baseAddress else { return }
          pairProducts(
            count: count, rows: rows, others: others, width: width, a: a, b: b, plus: constant,
            into: g)
        }
      }
    }
  }

  /// C += G B, stretch by stretch; with `transposed`, C += G' B.
  ///
  /// - Parameters:
  ///   - rows: rows of G.
  ///   - others: columns of G.
  ///   - width: the numbers of a row of B and C.
  package static func addProducts(
    _ count: Int, rows: Int, others: Int, width: Int, _ g: [Double], transposed: Bool = false,
    _ b: [Double], into c: inout [Double]
  ) {
    let outer = transposed ? others : rows
    let inner = transposed ? rows : others
    precondition(
      g.count >= count * rows * others && b.count >= count * inner * width
        && c.count >= count * outer * width)
    g.withUnsafeBufferPointer { g in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let g = g.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          blockedProduct(
            rows: outer, columns: width, inner: inner,
            a: StridedMatrix(
              base: g, row: transposed ? 1 : others, column: transposed ? others : 1), b: b,
            bRow: width, c: c, cRow: width, adding: true,
            steps: ProductSteps(
              count: count, a: rows * others, b: inner * width, c: outer * width))
        }
      }
    }
  }
}
