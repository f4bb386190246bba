internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostTransport

/// A map as a Python module without dependencies.
enum PythonExport {
  static func code(_ map: ExportedMap, _ about: [String]) -> String {
    var text = ExportText.docstring(about)
    text += """
      fair(score, groups, name) gives (value, status): groups is a text for each of COLUMNS in order, "" or None for a
      missing one. status is "" where all is well, else passed, dropped, missing-score, or refused and why; the value is
      None where there is none. As a program it reads CSV and appends the columns: python3 FILE < in.csv > out.csv
      \"\"\"

      import csv
      import math
      import sys
      from bisect import bisect_right

      # The columns of each attribute, and its groups in the order of their codes.
      ATTRIBUTES = [

      """
    for (columns, keys) in map.attributes {
      text +=
        "    ((" + columns.map { ExportText.quoted(Array($0.utf8)) + "," }.joined(separator: " ")
        + "), ["
      text += ExportText.wrapped(
        keys.map { key in
          "(" + key.map { ExportText.quoted($0.bytes) + "," }.joined(separator: " ") + ")"
        },
        indent: "        ")
      text += "]),\n"
    }
    text += "]\nCOLUMNS = [column for columns, _ in ATTRIBUTES for column in columns]\n"
    text += "MISSING_IS_OWN = \(map.missingIsOwn ? "True" : "False")\n"
    text +=
      "MISSING, UNSEEN, OUTSIDE = \"\(map.missing.rawValue)\", \"\(map.unseen.rawValue)\", \"\(map.outside)\"\n"
    text += "SMALL_IS_ERROR = \(map.smallIsError ? "True" : "False")\n\n"
    text +=
      "# For each score: the column that is written, what kind it is, and its steps or thresholds.\nSCORES = {}\n"
    for score in map.scores {
      let name = ExportText.quoted(Array(score.name.utf8))
      let output = ExportText.quoted(Array(score.output.utf8))
      switch score.kind {
      case .decision(let thresholds, let otherwise):
        text +=
          "SCORES[\(name)] = (\(output), \"decision\", [\(ExportText.wrapped(thresholds.map(number), indent: "    "))], \(otherwise.map(number) ?? "None"))\n"
      case .score(let steps, let range):
        text += "STEPS = []\n"
        for step in steps {
          text += "TABLES = [\n"
          for table in step.tables {
            guard let table else {
              text += "    None,\n"
              continue
            }
            text +=
              "    ([" + ExportText.wrapped(table.knots.map(number), indent: "      ") + "],\n"
            text +=
              "     [" + ExportText.wrapped(table.images.map(number), indent: "      ") + "],\n"
            text +=
              "     \(table.interpolation == .step ? "True" : "False"), \(number(table.below))),\n"
          }
          text += "]\n"
          let entries = step.entries.map { "(\($0.codes.map { "\($0)," }.joined())): \($0.table)" }
          let marginal = step.marginal.map { "\($0.code): \($0.table)" }
          text +=
            "STEPS.append((\(step.attribute), \(number(step.epsilon)), {\(ExportText.wrapped(entries, indent: "    "))},\n"
          text +=
            "              {\(ExportText.wrapped(marginal, indent: "    "))}, \(step.pooled.map { "\($0)" } ?? "None"), TABLES))\n"
        }
        let bounds = range.map { "(\(number($0.lowerBound)), \(number($0.upperBound)))" } ?? "None"
        text += "SCORES[\(name)] = (\(output), \"score\", STEPS, \(bounds))\n"
      }
    }
    return text + Self.program
  }

  private static func number(_ value: Double) -> String { NumberText.text(value) }

  private static let program = """


    INDEX = [{key: code for code, key in enumerate(keys)} for _, keys in ATTRIBUTES]


    def codes_of(groups):
        \"\"\"The code of each attribute's group: -1 where a part is missing, -2 where it was not in the fit.\"\"\"
        codes, at = [], 0
        for place, (columns, keys) in enumerate(ATTRIBUTES):
            key = tuple("" if part is None else part for part in groups[at:at + len(columns)])
            at += len(columns)
            code = -1 if "" in key else INDEX[place].get(key, -2)
            if code == -1 and MISSING_IS_OWN and keys and all(part == "" for part in keys[0]):
                code = 0
            codes.append(code)
        return codes


    def image(table, x):
        knots, images, is_step, below = table
        i = bisect_right(knots, x)
        if i == 0:
            return below
        y = images[i - 1]
        if i == len(knots) or is_step or x == knots[i - 1]:
            return y
        after = images[i]
        value = y + (after - y) * ((x - knots[i - 1]) / (knots[i] - knots[i - 1]))
        return value if value < after else after


    def fair(score, groups, name=next(iter(SCORES))):
        _, kind, content, bounds = SCORES[name]
        if score is None or math.isnan(score):
            return None, "missing-score"
        codes = codes_of(groups)
        if kind == "decision":
            threshold = content[codes[0]] if codes[0] >= 0 else bounds
            if threshold is None:
                return None, "refused: " + ("missing-group" if codes[0] == -1 else "unseen")
            return (1 if score >= threshold else 0), ""
        for code in codes:
            if code < 0:
                policy = MISSING if code == -1 else UNSEEN
                if policy == "pass":
                    return score, "passed"
                if policy == "drop":
                    return None, "dropped"
                if policy != "pool":
                    return None, "refused: " + ("missing-group" if code == -1 else "unseen")
        value = score
        for attribute, epsilon, entries, marginal, pooled, tables in content:
            own = codes[attribute:]
            is_known = min(own) >= 0
            place = entries.get(tuple(own)) if is_known else None
            if place is None:
                place = marginal.get(own[0]) if own[0] >= 0 else None
                if place is None:
                    place = pooled
                if is_known and (SMALL_IS_ERROR or place is None):
                    return None, "refused: small-cell"
            table = None if place is None else tables[place]
            if table is None:
                continue
            x, y = value, image(table, value)
            least, greatest = table[0][0], table[0][-1]
            if x < least or x > greatest:
                if OUTSIDE == "error":
                    return None, "refused: outside"
                if OUTSIDE == "shift":
                    y = y + (x - least) if x < least else y + (x - greatest)
            value = y if epsilon == 0 else x if epsilon == 1 else (1 - epsilon) * y + epsilon * x
        if bounds is not None:
            low, high = bounds
            value = low if low >= value else value
            value = high if high < value else value
        return value, ""


    def main():
        reader = csv.reader(sys.stdin)
        writer = csv.writer(sys.stdout, lineterminator="\\n")
        header = next(reader)
        places = [header.index(column) for column in COLUMNS]
        added = [text for output, *_ in SCORES.values() for text in (output, output + ".status")]
        writer.writerow(header + added)
        for row in reader:
            groups = [row[place] for place in places]
            cells, is_dropped = [], False
            for name in SCORES:
                text = row[header.index(name)]
                number = None if text.strip() in ("", "NA", "NaN", "nan", "null") else float(text)
                value, status = fair(number, groups, name)
                is_dropped = is_dropped or status == "dropped"
                cells += ["" if value is None else repr(value), status]
            if not is_dropped:
                writer.writerow(row + cells)


    if __name__ == "__main__":
        main()

    """
}
