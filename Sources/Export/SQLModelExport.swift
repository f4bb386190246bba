internal import FairpostLearning
internal import FairpostNumerics

/// A model as one query that DuckDB, SQLite and PostgreSQL read alike.
enum SQLModelExport {
  static func code(_ model: ExportedModel, _ about: [String], table: String) -> String {
    var text = ExportText.comments("--", about)
    text += """
      -- Reads the table \(table) and gives all its columns with the scores. Categories are compared as text.
      -- The columns fp_... between them are the way there.

      """
    var features: [String] = []
    for column in model.columns { features += Self.features(of: column) }
    var parts = [
      "fp_0 AS MATERIALIZED (SELECT t.*, "
        + features.enumerated().map { "\($0.element) AS fp_0_\($0.offset)" }
        .joined(separator: ",\n  ") + " FROM \(SQLExport.name(table)) AS t)"
    ]
    if features.isEmpty {
      parts = ["fp_0 AS MATERIALIZED (SELECT t.* FROM \(SQLExport.name(table)) AS t)"]
    }
    for (place, layer) in model.layers.enumerated() {
      let isLast = place + 1 == model.layers.count
      let outputs = zip(layer.weights, layer.biases).enumerated().map { output, unit in
        let terms = unit.0.enumerated().filter { $0.element != 0 }.map {
          "\(number($0.element)) * fp_\(place)_\($0.offset)"
        }
        // Engines limit how deep a sum may be: it is written as a balanced tree.
        let sum = "(" + balanced(terms + [number(unit.1)]) + ")"
        return "\(sum) AS fp_s\(place + 1)_\(output)"
      }
      parts.append(
        "fp_s\(place + 1) AS MATERIALIZED (SELECT q.*, \(outputs.joined(separator: ",\n  ")) FROM fp_\(place) AS q)"
      )
      if isLast { break }
      let active = layer.biases.indices.map {
        "\(activated("fp_s\(place + 1)_\($0)", model.activation)) AS fp_\(place + 1)_\($0)"
      }
      parts.append(
        "fp_\(place + 1) AS MATERIALIZED (SELECT q.*, \(active.joined(separator: ",\n  ")) FROM fp_s\(place + 1) AS q)"
      )
    }
    let last = model.layers.count
    var scores: [String] = []
    var at = 0
    for task in model.tasks {
      let own = task.scoreNames.indices.map { "fp_s\(last)_\(at + $0)" }
      at += own.count
      for (place, name) in task.scoreNames.enumerated() {
        scores.append("\(score(place, of: own, task.kind)) AS \(SQLExport.name(name))")
      }
    }
    return text + "WITH " + parts.joined(separator: ",\n") + "\nSELECT q.*, "
      + scores.joined(separator: ",\n  ") + " FROM fp_s\(last) AS q;\n"
  }

  private static func number(_ value: Double) -> String { SQLExport.number(value) }

  private static func features(of column: ColumnEncoding) -> [String] {
    let name = SQLExport.name(column.name)
    var own: [String]
    var isMissing = "\(name) IS NULL"
    switch column.kind {
    case .numeric(let mean, let scale, let fill):
      let x = "CAST(\(name) AS DOUBLE PRECISION)"
      isMissing += " OR \(x) <> \(x)"
      own = [
        "((CASE WHEN \(isMissing) THEN \(number(fill)) ELSE \(x) END - \(number(mean))) / \(number(scale)))"
      ]
    case .categorical(let levels, let other):
      let text = "CAST(\(name) AS TEXT)"
      isMissing += " OR \(text) = ''"
      let known = levels.map { "\(text) = \(SQLExport.string($0.bytes))" }
      own = known.map { "CASE WHEN \(name) IS NOT NULL AND \($0) THEN 1.0e0 ELSE 0.0e0 END" }
      if other {
        own.append(
          "CASE WHEN \(isMissing) OR \(text) IN (\(levels.map { SQLExport.string($0.bytes) }.joined(separator: ", "))) THEN 0.0e0 ELSE 1.0e0 END"
        )
      }
    }
    if column.missingIndicator { own.append("CASE WHEN \(isMissing) THEN 1.0e0 ELSE 0.0e0 END") }
    return own
  }

  private static func balanced(_ terms: [String]) -> String {
    guard terms.count > 16 else { return terms.joined(separator: " + ") }
    let half = terms.count / 2
    return "(\(balanced(Array(terms[..<half])))) + (\(balanced(Array(terms[half...]))))"
  }

  private static func activated(_ x: String, _ activation: Activation) -> String {
    switch activation {
    case .relu: "CASE WHEN \(x) > 0 THEN \(x) ELSE 0.0e0 END"
    case .tanh: "tanh(\(x))"
    case .identity: x
    }
  }

  private static func score(_ place: Int, of own: [String], _ kind: TaskKind) -> String {
    switch kind {
    case .binary: return "1.0e0 / (1.0e0 + \(power("-(\(own[0]))")))"
    case .regression(let logTarget): return logTarget ? "exp(\(own[0]))" : own[0]
    case .multiclass:
      // Each share by the differences to its own output: no largest one is needed.
      let others = own.indices.filter { $0 != place }
      return "1.0e0 / (1.0e0 + \(balanced(others.map { power("\(own[$0]) - \(own[place])") })))"
    }
  }

  /// A power that neither overflows nor underflows, which some engines take for an error.
  private static func power(_ x: String) -> String {
    "exp(CASE WHEN \(x) > 700 THEN 700.0e0 WHEN \(x) < -700 THEN -700.0e0 ELSE \(x) END)"
  }
}
