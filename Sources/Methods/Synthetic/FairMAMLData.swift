internal import FairpostNumerics

/// The synthetic tasks of Fair-MAML: lines to learn from, and Gaussian components held out.
package struct FairMAMLGenerator: Generator {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// Training tasks.
    package var tasks = 100
    /// The rows of each task.
    package var rowsPerTask = 200
    /// Held-out tasks.
    package var heldOut = 1
    /// Rows to adapt with in each held-out task.
    package var shots = 5
    /// The angle is pi / phi.
    package var phi = 4.0

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "tasks", \.tasks, in: 1...1_000_000, help: "training tasks",
          section: "Options of fair-maml"),
        .integer(
          "rows-per-task", \.rowsPerTask, in: 1...1_000_000, help: "rows of each task",
          section: "Options of fair-maml"),
        .integer(
          "held-out", \.heldOut, in: 0...1_000_000, help: "held-out tasks",
          section: "Options of fair-maml"),
        .integer(
          "shots", \.shots, "K", in: 0...1_000_000,
          help: "rows to adapt with in each held-out task, besides the others",
          section: "Options of fair-maml"),
        .number(
          "phi", \.phi, in: 1e-3...1e9, help: "the angle is pi / X",
          section: "Options of zafar and fair-maml"),
      ])
    }
  }

  package static let info = MethodInfo(
    "fair-maml",
    summary: "the tasks of Fair-MAML's synthetic experiment; the held-out ones come last",
    details: [
      "Columns: id, task (t1, t2, ...; held-out tasks h1, h2, ...), part (train; in held-out tasks adapt and test), x1, x2, protected, label. Points and attribute are as in zafar. In a training task the label is 1 above a line through the origin whose slope is uniform in -5 to 5; in a held-out task it is the point's component, and the rows to adapt with are all positive and protected."
    ])

  package let settings: Settings

  package let columns = ["id", "task", "part", "x1", "x2", "protected", "label"]
  package let count: Int
  private let tasks: Int
  private let rowsPerTask: Int
  private let shots: Int
  private let phi: Double

  package init(_ settings: Settings) {
    self.settings = settings
    tasks = settings.tasks
    rowsPerTask = settings.rowsPerTask
    shots = settings.shots
    phi = settings.phi
    count = tasks * rowsPerTask + settings.heldOut * (rowsPerTask + shots)
  }

  package func append(row: Int, seed: UInt64, to line: inout RowText) {
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
