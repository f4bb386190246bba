package import FairpostJSON
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostTransport

/// An audit as a record: what was asked, what was found, what could not be estimated, what is said.
package enum AuditJSON {
  /// The record.
  package static func bytes(_ outcome: AuditRun.Outcome) throws(JSONError) -> [UInt8] {
    let request = outcome.request
    var record: JSONObject = [
      "format": "fairpost.audit", "version": 1, "scheme": .string(request.scheme.name),
      "law_as_of": .string(request.scheme.asOf),
      "law": .array(request.scheme.law.map { .string($0) }),
    ]
    for text in request.notes {
      if let equals = text.firstIndex(of: "=") {
        _ = record.append(
          "note." + String(text[..<equals]), .string(String(text[text.index(after: equals)...])))
      }
    }
    if let median = outcome.median {
      _ = record.append(
        "median",
        [
          "value": .number(median.value), "of": median.isOfIncluded ? "included" : "all",
          "people": .number(median.people), "at_the_median": .number(median.ties),
          "above": .number(median.above),
        ])
    }
    _ = record.append("rows", .integer(outcome.tally.records))
    _ = record.append("said_first", .array(outcome.warnings.map { .string("\($0)") }))
    _ = record.append("tables", .array(outcome.tables.map { table($0) }))
    return try JSONValue.object(record).written()
  }

  private static func number(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return nil }
    return .number(value)
  }

  private static func text(_ value: ByteText?) -> JSONValue { value.map { JSONValue($0) } ?? nil }

  private static func table(_ table: AuditTable) -> JSONValue {
    let people = table.total.n + table.unknown.n
    return [
      "by": .array(table.columns.map { .string($0) }), "position": text(table.position),
      "period": text(table.period), "n": .integer(table.total.n),
      "selected": .integer(table.total.k),
      "unknown": ["n": .integer(table.unknown.n), "selected": .integer(table.unknown.k)],
      "missing_share": people > 0 ? .number(Double(table.unknown.n) / Double(people)) : nil,
      "rows": .array(table.rows.map { row($0) }),
    ]
  }

  private static func row(_ row: AuditRow) -> JSONValue {
    let category = JSONValue.array(row.key.parts.map { JSONValue($0) })
    if row.isHidden { return ["category": category, "hidden": true] }
    var missing: [JSONValue] = []
    if row.rate == nil { missing.append("rate") }
    if row.ratio == nil { missing.append("ratio") }
    if row.ratioInterval == nil, !row.isBenchmark { missing.append("interval") }
    var interval: JSONValue = nil
    if let bounds = row.ratioInterval {
      interval = .array([
        number(bounds.lower), bounds.upper.isInfinite ? "inf" : number(bounds.upper),
      ])
    }
    return [
      "category": category, "n": .integer(row.counts.n), "selected": .integer(row.counts.k),
      "share": .number(row.share), "population_share": number(row.populationShare),
      "rate": number(row.rate), "ratio": number(row.ratio), "benchmark": .bool(row.isBenchmark),
      "ratio_interval": interval, "fisher_p": number(row.fisher?.twoSided),
      "not_estimated": .array(missing),
    ]
  }
}
