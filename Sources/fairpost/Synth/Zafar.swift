internal import FairpostEvaluation
internal import FairpostMethods
internal import FairpostOptions

/// Zafar's two Gaussians with a sensitive attribute that depends on a rotated point.
struct ZafarGenerator: Generator {
  static let spec = MethodSpec(
    "zafar", summary: "two Gaussian classes and an attribute that goes with a rotated point",
    details: [
      "Columns: id, x1, x2, protected (1 or 0), label. Label 1: N((2, 2), ((5, 1), (1, 5))); label 0: N((-2, -2), ((10, 1), (1, 3))). A row is not protected with probability N1(x') / (N1(x') + N2(x')) at x' = x turned by pi / phi (Zafar and others, 2017, with the signs of their code)."
    ],
    options: [
      OptionSpec(
        "per-class", nil, .integer("N", in: 0...500_000_000), help: "rows of each class",
        default: "1000", section: "Options of zafar"),
      OptionSpec(
        "phi", nil, .number("X", in: 1e-3...1e9), help: "the angle is pi / X", default: "4",
        section: "Options of zafar and fair-maml"),
    ])

  let columns = ["id", "x1", "x2", "protected", "label"]
  let count: Int
  private let phi: Double
  private let seed: UInt64

  init(_ options: ParsedOptions, seed: UInt64) {
    count = 2 * (options.integer("per-class") ?? 0)
    phi = options.number("phi") ?? 4
    self.seed = seed
  }

  func append(row: Int, to line: inout RowText) {
    let made = SyntheticTasks.zafarRow(row, phi: phi, seed: seed)
    line.add(row + 1)
    line.add(made.x1)
    line.add(made.x2)
    line.add(made.isProtected ? 1 : 0)
    line.add(made.label)
    line.end()
  }
}
