package import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
package import FairpostRoles
package import FairpostTransport

extension EvaluationPlan {
  /// What every column was taken for, in one line that stands before everything else.
  package func words(
    _ kinds: [String: TaskKind], _ protected: [[String]: GroupKey], _ weight: WeightColumn?
  ) -> String {
    var parts: [String] = []
    for task in tasks {
      let scores = task.scores.map(\.name).joined(separator: ", ")
      let found = kinds[task.name]
      let label =
        task.label != nil
        ? Self.labels(task, found) : found == .regression ? "no labels, numbers" : "no labels"
      parts.append("task \(task.name) (\(label)) by \(scores)")
    }
    let names = attributes.map { $0.map(\.name) }
    if !names.isEmpty {
      let list = names.map { $0.joined(separator: ",") }.joined(separator: " and ")
      parts.append("groups of \(list)")
    }
    for name in names {
      if let key = protected[name] { parts.append(ProtectedValues.words(name, key)) }
    }
    if !continuous.isEmpty {
      parts.append("numeric attribute \(continuous.map(\.name).joined(separator: ", "))")
    }
    if !strata.isEmpty {
      parts.append("within strata of \(strata.map(\.name).joined(separator: ","))")
    }
    if let weight {
      parts.append("\(weight.isFrequency ? "frequency" : "weight") \(weight.column.name)")
    }
    return parts.joined(separator: "; ")
  }

  /// What a task's labels were declared or found to be.
  private static func labels(_ task: Task, _ found: TaskKind?) -> String {
    switch task.kind {
    case .binary(let positive?): return "binary, positive \(positive)"
    case .binary: return "binary: 0 and 1"
    case .regression: return "numbers"
    case .multiclass: return "classes"
    case .undeclared where task.isMulticlass: return "classes"
    case .undeclared: return found == .binary ? "binary: 0 and 1" : "numbers"
    }
  }
}

extension EvaluationPlan {
  /// Figures that are measured from the protected group's side carry it as their group.
  package func namingProtected(_ figures: [Figure], _ protected: [[String]: GroupKey]) -> [Figure] {
    guard !protected.isEmpty else { return figures }
    let directed = Set(MetricRegistry.all.filter { $0.needs.contains(.protected) }.map(\.id))
    return figures.map { figure in
      guard figure.group == nil, directed.contains(figure.metric) else { return figure }
      var named = figure
      named.group = protected[figure.attribute]
      return named
    }
  }
}
