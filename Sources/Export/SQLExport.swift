internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostTransport

/// A map as a script of SQL that DuckDB, SQLite and PostgreSQL read alike.
///
/// Functions lie in temporary tables; one SELECT of steps looks each score up. Numbers are quotients of
/// whole numbers by powers of two, since decimals are not read exactly everywhere.
enum SQLExport {
  static func code(
    _ map: ExportedMap, _ about: [String], table: String, _ path: String
  ) throws -> String {
    var text = ExportText.comments("--", about)
    text += """
      -- Reads the table \(table) and gives all its columns with a result and a status for each score: status is
      -- empty where all is well, else passed, dropped, missing-score, or refused and why. Groups are compared as text.
      -- The columns fp_... between them are the way there.
      -- SQLite parses decimals a last bit off now and then: hold scores as numbers that another program has read.
      CREATE TEMP TABLE fp_segment (place INTEGER, lo DOUBLE PRECISION, hi DOUBLE PRECISION, ylo DOUBLE PRECISION, yhi DOUBLE PRECISION, PRIMARY KEY (place, lo));
      CREATE TEMP TABLE fp_table (place INTEGER PRIMARY KEY, below DOUBLE PRECISION, least DOUBLE PRECISION, greatest DOUBLE PRECISION);

      """
    var tables: [String] = []
    var segments: [String] = []
    var places: [[[Int?]]] = []
    for score in map.scores {
      guard case .score(let steps, _) = score.kind else {
        places.append([])
        continue
      }
      places.append(
        steps.map { step in
          step.tables.map { function in
            guard let function else { return nil }
            let place = tables.count
            tables.append(
              "(\(place), \(number(function.below)), \(number(function.least)), \(number(function.greatest)))"
            )
            for at in function.knots.indices {
              let isLast = at + 1 == function.knots.count || function.interpolation == .step
              segments.append(
                "(\(place), \(number(function.knots[at])), \(isLast ? "NULL" : number(function.knots[at + 1])), \(number(function.images[at])), \(isLast ? "NULL" : number(function.images[at + 1])))"
              )
            }
            return place
          }
        })
    }
    for (name, rows) in [("fp_table", tables), ("fp_segment", segments)] {
      for start in stride(from: 0, to: rows.count, by: 500) {
        text +=
          "INSERT INTO \(name) VALUES\n"
          + rows[start..<min(start + 500, rows.count)].joined(separator: ",\n") + ";\n"
      }
    }
    return text + select(map, places, table)
  }

  private static func select(
    _ map: ExportedMap, _ places: [[[Int?]]], _ table: String
  ) -> String {
    var parts: [String] = []
    // The code of each attribute's group.
    let codes = map.attributes.enumerated().map { place, attribute in
      let columns = attribute.columns.map(name)
      var cases = ""
      let isMissing = columns.map { "\($0) IS NULL OR CAST(\($0) AS TEXT) = ''" }
        .joined(separator: " OR ")
      let isOwn =
        map.missingIsOwn && (attribute.keys.first?.allSatisfy { $0.bytes.isEmpty } ?? false)
      cases += " WHEN \(isMissing) THEN \(isOwn ? 0 : -1)"
      for (code, key) in attribute.keys.enumerated()
      where !key.contains(where: { $0.bytes.isEmpty }) {
        let same = zip(columns, key).map { "CAST(\($0) AS TEXT) = \(string($1.bytes))" }
          .joined(separator: " AND ")
        cases += " WHEN \(same) THEN \(code)"
      }
      return "CASE\(cases) ELSE -2 END AS fp_c\(place)"
    }
    parts.append(
      "fp_in AS MATERIALIZED (SELECT t.*, \(codes.joined(separator: ", ")) FROM \(name(table)) AS t)"
    )
    var last = "fp_in"
    var outputs: [String] = []
    for (number, score) in map.scores.enumerated() {
      let x = "CAST(\(name(score.name)) AS DOUBLE PRECISION)"
      let isMissing = "\(name(score.name)) IS NULL OR \(x) <> \(x)"
      let (v, s) = ("fp_v\(number)", "fp_s\(number)")
      outputs += ["\(v) AS \(name(score.output))", "\(s) AS \(name(score.output + ".status"))"]
      switch score.kind {
      case .decision(let thresholds, let otherwise):
        let cases = thresholds.enumerated().map {
          " WHEN fp_c0 = \($0.offset) THEN CASE WHEN \(x) >= \(Self.number($0.element)) THEN 1 ELSE 0 END"
        }.joined()
        let rest =
          otherwise.map { "CASE WHEN \(x) >= \(Self.number($0)) THEN 1 ELSE 0 END" } ?? "NULL"
        let status =
          otherwise == nil
          ? " WHEN fp_c0 = -1 THEN 'refused: missing-group' WHEN fp_c0 = -2 THEN 'refused: unseen'"
          : ""
        parts.append(
          "fp_a\(number) AS MATERIALIZED (SELECT q.*, CASE WHEN \(isMissing) THEN NULL\(cases) ELSE \(rest) END AS \(v), CASE WHEN \(isMissing) THEN 'missing-score'\(status) ELSE '' END AS \(s) FROM \(last) AS q)"
        )
        last = "fp_a\(number)"
      case .score(let steps, let range):
        var status = "CASE WHEN \(isMissing) THEN 'missing-score'"
        for place in map.attributes.indices {
          for (code, policy, why) in [
            (-1, map.missing, "missing-group"), (-2, map.unseen, "unseen"),
          ] {
            let words: String? =
              switch policy {
              case .pass: "passed"
              case .drop: "dropped"
              case .error: "refused: \(why)"
              case .pool: nil
              }
            if let words { status += " WHEN fp_c\(place) = \(code) THEN '\(words)'" }
          }
        }
        status += " ELSE '' END"
        parts.append(
          "fp_a\(number)_0 AS MATERIALIZED (SELECT q.*, \(x) AS \(v)_0, \(status) AS \(s)_0 FROM \(last) AS q)"
        )
        last = "fp_a\(number)_0"
        for (place, step) in steps.enumerated() {
          let own = (step.attribute..<map.attributes.count).map { "fp_c\($0)" }
          let isKnown = own.map { "\($0) >= 0" }.joined(separator: " AND ")
          let known = places[number][place]
          // -1: nothing changes the score; -2: refused.
          var cases = ""
          for entry in step.entries {
            let same = zip(own, entry.codes).map { "\($0) = \($1)" }.joined(separator: " AND ")
            cases += " WHEN \(same) THEN \(known[entry.table] ?? -1)"
          }
          if map.smallIsError { cases += " WHEN \(isKnown) THEN -2" }
          for entry in step.marginal {
            cases += " WHEN \(own[0]) = \(entry.code) THEN \(known[entry.table] ?? -1)"
          }
          if let pooled = step.pooled {
            cases += " ELSE \(known[pooled] ?? -1)"
          } else {
            cases += " WHEN \(isKnown) THEN -2 ELSE -1"
          }
          let (a, b) = ("\(v)_\(place)", "\(s)_\(place)")
          let at = "fp_p\(number)_\(place)"
          parts.append(
            "fp_b\(number)_\(place) AS MATERIALIZED (SELECT q.*, CASE WHEN \(b) <> '' THEN -1\(cases) END AS \(at) FROM \(last) AS q)"
          )
          let e = Self.number(step.epsilon)
          let y =
            "CASE WHEN g.lo IS NULL THEN k.below WHEN g.hi IS NULL OR \(a) = g.lo THEN g.ylo ELSE CASE WHEN g.ylo + (g.yhi - g.ylo) * ((\(a) - g.lo) / (g.hi - g.lo)) < g.yhi THEN g.ylo + (g.yhi - g.ylo) * ((\(a) - g.lo) / (g.hi - g.lo)) ELSE g.yhi END END"
          let moved =
            map.outside == "shift"
            ? "CASE WHEN \(a) < k.least THEN (\(y)) + (\(a) - k.least) WHEN \(a) > k.greatest THEN (\(y)) + (\(a) - k.greatest) ELSE \(y) END"
            : y
          let mixed =
            step.epsilon == 0
            ? moved
            : step.epsilon == 1
              ? a : "(\(Self.number(1 - step.epsilon)) * (\(moved)) + \(e) * \(a))"
          let outside =
            map.outside == "error"
            ? " WHEN \(at) >= 0 AND (\(a) < k.least OR \(a) > k.greatest) THEN 'refused: outside'"
            : ""
          parts.append(
            """
            fp_a\(number)_\(place + 1) AS MATERIALIZED (SELECT q.*, CASE WHEN \(at) < 0 THEN \(a) ELSE \(mixed) END AS \(v)_\(place + 1), CASE WHEN \(b) <> '' THEN \(b) WHEN \(at) = -2 THEN 'refused: small-cell'\(outside) ELSE '' END AS \(s)_\(place + 1)
              FROM fp_b\(number)_\(place) AS q LEFT JOIN fp_table AS k ON k.place = \(at)
              LEFT JOIN fp_segment AS g ON g.place = \(at) AND g.lo = (SELECT max(h.lo) FROM fp_segment AS h WHERE h.place = \(at) AND h.lo <= \(a)))
            """)
          last = "fp_a\(number)_\(place + 1)"
        }
        let (a, b) = ("\(v)_\(steps.count)", "\(s)_\(steps.count)")
        var value = a
        if let range {
          let (low, high) = (Self.number(range.lowerBound), Self.number(range.upperBound))
          value =
            "CASE WHEN \(b) <> '' THEN \(a) WHEN \(low) >= \(a) THEN \(low) WHEN \(high) < \(a) THEN \(high) ELSE \(a) END"
        }
        parts.append(
          "fp_a\(number) AS MATERIALIZED (SELECT q.*, CASE WHEN \(b) = '' OR \(b) = 'passed' THEN \(value) ELSE NULL END AS \(v), \(b) AS \(s) FROM \(last) AS q)"
        )
        last = "fp_a\(number)"
      }
    }
    let kept = (0..<map.scores.count).map { "fp_s\($0) <> 'dropped'" }.joined(separator: " AND ")
    return "WITH " + parts.joined(separator: ",\n") + "\nSELECT q.*, "
      + outputs.joined(separator: ", ") + " FROM \(last) AS q WHERE \(kept);\n"
  }

  static func name(_ text: String) -> String {
    "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  static func string(_ bytes: [UInt8]) -> String {
    "'" + String(decoding: bytes, as: UTF8.self).replacing("'", with: "''") + "'"
  }

  /// A number as a quotient of whole numbers by powers of two, exact wherever whole numbers are.
  static func number(_ value: Double) -> String {
    guard value != 0 else { return value.sign == .minus ? "(-(0.0e0))" : "0.0e0" }
    // value = significand * 2^exponent with a whole significand.
    var exponent = Int(value.exponent) - 52
    var significand = Int64(abs(value).significandBitPattern)
    if abs(value).isSubnormal {
      exponent = -1074
    } else {
      significand += 1 << 52
    }
    while significand & 1 == 0, exponent < 0 {
      significand >>= 1
      exponent += 1
    }
    var text = "CAST(\(significand) AS DOUBLE PRECISION)"
    while exponent > 0 {
      let step = min(exponent, 62)
      text += " * CAST(\(Int64(1) << step) AS DOUBLE PRECISION)"
      exponent -= step
    }
    while exponent < 0 {
      let step = min(-exponent, 62)
      text += " / CAST(\(Int64(1) << step) AS DOUBLE PRECISION)"
      exponent += step
    }
    return value < 0 ? "(-(\(text)))" : "(\(text))"
  }
}
