internal import FairpostNumerics

/// Normal scores per group, whose barycentre is known in closed form.
///
/// The barycentre of N(m_s, v_s^2) with weights pi_s is N(sum pi m, (sum pi v)^2), so the fair score
/// of x in group s is m + v (x - m_s) / v_s, which the column `oracle` holds.
package struct GaussiansGenerator: Generator {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The groups' means.
    package var means: [Double] = [0, 1]
    /// The groups' deviations.
    package var deviations: [Double] = [1, 2]
    /// The groups' rows.
    package var sizes = [700, 300]

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .numbers(
          "means", \.means, in: -1e300...1e300, help: "the groups' means",
          section: "Options of gaussians"),
        .numbers(
          "deviations", \.deviations, in: 0...1e300, help: "the groups' deviations",
          section: "Options of gaussians"),
        .integers(
          "sizes", \.sizes, in: 0...1_000_000_000, help: "the groups' rows",
          section: "Options of gaussians"),
      ])
    }

    /// Refuses lists of different length.
    package func check() throws(SettingFault) {
      guard means.count == deviations.count, means.count == sizes.count, !means.isEmpty else {
        throw SettingFault(
          "means", nil,
          .unsuited(
            "needs as many values as deviations and sizes: there are \(means.count), \(deviations.count) and \(sizes.count)"
          ))
      }
    }
  }

  package static let info = MethodInfo(
    "gaussians", summary: "normal scores for each group, with the fair score in closed form",
    details: [
      "Columns: id, group (g1, g2, ...), score, oracle (the fair score under the true distributions and the groups' true shares)."
    ])

  package let settings: Settings

  package let columns = ["id", "group", "score", "oracle"]
  package let count: Int
  private let means: [Double]
  private let deviations: [Double]
  private let ends: [Int]
  private let mean: Double
  private let deviation: Double

  package init(_ settings: Settings) {
    self.settings = settings
    means = settings.means
    deviations = settings.deviations
    let sizes = settings.sizes
    var ends: [Int] = []
    for size in sizes { ends.append((ends.last ?? 0) + size) }
    self.ends = ends
    count = ends.last ?? 0
    let total = Double(max(count, 1))
    mean = zip(sizes, means).reduce(0) { $0 + Double($1.0) / total * $1.1 }
    deviation = zip(sizes, deviations).reduce(0) { $0 + Double($1.0) / total * $1.1 }
  }

  package func append(row: Int, seed: UInt64, to line: inout RowText) {
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
