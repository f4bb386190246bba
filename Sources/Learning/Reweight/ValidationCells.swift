internal import FairpostNumerics

/// The rows that say what is fair: few, with a known group, sorted by group and label.
///
/// A cell is the rows of one group with one label. Cells, or whole groups, are the players whose
/// losses learning is to bring down; every cell counts alike, however many rows it has.
package struct ValidationCells: Sendable {
  /// A group and a label that have rows.
  package struct Cell: Sendable, Hashable {
    /// The code of the group.
    package let group: Int32
    /// The number of the class.
    package let label: Int

    /// A cell from its parts.
    package init(group: Int32, label: Int) {
      self.group = group
      self.label = label
    }
  }

  /// Who has a say.
  package enum Players: String, Sendable, Hashable, CaseIterable {
    /// Every group with every label.
    case cell
    /// Every group; its loss is the mean of its cells' losses.
    case group
  }

  /// The cells, by group and then by label.
  package let cells: [Cell]
  /// The groups, in the order of their codes.
  package let groups: [Int32]
  /// Cells without a row.
  package let missing: [Cell]
  /// The cell of each row, rows being sorted by cell.
  let cellOf: [Int]
  /// What a row counts within its cell; a cell's rows add up to 1.
  let shares: [Double]
  let targets: [Double]
  let batch: Batch

  /// Sorts rows with a group, a label and a weight into cells.
  ///
  /// - Parameter classes: how many labels there are; 1 for a label that is a number, where the cells
  ///   are the groups.
  package init(_ data: LearningData, classes: Int) {
    let targets = data.tasks[0].targets
    let used = (0..<data.rows).filter {
      data.weights[$0] > 0 && !targets[$0].isNaN && !data.groups.isEmpty && data.groups[$0] >= 0
    }
    let groups = Set(used.map { data.groups[$0] }).sorted()
    var cells: [Cell] = []
    var missing: [Cell] = []
    var order: [Int] = []
    var cellOf: [Int] = []
    var shares: [Double] = []
    for group in groups {
      for label in 0..<classes {
        let rows = used.filter {
          data.groups[$0] == group && (classes == 1 || Int(targets[$0]) == label)
        }
        guard !rows.isEmpty else {
          missing.append(Cell(group: group, label: label))
          continue
        }
        let total = rows.reduce(0) { $0 + data.weights[$1] }
        order += rows
        cellOf += rows.map { _ in cells.count }
        shares += rows.map { data.weights[$0] / total }
        cells.append(Cell(group: group, label: label))
      }
    }
    self.cells = cells
    self.groups = groups
    self.missing = missing
    self.cellOf = cellOf
    self.shares = shares
    self.targets = order.map { targets[$0] }
    batch = data.selecting(order).batch()
  }

  /// How many rows.
  package var rows: Int { targets.count }

  /// Weighted means by cell of a number for each row.
  func means(_ values: [Double]) -> [Double] {
    var means = [Double](repeating: 0, count: cells.count)
    for row in values.indices { means[cellOf[row]] += shares[row] * values[row] }
    return means
  }

  /// The mean over its cells for every group.
  package func byGroup(_ cellValues: [Double]) -> [Double] {
    groups.map { group in
      let own = cells.indices.filter { cells[$0].group == group }
      return own.reduce(0) { $0 + cellValues[$1] } / Double(own.count)
    }
  }

  /// What each cell counts for each player, a row for each player.
  func shares(of players: Players) -> [[Double]] {
    switch players {
    case .cell:
      return cells.indices.map { player in cells.indices.map { $0 == player ? 1 : 0 } }
    case .group:
      return groups.map { group in
        let own = Double(cells.reduce(0) { $1.group == group ? $0 + 1 : $0 })
        return cells.map { $0.group == group ? 1 / own : 0 }
      }
    }
  }

  /// The losses of all cells at some parameters, without dropout.
  package func losses(
    _ shape: NetworkShape, _ parameters: [Double], _ loss: ValidationLoss
  ) -> [Double] {
    let outputs = shape.outputs(parameters, batch)
    var delta = [Double](repeating: 0, count: outputs.count)
    return means(
      targets.indices.map { row in
        loss.valueAndGradient(
          outputs, row * shape.outputs, target: targets[row], loss: shape.soleLoss, into: &delta)
      })
  }
}
