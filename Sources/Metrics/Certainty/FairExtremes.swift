package import FairpostNumerics

/// What the greatest and the least of many groups are where all have one true value.
///
/// Groups of one size have one law, and of a class of them only the two ends matter: the greatest of k
/// values is the law's quantile at the k-th root of a uniform number, and below it the least of the
/// others is found in the same way. So a draw costs two quantiles a class, however many the groups.
package struct FairExtremes {
  /// The law of one group's value.
  fileprivate enum Law: Hashable {
    /// A share of so many rows.
    case share(Int)
    /// Normal with this error, in steps of a hundredth of its size, between two ends.
    case normal(Int, isShare: Bool)
    /// Above or below `base` by a factor with this error, in the same steps.
    case factor(base: Double, Int)
    /// Never other than it is.
    case fixed
  }

  fileprivate struct Class {
    var law: Law
    var count = 0.0
    /// The cumulative shares of a count, and of what is above it; empty where the law is no share.
    var below: [Double] = []
    var above: [Double] = []
    /// The count the lists begin with.
    var first = 0
    var error = 0.0
  }

  private let common: Double
  private var classes: [Class] = []
  private var transform: (@Sendable (Double) -> Double)?
  /// The standard error of the weighted mean of all groups.
  private var meanError = 0.0

  /// The classes of some groups' estimates; nil where the law of one is not known.
  package init?(_ estimates: [Estimate], around common: Double, calibration: [Int]) {
    self.common = common
    var places: [Law: Int] = [:]
    var weight = 0.0
    var variance = 0.0
    for (index, estimate) in estimates.enumerated() {
      let size = max(estimate.size, 1)
      var inflation = 1.0
      if index < calibration.count, calibration[index] > 0 {
        inflation += size / Double(calibration[index])
      }
      guard let (law, error) = Self.law(estimate, common, inflation) else { return nil }
      if case .proportion(_, _, let transform) = estimate.spread { self.transform = transform }
      if let place = places[law] {
        classes[place].count += 1
      } else {
        places[law] = classes.count
        classes.append(Class(law: law, count: 1))
      }
      weight += size
      variance += size * size * error * error
    }
    meanError = variance.squareRoot() / weight
    // Dictionaries have no order of their own; the classes' is that of the groups.
    for place in classes.indices { classes[place].settle(common) }
  }

  /// Errors in steps of a hundredth: groups that differ by less are of one class.
  private static func step(_ error: Double) -> Int {
    error > 0 ? Int((Elementary.log(error) * 100).rounded()) : Int.min
  }

  /// The law of one group's value, and its standard error.
  private static func law(
    _ estimate: Estimate, _ common: Double, _ inflation: Double
  ) -> (Law, Double)? {
    switch estimate.spread {
    case .proportion(_, let total, _):
      let size = total / inflation
      let error = (common * (1 - common) / max(size, 1)).squareRoot()
      if size * common * (1 - common) > 200 { return (.normal(step(error), isShare: true), error) }
      return (.share(max(1, Int(size.rounded()))), error)
    case .normal(let error, _):
      let error = error * inflation.squareRoot()
      return (.normal(step(error), isShare: false), error)
    case .area(let variance, _):
      let error = (variance * inflation).squareRoot()
      return (.normal(step(error), isShare: true), error)
    case .twoProportions(let p, let n, let q, let m):
      let error = ((p * (1 - p) / n + q * (1 - q) / m) / 4 * inflation).squareRoot()
      return (.normal(step(error), isShare: false), error)
    case .multiplicative(let base, let error, _):
      let error = error * inflation.squareRoot()
      return (.factor(base: base, step(error)), error * abs(common - base))
    case .unseen: return (.fixed, 0)
    case .absolute, .unknown: return nil
    }
  }

  /// Draws of a figure of the ends; NaN where one has none.
  package func draws(_ aggregation: Aggregation, count: Int, _ stream: inout RandomStream)
    -> [Double]
  {
    (0..<count).map { _ in
      var low = Double.infinity
      var high = -Double.infinity
      for part in classes {
        // The greatest of k uniform numbers, as its distance from 1, which keeps its digits.
        let gap = -Elementary.expm1(Elementary.log(stream.uniform()) / part.count)
        high = max(high, value(part, below: 1 - gap, above: gap))
        if part.count > 1 {
          // Under it the others are uniform again.
          let share = -Elementary.expm1(Elementary.log(stream.uniform()) / (part.count - 1))
          let least = (1 - gap) * share
          low = min(low, value(part, below: least, above: 1 - least))
        } else {
          low = min(low, value(part, below: 1 - gap, above: gap))
        }
      }
      let mean = mapped(common) + meanError * stream.normal()
      return aggregation.value([low, high], overall: mean) ?? .nan
    }
  }

  private func mapped(_ share: Double) -> Double { transform?(share) ?? share }

  /// The value below which a share of the law lies, and above which the rest does.
  private func value(_ part: Class, below: Double, above: Double) -> Double {
    var normal: Double { below < above ? Normal.quantile(below) : -Normal.quantile(above) }
    switch part.law {
    case .share(let size):
      return mapped(Double(part.count(below: below, above: above)) / Double(size))
    case .normal(_, let isShare):
      let value = common + part.error * normal
      return isShare ? mapped(min(1, max(0, value))) : value
    case .factor(let base, _): return base + (common - base) * Elementary.exp(part.error * normal)
    case .fixed: return common
    }
  }
}

extension FairExtremes.Class {
  /// Fills in what the law's quantiles are read from.
  fileprivate mutating func settle(_ p: Double) {
    switch law {
    case .normal(let step, _), .factor(_, let step):
      error = step == Int.min ? 0 : Elementary.exp(Double(step) / 100)
    case .share(let size): settle(size: size, p)
    case .fixed: break
    }
  }

  /// The shares of the counts that occur, from the likeliest outward.
  private mutating func settle(size: Int, _ p: Double) {
    guard p > 0, p < 1 else {
      first = p > 0 ? size : 0
      (below, above) = ([1], [0])
      return
    }
    let n = Double(size)
    let mode = min(size, Int((n + 1) * p))
    let m = Double(mode)
    let choose =
      Elementary.logGamma(n + 1) - Elementary.logGamma(m + 1) - Elementary.logGamma(n - m + 1)
    let peak = Elementary.exp(choose + m * Elementary.log(p) + (n - m) * Elementary.log1p(-p))
    let odds = p / (1 - p)
    var masses: [Double] = []
    var mass = peak
    var count = mode
    while count > 0, mass > 1e-30 {
      mass *= Double(count) / (odds * Double(size - count + 1))
      count -= 1
      masses.append(mass)
    }
    first = count
    masses.reverse()
    masses.append(peak)
    (mass, count) = (peak, mode)
    while count < size, mass > 1e-30 {
      mass *= odds * Double(size - count) / Double(count + 1)
      count += 1
      masses.append(mass)
    }
    var sum = 0.0
    for mass in masses {
      sum += mass
      below.append(sum)
    }
    above = masses
    var rest = 0.0
    for place in masses.indices.reversed() {
      above[place] = rest
      rest += masses[place]
    }
  }

  /// The least count with at least this share at or below it, from the tail that keeps its digits.
  fileprivate func count(below level: Double, above rest: Double) -> Int {
    let isLow = level < rest
    return first
      + below.indices.dropLast().firstPlace { isLow ? below[$0] >= level : above[$0] <= rest }
  }
}
