internal import FairpostNumerics

/// Zafar's two Gaussians with a sensitive attribute that depends on a rotated point.
package struct ZafarGenerator: Generator {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The rows of each class.
    package var perClass = 1000
    /// The angle is pi / phi.
    package var phi = 4.0

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "per-class", \.perClass, in: 0...500_000_000, help: "rows of each class",
          section: "Options of zafar"),
        .number(
          "phi", \.phi, in: 1e-3...1e9, help: "the angle is pi / X",
          section: "Options of zafar and fair-maml"),
      ])
    }
  }

  package static let info = MethodInfo(
    "zafar", summary: "two Gaussian classes and an attribute that depends on the rotated point",
    details: [
      "Columns: id, x1, x2, protected (1 or 0), label. Label 1: N((2, 2), ((5, 1), (1, 5))); label 0: N((-2, -2), ((10, 1), (1, 3))). A row is not protected with probability N1(x') / (N1(x') + N2(x')) at x' = x turned by pi / phi (Zafar and others, 2017, with the signs of their code)."
    ])

  package let settings: Settings

  package let columns = ["id", "x1", "x2", "protected", "label"]
  package let count: Int
  private let phi: Double

  package init(_ settings: Settings) {
    self.settings = settings
    count = 2 * settings.perClass
    phi = settings.phi
  }

  package func append(row: Int, seed: UInt64, to line: inout RowText) {
    let made = SyntheticTasks.zafarRow(row, phi: phi, seed: seed)
    line.add(row + 1)
    line.add(made.x1)
    line.add(made.x2)
    line.add(made.isProtected ? 1 : 0)
    line.add(made.label)
    line.end()
  }
}
