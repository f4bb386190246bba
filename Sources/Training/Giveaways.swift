package import FairpostLearning
internal import FairpostNumerics
internal import FairpostPipeline
package import FairpostText
internal import FairpostTransport

/// Features that by themselves give the label or the group away, and features that look like keys.
///
/// They are found on the rows to learn from, on a sample of them by a hash where there are many.
package struct Giveaways {
  /// A feature that predicts something nearly perfectly.
  package struct Finding {
    package let feature: String
    package let target: String
    package let isGroup: Bool
    package let figure: SoleFigure
  }

  package private(set) var findings: [Finding] = []
  /// Features with as many values as rows, and how many these are.
  package private(set) var keys: [(feature: String, values: Int)] = []

  /// Rows that are looked at, at the most.
  private static let mostRows = 20_000

  /// Looks at every feature by itself.
  package init(_ rows: TrainingRows, features: [String], training: [Int], seed: UInt64) {
    let hash = StableHash(seed: seed, purpose: "train.giveaway")
    var hashes = training.map { hash(rows.keys[$0]) }
    var chosen = training
    if training.count > Self.mostRows {
      // Equal records have equal hashes: all of them are below the limit, or none.
      let limit = hashes.sorted()[Self.mostRows]
      let kept = hashes.indices.filter { hashes[$0] < limit }
      chosen = kept.map { training[$0] }
      hashes = kept.map { hashes[$0] }
    }
    let isSecondHalf = hashes.map { $0 & 1 == 1 }
    let targets = Self.targets(rows)
    for name in features {
      guard let column = rows.columns[name] else { continue }
      if column.looksLikeAKey(chosen), column.looksLikeAKey(training) {
        keys.append((name, column.presentCount(training)))
      }
      let feature = SoleFeature(column, rows: chosen, isSecondHalf: isSecondHalf)
      for (target, isGroup, values) in targets where target != name {
        guard let figure = feature.figure(for: values, weights: rows.weights),
          figure.isNearlyPerfect
        else { continue }
        findings.append(
          Finding(feature: name, target: target, isGroup: isGroup, figure: figure))
      }
    }
  }

  /// The tasks' labels, then every sensitive column by itself.
  private static func targets(
    _ rows: TrainingRows
  ) -> [(name: String, isGroup: Bool, values: SoleTarget)] {
    var result: [(name: String, isGroup: Bool, values: SoleTarget)] = []
    for task in rows.tasks {
      switch task.kind {
      case .binary: result.append((task.name, false, .binary(task.targets)))
      case .regression: result.append((task.name, false, .number(task.targets)))
      case .multiclass(let classes):
        let codes = task.targets.map { $0.isNaN ? -1 : Int32($0) }
        result.append((task.name, false, .classes(codes, count: classes.count)))
      }
    }
    var seen: Set<String> = []
    for attribute in (rows.group.map { [$0] } ?? []) + rows.others {
      for (place, column) in attribute.columns.enumerated() where seen.insert(column).inserted {
        let values = attribute.keys.map { $0.parts[place] }
        let names = Set(values).sorted()
        guard names.count > 1 else { continue }
        let codeOf = values.map { value in Int32(names.firstIndex(of: value) ?? 0) }
        let codes = attribute.codes.map { $0 < 0 ? -1 : codeOf[Int($0)] }
        result.append(
          names.count == 2
            ? (column, true, .binary(codes.map { $0 < 0 ? .nan : Double($0) }))
            : (column, true, .classes(codes, count: names.count)))
      }
    }
    return result
  }

  /// A sentence for each feature that gives something away, and for each key, such as a table has below it.
  package var warnings: [Message] {
    findings.prefix(5).map { finding in
      finding.isGroup
        ? "\(Self.words([finding])): a model that learns from it knows the group (\(option: "exclude") \(finding.feature) keeps it out)"
        : "\(Self.words([finding])): leave it out (\(option: "exclude") \(finding.feature)) unless it is known when the model is used"
    }
      + (findings.count > 5
        ? ["\(findings.count - 5) more features give the label or the group away"] : [])
  }

  /// What is said of them, labels before groups, all that gives something away in the first line.
  package var notes: [Message] {
    var lines: [Message] = []
    let ofLabels = findings.filter { !$0.isGroup }
    let ofGroups = findings.filter(\.isGroup)
    var parts: [Message] = []
    if !ofLabels.isEmpty {
      let names = Self.names(ofLabels)
      parts.append(
        "\(Self.words(ofLabels)): leave it out unless it is known when the model is used (\(option: "exclude") \(names))"
      )
    }
    if !ofGroups.isEmpty {
      parts.append(
        "\(Self.words(ofGroups)): a model that learns from it knows the group anyway (\(option: "exclude") \(Self.names(ofGroups)) keeps it out)"
      )
    }
    if !parts.isEmpty { lines.append("check the features: " + parts.joined(separator: "; ")) }
    for (feature, values) in keys {
      lines.append(
        "column \"\(feature)\" has as many values as rows (\(Console.grouped(values))): it looks like a key, but is a feature: \(option: "id") \(feature) or \(option: "exclude") \(feature) keeps it out"
      )
    }
    return lines
  }

  private static func names(_ findings: [Finding]) -> String {
    var names: [String] = []
    for finding in findings where !names.contains(finding.feature) { names.append(finding.feature) }
    return names.joined(separator: ",")
  }

  private static func words(_ findings: [Finding]) -> String {
    let texts = findings.prefix(5).map { finding in
      "column \"\(finding.feature)\" alone predicts \(finding.isGroup ? "the group" : "the label") \"\(finding.target)\" nearly perfectly (\(words(finding.figure)))"
    }
    let more = findings.count > 5 ? ", and \(findings.count - 5) more" : ""
    return texts.joined(separator: ", ") + more
  }

  private static func words(_ figure: SoleFigure) -> String {
    let value = TrainingSummary.text(figure.value)
    return switch figure.kind {
    case .area: "AUC \(value)"
    case .explained: "R2 \(value)"
    case .accuracy(let constant):
      "accuracy \(value), where the commonest value has \(TrainingSummary.text(constant))"
    }
  }
}

extension FeatureColumn {
  /// How many of some rows have a value.
  fileprivate func presentCount(_ rows: [Int]) -> Int {
    switch self {
    case .numeric(let values): rows.count { !values[$0].isNaN }
    case .categorical(let codes, _): rows.count { codes[$0] >= 0 }
    }
  }
}
