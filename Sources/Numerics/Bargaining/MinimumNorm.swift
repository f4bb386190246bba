/// The point of smallest norm among the weighted means of some vectors, from their inner products.
///
/// It says whether any direction leads uphill for all vectors at once: there is one just where this
/// point is not 0, and then the point itself is such a direction.
struct MinimumNorm {
  /// A weight for each vector, adding up to 1.
  let weights: [Double]
  /// The norm of the weighted mean.
  let norm: Double
  /// The least inner product of the weighted mean with a vector; at the exact point it is norm^2.
  let least: Double

  /// Finds the point.
  ///
  /// Written as non-negative least squares, min |G m|^2 + (1'm - 1)^2 over m >= 0, whose solution is
  /// the point times a positive number; solved by Lawson and Hanson's active set, which ends after
  /// finitely many steps at the exact set of vectors with a weight.
  ///
  /// - Parameters:
  ///   - gram: inner products of vectors of norm 1, row by row.
  ///   - count: how many vectors.
  init(gram: [Double], count: Int) {
    var system = PositiveSystem(atMost: count)
    var weights = [Double](repeating: 0, count: count)
    var active: [Int] = []
    var isBarred = [Bool](repeating: false, count: count)
    var slopes = [Double](repeating: 1, count: count)

    steps: for _ in 0..<10 * count {
      let entering = (0..<count).filter { !isBarred[$0] && !active.contains($0) }
        .max { slopes[$0] < slopes[$1] }
      guard let entering, slopes[entering] > 1e-15 * Double(count) else { break }
      active.append(entering)
      var isNew = true
      while !active.isEmpty {
        let chosen = active
        let order = chosen.count
        let solved = system.solve(order: order) { matrix, right in
          for i in 0..<order {
            right[i] = 1
            for j in 0...i { matrix[i * order + j] = gram[chosen[i] * count + chosen[j]] + 1 }
          }
        }
        // A vector that depends on the others, or that would enter backwards, adds nothing.
        guard let target = solved.map(Array.init), !isNew || target[order - 1] > 0 else {
          active.removeAll { $0 == entering }
          weights[entering] = 0
          isBarred[entering] = true
          continue steps
        }
        isNew = false
        let leaving = target.indices.filter { target[$0] <= 0 }
        if leaving.isEmpty {
          for (place, vector) in chosen.enumerated() { weights[vector] = target[place] }
          break
        }
        // Go towards the target until the first weight reaches 0.
        var step = 1.0
        for place in leaving {
          let weight = weights[chosen[place]]
          step = min(step, weight / (weight - target[place]))
        }
        for (place, vector) in chosen.enumerated() {
          weights[vector] += step * (target[place] - weights[vector])
        }
        active.removeAll { vector in
          guard weights[vector] <= 1e-300 else { return false }
          weights[vector] = 0
          return true
        }
        // At least the weight that bounded the step is 0 but for rounding.
        if active.count == order,
          let smallest = leaving.min(by: { weights[chosen[$0]] < weights[chosen[$1]] })
        {
          weights[chosen[smallest]] = 0
          active.removeAll { $0 == chosen[smallest] }
        }
      }
      isBarred = [Bool](repeating: false, count: count)
      let total = weights.reduce(0, +)
      for i in 0..<count { slopes[i] = 1 - total - Self.row(i, gram, weights) }
    }

    let total = weights.reduce(0, +)
    for i in 0..<count { weights[i] /= total }
    var square = 0.0
    var least = Double.infinity
    for i in 0..<count {
      let product = Self.row(i, gram, weights)
      square += weights[i] * product
      least = min(least, product)
    }
    self.weights = weights
    self.least = least
    norm = max(square, 0).squareRoot()
  }

  /// The inner product of a vector with the weighted sum.
  static func row(_ i: Int, _ gram: [Double], _ weights: [Double]) -> Double {
    let count = weights.count
    var sum = 0.0
    gram.withUnsafeBufferPointer { gram in
      weights.withUnsafeBufferPointer { weights in
        for j in 0..<count { sum += gram[i * count + j] * weights[j] }
      }
    }
    return sum
  }
}
