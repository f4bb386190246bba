internal import FairpostComparison
internal import FairpostEvaluation
internal import FairpostMethods
internal import FairpostOptions

/// The synthetic tasks of Fair-MAML: lines to learn from, and Gaussian components held out.
struct FairMAMLGenerator: Generator {
  static let spec = MethodSpec(
    "fair-maml", summary: "tasks of Fair-MAML's synthetic experiment, one-sided held-out ones last",
    details: [
      "Columns: id, task (t1, t2, ...; held-out tasks h1, h2, ...), part (train; in held-out tasks adapt and test), x1, x2, protected, label. Points and attribute are those of zafar. In a training task the label is 1 above a line through the origin whose slope is uniform in -5 to 5; in a held-out task it is the point's component, and the rows to adapt with are all positive and protected."
    ],
    options: [
      OptionSpec(
        "tasks", nil, .integer("N", in: 1...1_000_000), help: "training tasks", default: "100",
        section: "Options of fair-maml"),
      OptionSpec(
        "rows-per-task", nil, .integer("N", in: 1...1_000_000), help: "rows of each task",
        default: "200", section: "Options of fair-maml"),
      OptionSpec(
        "held-out", nil, .integer("N", in: 0...1_000_000), help: "held-out tasks", default: "1",
        section: "Options of fair-maml"),
      OptionSpec(
        "shots", nil, .integer("K", in: 0...1_000_000),
        help: "rows to adapt with in each held-out task, beside the others", default: "5",
        section: "Options of fair-maml"),
      OptionSpec(
        "phi", nil, .number("X", in: 1e-3...1e9), help: "the angle is pi / X", default: "4",
        section: "Options of zafar and fair-maml"),
    ])

  let columns = ["id", "task", "part", "x1", "x2", "protected", "label"]
  let count: Int
  private let tasks: Int
  private let rowsPerTask: Int
  private let shots: Int
  private let phi: Double
  private let seed: UInt64

  init(_ options: ParsedOptions, seed: UInt64) {
    tasks = options.integer("tasks") ?? 100
    rowsPerTask = options.integer("rows-per-task") ?? 200
    shots = options.integer("shots") ?? 5
    phi = options.number("phi") ?? 4
    self.seed = seed
    count = tasks * rowsPerTask + (options.integer("held-out") ?? 0) * (rowsPerTask + shots)
  }

  func append(row: Int, to line: inout RowText) {
    let made: SyntheticTasks.Row
    line.add(row + 1)
    if row < tasks * rowsPerTask {
      let task = row / rowsPerTask
      made = SyntheticTasks.lineRow(task: task, row: row % rowsPerTask, phi: phi, seed: seed)
      line.add("t\(task + 1)")
      line.add("train")
    } else {
      let place = row - tasks * rowsPerTask
      let task = place / (rowsPerTask + shots)
      let own = place % (rowsPerTask + shots)
      let isShot = own < shots
      made = SyntheticTasks.heldOutRow(
        task: task, row: isShot ? own : own - shots, oneSided: isShot, phi: phi, seed: seed)
      line.add("h\(task + 1)")
      line.add(isShot ? "adapt" : "test")
    }
    line.add(made.x1)
    line.add(made.x2)
    line.add(made.isProtected ? 1 : 0)
    line.add(made.label)
    line.end()
  }
}
