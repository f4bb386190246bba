internal import FairpostNumerics

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Linear-Gaussian groups with one covariance, whose Pareto set is the convex hull of their optima.
///
/// In group k, y = x . theta_k + noise with x normal of a covariance all groups share. Each group's
/// mean squared error is then the same quadratic around another centre theta_k, and a linear model is
/// Pareto optimal for the groups exactly if its coefficients lie in the convex hull of the centres.
package struct FrontGenerator: Generator {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// Groups.
    package var groups = 3
    /// Features.
    package var dimensions = 2
    /// The rows of each group.
    package var size = 1000
    /// The noise's deviation.
    package var noise = 0.5

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "groups", \.groups, "K", in: 1...1000, help: "groups", section: "Options of front"),
        .integer(
          "dimensions", \.dimensions, "D", in: 2...1000, help: "features",
          section: "Options of front"),
        .integer(
          "size", \.size, in: 0...1_000_000_000, help: "rows in each group",
          section: "Options of front"),
        .number(
          "noise", \.noise, in: 0...1e300, help: "the noise's deviation",
          section: "Options of front"),
      ])
    }
  }

  package static let info = MethodInfo(
    "front", summary: "groups with linear truths, whose best trade-offs are known in closed form",
    details: [
      "Columns: id, group (g1, g2, ...), x1 ... xd, y. Group k of K has theta_k = (cos 2 pi k / K, sin 2 pi k / K, 0, ...); x has the covariance 0.5^|i-j|."
    ])

  package let settings: Settings

  package let columns: [String]
  package let count: Int
  private let groups: Int
  private let dimensions: Int
  private let noise: Double

  package init(_ settings: Settings) {
    self.settings = settings
    groups = settings.groups
    dimensions = settings.dimensions
    noise = settings.noise
    count = groups * settings.size
    columns = ["id", "group"] + (1...dimensions).map { "x\($0)" } + ["y"]
  }

  package func append(row: Int, seed: UInt64, to line: inout RowText) {
    var random = RandomStream(seed: seed, purpose: "synth front", index: UInt64(row))
    let group = row % groups
    let angle = 2 * Double.pi * Double(group) / Double(groups)
    line.add(row + 1)
    line.add("g\(group + 1)")
    var x = random.normal()
    var y = 0.0
    for place in 0..<dimensions {
      // A first-order autoregression has the covariance 0.5^|i-j|.
      if place > 0 { x = 0.5 * x + 0.75.squareRoot() * random.normal() }
      if place == 0 { y += cos(angle) * x }
      if place == 1 { y += sin(angle) * x }
      line.add(x)
    }
    line.add(y + noise * random.normal())
    line.end()
  }
}
