internal import FairpostEvaluation
internal import FairpostLearning
package import FairpostText

/// Columns that are left out of the features since they hold nothing to learn.
package struct IdleFeatures {
  package private(set) var names: Set<String> = []
  package private(set) var notes: [Message] = []

  /// Looks at the rows to learn from.
  ///
  /// - Parameter selecting: features by which `--rows` selects.
  package init(_ plan: TrainingPlan, _ rows: TrainingRows, _ training: [Int], selecting: [String]) {
    let used = training.filter { rows.weights[$0] > 0 }
    let columns = plan.features.compactMap { feature in
      rows.columns[feature.name].map { (feature.name, $0.valueCount(used)) }
    }
    let empty = columns.filter { $0.1 == 0 }.map(\.0)
    let single = columns.filter { $0.1 == 1 && selecting.contains($0.0) }.map(\.0)
    names = Set(empty + single)
    if !empty.isEmpty {
      notes.append(
        "not features, because every value to learn from is missing: \(empty.joined(separator: ", "))"
      )
    }
    if !single.isEmpty {
      notes.append(
        "not features, because \(option: "rows") leaves them a single value: \(single.joined(separator: ", "))"
      )
    }
    let kept = selecting.filter { !names.contains($0) }
    if !kept.isEmpty {
      notes.append(
        "still features, although \(option: "rows") selects rows by them: \(kept.joined(separator: ", ")) (\(option: "exclude") keeps them out)"
      )
    }
  }
}

extension FeatureColumn {
  /// How many different values some rows have: 0, 1, or 2 for more.
  fileprivate func valueCount(_ rows: [Int]) -> Int {
    switch self {
    case .numeric(let values):
      guard let first = rows.lazy.map({ values[$0] }).first(where: { !$0.isNaN }) else { return 0 }
      return rows.contains { !values[$0].isNaN && values[$0] != first } ? 2 : 1
    case .categorical(let codes, _):
      guard let first = rows.lazy.map({ codes[$0] }).first(where: { $0 >= 0 }) else { return 0 }
      return rows.contains { codes[$0] >= 0 && codes[$0] != first } ? 2 : 1
    }
  }
}
