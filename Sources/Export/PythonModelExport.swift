internal import FairpostLearning
internal import FairpostNumerics

/// A model as a Python module without dependencies.
enum PythonModelExport {
  static func code(_ model: ExportedModel, _ about: [String]) -> String {
    var text = ExportText.docstring(about)
    text += """
      scores(record) gives a score for each of NAMES: record has a value for each of COLUMNS, a number or text, None or ""
      where it is missing. As a program it reads CSV and appends the scores: python3 FILE < in.csv > out.csv
      \"\"\"

      import csv
      import math
      import sys

      # For each column: a number's mean, scale and what stands for a missing one, or the levels of a text and
      # whether others have a feature of their own; last whether a missing value has one.
      COLUMNS = {

      """
    for column in model.columns {
      let name = ExportText.quoted(Array(column.name.utf8))
      let missing = column.missingIndicator ? "True" : "False"
      switch column.kind {
      case .numeric(let mean, let scale, let fill):
        text +=
          "    \(name): ((\(number(mean)), \(number(scale)), \(number(fill))), None, \(missing)),\n"
      case .categorical(let levels, let other):
        let list = ExportText.wrapped(
          levels.map { ExportText.quoted($0.bytes) }, indent: "        ")
        text += "    \(name): ([\(list)], \(other ? "True" : "False"), \(missing)),\n"
      }
    }
    text += "}\n# Each layer: the weights of every output, and its bias.\nLAYERS = [\n"
    for layer in model.layers {
      text += "    [\n"
      for (row, bias) in zip(layer.weights, layer.biases) {
        text +=
          "        ([\(ExportText.wrapped(row.map(number), indent: "          "))], \(number(bias))),\n"
      }
      text += "    ],\n"
    }
    text += "]\nACTIVATION = \"\(model.activation.rawValue)\"\n"
    text += "# Each task: its kind and the scores it gives.\nTASKS = [\n"
    for task in model.tasks {
      let names = task.scoreNames.map { ExportText.quoted(Array($0.utf8)) }.joined(separator: ", ")
      text += "    (\"\(task.kind.exportWord)\", [\(names)]),\n"
    }
    return text + "]\n" + program
  }

  private static func number(_ value: Double) -> String { NumberText.text(value) }

  private static let program = """
    NAMES = [name for _, names in TASKS for name in names]
    MISSING = ("", "NA", "NaN", "nan", "null")


    def features_of(record):
        features = []
        for column, (how, other, has_missing) in COLUMNS.items():
            value = record[column]
            if isinstance(value, str) and other is None:
                value = None if value.strip() in MISSING else float(value)
            is_missing = value is None or value == "" or value != value
            if other is None:
                mean, scale, fill = how
                value = fill if is_missing else value
                feature = (value - mean) / scale
                features.append(feature if math.isfinite(feature) else value / scale - mean / scale)
            else:
                own = [1.0 if level == value and not is_missing else 0.0 for level in how]
                if other:
                    own.append(0.0 if is_missing or 1.0 in own else 1.0)
                features += own
            if has_missing:
                features.append(1.0 if is_missing else 0.0)
        return features


    def active(x):
        return max(x, 0.0) if ACTIVATION == "relu" else math.tanh(x) if ACTIVATION == "tanh" else x


    def exp(x):
        return math.exp(x) if x < 709.0 else math.inf


    def scores(record):
        values = features_of(record)
        for place, layer in enumerate(LAYERS):
            values = [sum(w * x for w, x in zip(row, values)) + bias for row, bias in layer]
            if place + 1 < len(LAYERS):
                values = [active(x) for x in values]
        result, at = {}, 0
        for kind, names in TASKS:
            own = values[at:at + len(names)]
            at += len(names)
            if kind == "binary":
                own = [1.0 / (1.0 + exp(-own[0])) if own[0] >= 0 else exp(own[0]) / (1.0 + exp(own[0]))]
            elif kind == "log":
                own = [exp(own[0])]
            elif kind == "multiclass":
                powers = [exp(x - max(own)) for x in own]
                own = [power / sum(powers) for power in powers]
            result.update(zip(names, own))
        return result


    def main():
        reader = csv.DictReader(sys.stdin)
        writer = csv.writer(sys.stdout, lineterminator="\\n")
        writer.writerow(list(reader.fieldnames) + NAMES)
        for record in reader:
            own = scores(record)
            writer.writerow([record[name] for name in reader.fieldnames] + [repr(own[name]) for name in NAMES])


    if __name__ == "__main__":
        main()

    """
}
