/// A matrix of which only the numbers that are not 0 are kept, row by row.
///
/// One-hot columns make most of a design matrix 0: a row then costs as much as it has categories,
/// not as much as there are levels.
package struct SparseRows: Sendable {
  /// How many columns.
  package let columns: Int
  private let starts: [Int]
  private let places: [Int32]
  private let values: [Double]

  /// The same matrix without its zeros; nil where more than a share `limit` of it is not 0.
  ///
  /// - Parameter matrix: the numbers, row by row.
  package init?(_ matrix: [Double], columns: Int, limit: Double = 0.25) {
    precondition(columns > 0 && matrix.count % columns == 0 && columns <= Int32.max)
    let most = Int(limit * Double(matrix.count))
    var filled = 0
    for value in matrix where value != 0 { filled += 1 }
    guard filled <= most else { return nil }
    self.columns = columns
    let rows = matrix.count / columns
    var starts = [0]
    var places: [Int32] = []
    var values: [Double] = []
    starts.reserveCapacity(rows + 1)
    places.reserveCapacity(filled)
    values.reserveCapacity(filled)
    for row in 0..<rows {
      for column in 0..<columns where matrix[row * columns + column] != 0 {
        places.append(Int32(column))
        values.append(matrix[row * columns + column])
      }
      starts.append(values.count)
    }
    self.starts = starts
    self.places = places
    self.values = values
  }

  /// Adds X W for some rows to `output`.
  ///
  /// - Parameters:
  ///   - weights: W, columns x width, row by row.
  ///   - output: rows x width, beginning with the first of `rows`.
  package func addProduct(
    _ rows: Range<Int>, weights: [Double], width: Int, to output: inout [Double]
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound < starts.count && width > 0)
    precondition(weights.count >= columns * width && output.count >= rows.count * width)
    weights.withUnsafeBufferPointer { w in
      output.withUnsafeMutableBufferPointer { z in
        guard let w = w.baseAddress, var to = z.baseAddress else { return }
        for row in rows {
          for at in starts[row]..<starts[row + 1] {
            let x = values[at]
            let from = w + Int(places[at]) * width
            for c in 0..<width { to[c] += x * from[c] }
          }
          to += width
        }
      }
    }
  }

  /// Adds X' D for some rows to `sums`.
  ///
  /// - Parameters:
  ///   - delta: D, rows x width, beginning with the first of `rows`.
  ///   - squared: whether the numbers of X count squared.
  ///   - sums: columns x width, row by row.
  package func addTransposedProduct(
    _ rows: Range<Int>, delta: [Double], width: Int, squared: Bool = false,
    to sums: inout [Double]
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound < starts.count && width > 0)
    precondition(sums.count >= columns * width && delta.count >= rows.count * width)
    delta.withUnsafeBufferPointer { d in
      sums.withUnsafeMutableBufferPointer { s in
        guard var from = d.baseAddress, let s = s.baseAddress else { return }
        for row in rows {
          for at in starts[row]..<starts[row + 1] {
            let x = squared ? values[at] * values[at] : values[at]
            let to = s + Int(places[at]) * width
            for c in 0..<width { to[c] += x * from[c] }
          }
          from += width
        }
      }
    }
  }
}
