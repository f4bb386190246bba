internal import FairpostLearning
internal import FairpostNumerics

/// Validation rows drawn from the training rows, a few of every group with every label.
struct CellDraw {
  /// The rows that validate, and those that are left to learn from.
  let validation: [Int]
  let training: [Int]
  /// Cells of which there were fewer than asked for, with how many were drawn.
  let few: [(cell: ValidationCells.Cell, rows: Int)]

  /// Draws by a hash of each record, so that the order of rows decides nothing.
  ///
  /// At most half of a cell is drawn, but one row where there is any.
  init(_ request: TrainingRequest, classes: Int, perCell: Int) {
    let data = request.data
    let hash = StableHash(seed: request.seed, purpose: "train.validation-cell")
    var rowsOf: [ValidationCells.Cell: [Int]] = [:]
    let targets = data.tasks[0].targets
    for row in 0..<data.rows
    where data.weights[row] > 0 && !targets[row].isNaN && !data.groups.isEmpty
      && data.groups[row] >= 0
    {
      let cell = ValidationCells.Cell(
        group: data.groups[row], label: classes == 1 ? 0 : Int(targets[row]))
      rowsOf[cell, default: []].append(row)
    }
    var isDrawn = [Bool](repeating: false, count: data.rows)
    var few: [(cell: ValidationCells.Cell, rows: Int)] = []
    for (cell, rows) in rowsOf.sorted(by: {
      ($0.key.group, $0.key.label) < ($1.key.group, $1.key.label)
    }) {
      let count = min(perCell, max(rows.count / 2, 1))
      if count < perCell { few.append((cell, count)) }
      let keyed = rows.map { row in
        (hash(row < request.keys.count ? request.keys[row] : UInt64(row)), row)
      }
      for (_, row) in keyed.sorted(by: { $0 < $1 }).prefix(count) { isDrawn[row] = true }
    }
    self.few = few
    validation = isDrawn.indices.filter { isDrawn[$0] }
    training = isDrawn.indices.filter { !isDrawn[$0] }
  }
}
