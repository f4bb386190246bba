internal import FairpostCSV
internal import FairpostEvaluation
internal import FairpostJSON
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostTransport

/// A comparison as long CSV.
package enum ResultCSV {
  /// The columns; their order is a promise, new ones come behind.
  package static let columns = [
    "task", "arm", "method", "adjustment", "settings", "decisions", "metric", "attribute", "group",
    "class", "seeds", "value", "lower", "upper", "n", "floor95", "difference",
    "difference_lower", "difference_upper", "wide_lower", "wide_upper", "pareto", "seed", "flag",
  ]

  /// Every arm's figures over the seeds; a failed cell and an arm that is not applicable is a row.
  package static func bytes(_ table: ResultTable) throws -> [UInt8] {
    var bytes = line(columns.map { Array($0.utf8) })
    for arm in table.arms.indices {
      if let reason = table.notApplicable(arm) {
        bytes += line(empty(table.arms[arm], seed: "", flag: "not applicable: \(reason)"))
        continue
      }
      for row in table.rows where row.arm == arm { bytes += line(try fields(row, table)) }
      for (seed, reason) in table.failures(arm) {
        bytes += line(empty(table.arms[arm], seed: String(seed), flag: "failed: \(reason)"))
      }
    }
    return bytes
  }

  private static func fields(_ row: ResultTable.Row, _ table: ResultTable) throws -> [[UInt8]] {
    let arm = table.arms[row.arm]
    let doubt = table.metrics.tasks.first { $0.name == row.key.task }
      .flatMap { table.doubt(row.arm, $0) }
    let flag = [row.reason, arm.note, doubt ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
    return [
      text(row.key.task), text(arm.name), text(arm.method), text(arm.adjustment),
      text(arm.settings), text(row.key.decisions.rawValue), text(row.key.metric),
      try json(.array(row.key.attribute.map { .string($0) })),
      try row.key.group.map { try json(.group($0)) } ?? [], text(row.key.category ?? ""),
      text(String(row.mean?.count ?? 0)), number(row.mean?.mean), number(row.mean?.lower),
      number(row.mean?.upper), text(String(row.count)), number(row.floor),
      number(row.difference?.mean), number(row.difference?.lower), number(row.difference?.upper),
      number(row.wide?.lower), number(row.wide?.upper), text(row.isEfficient ? "1" : "0"), [],
      text(flag),
    ]
  }

  private static func empty(_ arm: Arm, seed: String, flag: String) -> [[UInt8]] {
    let known = [
      "arm": arm.name, "method": arm.method, "adjustment": arm.adjustment,
      "settings": arm.settings, "seed": seed, "flag": flag,
    ]
    return columns.map { text(known[$0] ?? "") }
  }

  /// Every cell's figures, seed by seed.
  package static func cells(_ table: ResultTable) throws -> [UInt8] {
    let names = [
      "task", "arm", "seed", "decisions", "metric", "attribute", "group", "class", "value", "n",
      "floor95", "flag",
    ]
    var bytes = line(names.map { Array($0.utf8) })
    for arm in table.arms.indices {
      for (seed, cell) in zip(table.seeds, table.cells[arm]) {
        for figure in cell?.figures ?? [] {
          bytes += line([
            text(figure.key.task), text(table.arms[arm].name), text(String(seed)),
            text(figure.key.decisions.rawValue), text(figure.key.metric),
            try json(.array(figure.key.attribute.map { .string($0) })),
            try figure.key.group.map { try json(.group($0)) } ?? [],
            text(figure.key.category ?? ""), number(figure.value), text(String(figure.count)),
            number(figure.floor), text(figure.flag),
          ])
        }
      }
    }
    return bytes
  }

  /// Time and memory of every cell.
  package static func costs(_ table: ResultTable) -> [UInt8] {
    let names = [
      "arm", "seed", "training_seconds", "other_seconds", "processor_seconds", "peak_mib",
    ]
    var bytes = line(names.map { Array($0.utf8) })
    for arm in table.arms.indices {
      for (seed, cell) in zip(table.seeds, table.cells[arm]) {
        guard let cost = cell?.cost else { continue }
        bytes += line([
          text(table.arms[arm].name), text(String(seed)),
          text(NumberText.fixed(cost.training, digits: 4)),
          text(NumberText.fixed(cost.rest, digits: 4)),
          text(NumberText.fixed(cost.processor, digits: 4)), text(String(cost.memory >> 20)),
        ])
      }
    }
    return bytes
  }

  private static func line(_ fields: [[UInt8]]) -> [UInt8] {
    Dialect.comma.record(fields) + [UInt8(ascii: "\n")]
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func number(_ value: Double?) -> [UInt8] {
    value.map { Array(NumberText.text($0).utf8) } ?? []
  }

  /// JSON's writer ends with a line ending.
  private static func json(_ value: JSONValue) throws -> [UInt8] {
    let bytes = try value.written(.compact)
    return bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
  }
}
