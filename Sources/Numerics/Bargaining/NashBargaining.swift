/// The Nash bargaining solution between players who each have a gradient of their own.
///
/// With the gradients g_1 ... g_K as columns of G, the players agree on the direction d = G a, where
/// a > 0 solves (G'G) a = 1/a. Then every player gains, <g_k, d> = 1 / a_k, and |d|^2 = K. The
/// solution depends on a gradient's direction only: with c g_k in place of g_k, a_k / c takes the
/// place of a_k, and d stays. Dependent gradients do no harm.
///
/// There is a solution just where 0 is no weighted mean of the gradients; it is then the only minimum
/// of 1/2 a'(G'G)a - sum log a_k, found here by damped Newton steps.
package enum NashBargaining {
  /// What the players come to.
  package enum Outcome: Sendable, Hashable {
    /// They agree on G `weights`.
    ///
    /// - Parameter residual: max |a_k (G'G a)_k - 1|.
    case agreement(weights: [Double], residual: Double)
    /// No direction is a gain for all: the mean of the gradients, each brought to norm 1, with
    /// `certificate` as weights is of norm `norm`, which is 0 but for rounding.
    case conflict(certificate: [Double], norm: Double)
    /// A player's gradient is 0, so nothing is a gain for that player.
    case zeroGradient(player: Int)
    /// A player's gradient, or an inner product with it, is not a finite number.
    case notFinite(player: Int)
    /// The numbers cannot be inner products: those of two players exceed the product of their norms.
    case notInnerProducts(first: Int, second: Int)
    /// The gradients so nearly cancel that rounding leaves nothing of the solution.
    case unsolved(residual: Double)
  }

  /// Norms of the minimum-norm point of unit gradients up to which it counts as 0.
  private static let zeroNorm = 1e-6
  /// The largest residual of a solution.
  ///
  /// Rounding alone leaves about 1e-16 K / norm^2, with the norm of the minimum-norm point; with
  /// less than 1 every player still gains.
  private static let largestResidual = 1e-3

  /// Bargains.
  ///
  /// - Parameters:
  ///   - gram: the inner products of the players' gradients, row by row.
  ///   - players: how many there are.
  ///   - smallest: norms below this share of the largest one count as 0. The solution itself does not
  ///     depend on the norms, but a gradient that is all rounding error has no direction.
  package static func solve(
    gram: [Double], players: Int, smallest: Double = 1e-20
  ) -> Outcome {
    precondition(players > 0 && gram.count == players * players)
    var norms = [Double](repeating: 0, count: players)
    for k in 0..<players {
      let square = gram[k * players + k]
      guard square.isFinite, square >= 0 else { return .notFinite(player: k) }
      norms[k] = square.squareRoot()
    }
    let largest = norms.max() ?? 0
    for k in 0..<players
    where norms[k] <= smallest * largest || gram[k * players + k] < .leastNormalMagnitude {
      return .zeroGradient(player: k)
    }
    // Unit gradients: what remains is their angles.
    var cosines = [Double](repeating: 1, count: players * players)
    for i in 0..<players {
      for j in 0..<i {
        let product = 0.5 * gram[i * players + j] + 0.5 * gram[j * players + i]
        let cosine = product / norms[i] / norms[j]
        guard cosine.isFinite else { return .notFinite(player: i) }
        guard abs(cosine) <= 1 + 1e-6 else { return .notInnerProducts(first: j, second: i) }
        cosines[i * players + j] = min(max(cosine, -1), 1)
        cosines[j * players + i] = cosines[i * players + j]
      }
    }
    if !isPlainlyFeasible(cosines, players) {
      let point = MinimumNorm(gram: cosines, count: players)
      if point.norm <= zeroNorm {
        return .conflict(certificate: point.weights, norm: point.norm)
      }
    }
    var (weights, residual) = newton(cosines, players)
    guard residual <= largestResidual else { return .unsolved(residual: residual) }
    for k in 0..<players { weights[k] /= norms[k] }
    return .agreement(weights: weights, residual: residual)
  }

  /// Whether the plain mean of the unit gradients is a gain for all, by enough to be no rounding.
  ///
  /// With m its least inner product with a player, no weighted mean is shorter than m / |mean|.
  private static func isPlainlyFeasible(_ cosines: [Double], _ players: Int) -> Bool {
    let even = [Double](repeating: 1 / Double(players), count: players)
    var least = Double.infinity
    var square = 0.0
    for k in 0..<players {
      let product = MinimumNorm.row(k, cosines, even)
      least = min(least, product)
      square += product / Double(players)
    }
    return least > 10 * zeroNorm * max(square, 0).squareRoot() && square > 0
  }

  /// Minimises 1/2 b'Cb - sum log b_k.
  ///
  /// The function is self-concordant, so a step of 1 / (1 + decrement) needs no search and keeps b
  /// positive, and near the minimum whole steps converge quadratically. C + diag(1/b^2) is positive
  /// definite whatever C is.
  private static func newton(
    _ cosines: [Double], _ players: Int
  ) -> (weights: [Double], residual: Double) {
    var system = PositiveSystem(atMost: players)
    var gains = (0..<players).map { k in
      cosines[k * players..<(k + 1) * players].reduce(0, +)
    }
    // The minimum along the ray of equal weights.
    let start = (Double(players) / max(gains.reduce(0, +), .leastNormalMagnitude)).squareRoot()
    var weights = [Double](repeating: start, count: players)
    var best = (weights: weights, residual: Double.infinity)
    var last = Double.infinity
    for _ in 0..<100 {
      var residual = 0.0
      for k in 0..<players {
        gains[k] = MinimumNorm.row(k, cosines, weights)
        residual = max(residual, abs(weights[k] * gains[k] - 1))
      }
      if residual < best.residual { best = (weights, residual) }
      let solved = system.solve(order: players) { matrix, right in
        for i in 0..<players {
          for j in 0..<i { matrix[i * players + j] = cosines[i * players + j] }
          matrix[i * players + i] = 1 + 1 / (weights[i] * weights[i])
          right[i] = 1 / weights[i] - gains[i]
        }
      }
      guard let step = solved else { break }
      var square = 0.0
      for k in 0..<players { square += step[k] * (1 / weights[k] - gains[k]) }
      let decrement = max(square, 0).squareRoot()
      // Rounding is all that is left once whole steps no longer help.
      if square <= 0 || square <= 1e-30 || (decrement < 0.25 && square >= last) { break }
      if decrement < 0.25 { last = square }
      let length = decrement < 0.25 ? 1 : 1 / (1 + decrement)
      for k in 0..<players { weights[k] += length * step[k] }
    }
    return best
  }
}
