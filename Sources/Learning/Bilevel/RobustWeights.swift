internal import FairpostNumerics

/// The weights within a ball around equal ones under which losses weigh most.
package enum RobustBall: String, Sendable, CaseIterable {
  /// |q - 1/A|^2 <= 2 radius / A; weights may be negative when the radius is large (FairDRO).
  case euclidean
  /// KL(q || uniform) <= radius.
  case kl
  /// KL(uniform || q) <= radius.
  case reverseKL = "reverse-kl"

  /// The worst weights of some losses; equal ones where the losses are.
  package func weights(_ losses: [Double], radius: Double) -> [Double] {
    let count = Double(losses.count)
    let equal = [Double](repeating: 1 / count, count: losses.count)
    let mean = losses.reduce(0, +) / count
    let norm = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    guard norm > 0, radius > 0 else { return equal }
    switch self {
    case .euclidean:
      let scale = (2 * radius / count).squareRoot() / norm
      return losses.map { 1 / count + scale * ($0 - mean) }
    case .kl: return tilted(losses, radius)
    case .reverseKL: return inverse(losses, radius)
    }
  }

  /// q ~ exp(t loss), t where the divergence is the radius, or without bound where it cannot be.
  private func tilted(_ losses: [Double], _ radius: Double) -> [Double] {
    let largest = losses.max() ?? 0
    let count = Double(losses.count)
    func weights(_ t: Double) -> [Double] {
      let powers = losses.map { Elementwise.exponential(t * ($0 - largest)) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
    func divergence(_ t: Double) -> Double {
      weights(t).reduce(0) { $0 + ($1 > 0 ? $1 * Elementwise.logarithm($1 * count) : 0) }
    }
    let ties = losses.count { $0 == largest }
    // The farthest any tilt goes: all weight on the largest losses.
    if radius >= Elementwise.logarithm(count / Double(ties)) - 1e-12 {
      return losses.map { $0 == largest ? 1 / Double(ties) : 0 }
    }
    var (low, high) = (0.0, 1.0)
    while divergence(high) < radius { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if divergence(middle) < radius { low = middle } else { high = middle }
    }
    return weights((low + high) / 2)
  }

  /// q ~ 1 / (eta - loss), eta above the largest loss where the divergence is the radius.
  private func inverse(_ losses: [Double], _ radius: Double) -> [Double] {
    let largest = losses.max() ?? 0
    let spread = largest - (losses.min() ?? 0)
    let count = Double(losses.count)
    func weights(_ above: Double) -> [Double] {
      let parts = losses.map { 1 / (above + (largest - $0)) }
      let sum = parts.reduce(0, +)
      return parts.map { $0 / sum }
    }
    func divergence(_ above: Double) -> Double {
      weights(above).reduce(0) { $0 - Elementwise.logarithm($1 * count) / count }
    }
    // Near the largest loss the divergence has no bound, far above it there is none.
    var (low, high) = (spread * 1e-150, spread)
    while divergence(high) > radius { high *= 2 }
    for _ in 0..<2000 {
      let middle = high / low > 4 ? (low * high).squareRoot() : (low + high) / 2
      if middle <= low || middle >= high { break }
      if divergence(middle) > radius { low = middle } else { high = middle }
    }
    return weights(high)
  }
}
