internal import FairpostCSV
internal import FairpostJSON
package import FairpostMethods
package import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
internal import FairpostText
package import FairpostTransport

/// One figure of a drift check, with the score and group it is about.
package struct DriftRow {
  package let score: String
  package let attribute: [String]
  package let group: GroupKey?
  package let figure: DriftFigure

  /// The figures of one score of a map against a table of what has arrived.
  package static func rows(
    _ map: any Adjustment, score: Int, _ table: Table, _ weight: WeightColumn?, limits: DriftLimits,
    tail: Double
  ) -> [DriftRow] {
    let reference = map.calibration(of: score)
    let keys = map.groupKeys.map { $0.map { GroupKey($0) } }
    let cells = reference.codes.map { $0.enumerated().map { keys[$0][$1] } }
    var places: [[GroupKey]: Int] = [:]
    for (place, cell) in cells.enumerated() { places[cell] = place }
    // Known groups too small for a distribution of their own are neither unseen nor compared.
    for cell in reference.small where places[cell.keys] == nil { places[cell.keys] = -1 }
    // The arriving groups in the map's numbering, found once for each combination.
    var known: [[Int32]: Int] = [:]
    let width = reference.codes.first?.count ?? map.groupColumns.count
    var scores = [[Double]](repeating: [], count: cells.count)
    // The weight's column is the last.
    let numbers = weight == nil ? [] : table.numbers[table.numbers.count - 1]
    var weights = scores
    var missing = 0
    var unseen = 0
    for row in 0..<table.count {
      if !numbers.isEmpty, numbers[row] == 0 { continue }
      let rows = weight?.isFrequency == true ? Int(numbers[row]) : 1
      let codes = table.groups.map { $0.codes[row] }
      let value = table.numbers[score][row]
      if codes.contains(where: { $0 < 0 }) || value.isNaN {
        missing += rows
        continue
      }
      let place: Int
      if let found = known[codes] {
        place = found
      } else {
        let cell = zip(table.groups, codes).prefix(width).map { $0.keys[Int($1)] }
        place = places[cell] ?? -2
        known[codes] = place
      }
      if place >= 0 {
        scores[place].append(value)
        if !numbers.isEmpty { weights[place].append(numbers[row]) }
      } else if place == -2 {
        unseen += rows
      }
    }
    let samples = zip(scores, weights).map { scores, weights in
      weight == nil || scores.isEmpty
        ? SortedSample(values: scores)
        : SortedSample(
          Distribution(scores, weights: weights, frequencies: weight?.isFrequency ?? false))
    }
    let figures = Drift.figures(
      DriftReference(
        groups: reference.distributions.map { SortedSample($0) }, isWeighted: weight != nil),
      DriftSample(
        groups: samples, missing: missing, unseen: unseen),
      limits: limits, tail: tail, scores: map.scoreColumns.count)
    let columns = map.groupColumns.prefix(width).flatMap { $0 }
    return figures.map { figure in
      DriftRow(
        score: map.scoreColumns[score], attribute: columns,
        group: figure.group.map { GroupKey(cells[$0].flatMap(\.parts)) }, figure: figure)
    }
  }

  /// The figures as CSV.
  package static func csv(_ rows: [DriftRow]) throws -> [UInt8] {
    var bytes = Array("score,metric,attribute,group,value,lower,upper,n,limit,verdict\n".utf8)
    for row in rows {
      func number(_ value: Double?) -> [UInt8] {
        value.map { Array(NumberText.text($0).utf8) } ?? []
      }
      bytes += Dialect.comma.record([
        Array(row.score.utf8), Array(row.figure.id.utf8),
        try JSONValue.array(row.attribute.map { .string($0) }).written(.compact),
        try row.group.map { try JSONValue.group($0).written(.compact) } ?? [],
        number(row.figure.value), number(row.figure.lower), number(row.figure.upper),
        Array(String(row.figure.count).utf8), number(row.figure.limit),
        Array(row.figure.verdict.word.utf8),
      ])
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// The figures as JSON.
  package static func json(_ rows: [DriftRow]) throws -> [UInt8] {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    let worst = rows.map(\.figure.verdict).max() ?? .met
    let json: JSONValue = [
      "format": "fairpost.drift", "version": 1,
      "written by": .string("fairpost \(Version.number)"), "verdict": .string(worst.word),
      "figures": .array(
        rows.map { row in
          [
            "score": .string(row.score), "metric": .string(row.figure.id),
            "attribute": .array(row.attribute.map { .string($0) }),
            "group": row.group.map { .group($0) } ?? .null, "value": number(row.figure.value),
            "lower": number(row.figure.lower), "upper": number(row.figure.upper),
            "n": .integer(row.figure.count), "limit": .number(row.figure.limit),
            "verdict": .string(row.figure.verdict.word),
          ]
        }),
    ]
    return try json.written()
  }

  /// The figures as a table for people.
  package static func table(_ rows: [DriftRow]) -> String {
    var lines = [["score", "metric", "group", "n", "value", "interval", "limit", "verdict"]]
    for row in rows {
      let figure = row.figure
      var interval = ""
      if let lower = figure.lower, let upper = figure.upper {
        interval = "[\(FigureTable.short(lower)), \(FigureTable.short(upper))]"
      }
      lines.append([
        row.score, figure.id, row.group?.description ?? "all", String(figure.count),
        figure.value.map { FigureTable.short($0) } ?? "-", interval,
        FigureTable.short(figure.limit), figure.verdict.word,
      ])
    }
    return FigureTable.aligned(
      lines, right: [false, false, false, true, true, false, true, false])
  }
}
