internal import Methods
internal import Numerics
internal import Pipeline
internal import Transport

/// The words for what a fit refuses.
extension AdjustmentError {
  /// The failure a command ends with.
  func failure(input name: String) -> Failure {
    switch self {
    case .noRecords(let score):
      return Failure(
        .badData, "\(name): column \"\(score)\": no record has both a score and a group")
    case .smallCells(let cells, let minimum):
      return Failure(
        .badData,
        "\(name): groups with fewer than \(minimum) records: \(Self.list(cells))",
        hint: "collect more, lower --min-group, or choose --small-cell pool or marginal")
    case .singletons(let cells):
      return Failure(
        .badData, "\(name): groups of a single record: \(Self.list(cells))",
        hint: "a distribution cannot be seen in one record; --allow-singletons fits all the same")
    case .missingGroups(let rows):
      return Failure(
        .badData, "\(name): \(rows) record\(rows == 1 ? " has" : "s have") no group",
        hint: "choose --missing-group own, pool, pass or drop")
    case .badScores(let score, let rows):
      return Failure(
        .badData, "\(name): column \"\(score)\": \(rows) score(s) lie outside --range")
    case .badWeights(let rows):
      return Failure(.badData, "\(name): \(rows) weight(s) are missing, negative or not whole")
    case .needsKeys(let what):
      return Failure(.usage, "\(what) needs the records' key: --id COL")
    case .settings(let words): return Failure(.usage, words)
    case .transport(.emptyGroup, let score):
      return Failure(
        .badData, "\(name): column \"\(score)\": a group has no record left to fit from")
    case .transport(.fractionalWeights(let estimator), _):
      return Failure(
        .usage, "--estimator \(estimator.rawValue) works with whole weights only (--frequency)")
    case .transport(.targetBelowFloor(let target, let floor), let score):
      return Failure(
        .badData,
        "\(name): column \"\(score)\": --target-w2 \(NumberText.text(target)) is below the floor \(NumberText.text(floor)) that tied scores leave",
        hint: "--ties random (with --id) spreads ties")
    case .noGroupWeight(let key):
      return Failure(.badData, "--group-weights-file has no weight for group \(key)")
    case .unusable(let words): return Failure(.badData, "\(name): \(words)")
    case .cannotMerge(let words): return Failure(.badData, words)
    }
  }

  private static func list(_ cells: [CellCount]) -> String {
    let shown = cells.prefix(12).map { cell in
      "\(cell.keys.map(\.description).joined(separator: " / ")) (\(cell.rows))"
    }
    return shown.joined(separator: ", ") + (cells.count > 12 ? " and \(cells.count - 12) more" : "")
  }
}
