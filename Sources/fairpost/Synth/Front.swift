internal import FairpostEvaluation
internal import FairpostNumerics
internal import FairpostOptions

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
struct FrontGenerator: Generator {
  static let spec = MethodSpec(
    "front", summary: "linear groups whose Pareto set is the hull of their optima",
    details: [
      "Columns: id, group (g1, g2, ...), x1 ... xd, y. Group k of K has theta_k = (cos 2 pi k / K, sin 2 pi k / K, 0, ...); x has the covariance 0.5^|i-j|."
    ],
    options: [
      OptionSpec(
        "groups", nil, .integer("K", in: 1...1000), help: "groups", default: "3",
        section: "Options of front"),
      OptionSpec(
        "dimensions", nil, .integer("D", in: 2...1000), help: "features", default: "2",
        section: "Options of front"),
      OptionSpec(
        "size", nil, .integer("N", in: 0...1_000_000_000), help: "rows in each group",
        default: "1000", section: "Options of front"),
      OptionSpec(
        "noise", nil, .number("X", in: 0...1e300), help: "the noise's deviation", default: "0.5",
        section: "Options of front"),
    ])

  let columns: [String]
  let count: Int
  private let seed: UInt64
  private let groups: Int
  private let dimensions: Int
  private let noise: Double

  init(_ options: ParsedOptions, seed: UInt64) {
    self.seed = seed
    groups = options.integer("groups") ?? 3
    dimensions = options.integer("dimensions") ?? 2
    noise = options.number("noise") ?? 0
    count = groups * (options.integer("size") ?? 0)
    columns = ["id", "group"] + (1...dimensions).map { "x\($0)" } + ["y"]
  }

  func append(row: Int, to line: inout RowText) {
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
