internal import FairpostEvaluation
internal import FairpostNumerics
internal import FairpostOptions

/// Normal scores per group, whose barycentre is known in closed form.
///
/// The barycentre of N(m_s, v_s^2) with weights pi_s is N(sum pi m, (sum pi v)^2), so the fair score
/// of x in group s is m + v (x - m_s) / v_s, which the column `oracle` holds.
struct GaussiansGenerator: Generator {
  static let spec = MethodSpec(
    "gaussians", summary: "normal scores per group, with the closed-form fair score",
    details: [
      "Columns: id, group (g1, g2, ...), score, oracle (the fair score under the true distributions and the groups' true shares)."
    ],
    options: [
      OptionSpec(
        "means", nil, .numbers("X[,X...]", in: -1e300...1e300), help: "the groups' means",
        default: "0,1",
        section: "Options of gaussians"),
      OptionSpec(
        "deviations", nil, .numbers("X[,X...]", in: 0...1e300), help: "the groups' deviations",
        default: "1,2", section: "Options of gaussians"),
      OptionSpec(
        "sizes", nil, .integers("N[,N...]", in: 0...1_000_000_000), help: "the groups' rows",
        default: "700,300", section: "Options of gaussians"),
    ])

  let columns = ["id", "group", "score", "oracle"]
  let count: Int
  private let seed: UInt64
  private let means: [Double]
  private let deviations: [Double]
  private let ends: [Int]
  private let mean: Double
  private let deviation: Double

  init(_ options: ParsedOptions, seed: UInt64) throws {
    self.seed = seed
    means = options.numbers("means")
    deviations = options.numbers("deviations")
    let sizes = options.integers("sizes")
    guard means.count == deviations.count, means.count == sizes.count, !means.isEmpty else {
      throw UsageError(
        "--means, --deviations and --sizes need a value for each group: they have \(means.count), \(deviations.count) and \(sizes.count)"
      )
    }
    var ends: [Int] = []
    for size in sizes { ends.append((ends.last ?? 0) + size) }
    self.ends = ends
    count = ends.last ?? 0
    let total = Double(max(count, 1))
    mean = zip(sizes, means).reduce(0) { $0 + Double($1.0) / total * $1.1 }
    deviation = zip(sizes, deviations).reduce(0) { $0 + Double($1.0) / total * $1.1 }
  }

  func append(row: Int, to line: inout RowText) {
    var random = RandomStream(seed: seed, purpose: "synth gaussians", index: UInt64(row))
    let group = ends.firstIndex { row < $0 } ?? 0
    let z = random.normal()
    line.add(row + 1)
    line.add("g\(group + 1)")
    line.add(means[group] + deviations[group] * z)
    line.add(mean + deviation * z)
    line.end()
  }
}
