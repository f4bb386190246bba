package import FairpostFiles
package import FairpostLearning
internal import FairpostNumerics
internal import FairpostPipeline
package import FairpostText

/// A model in words and numbers, for `inspect`.
package enum ModelDescription {
  /// What is in a model file.
  package static func text(_ file: ModelFile, _ path: String) -> String {
    let model = file.model
    var lines = ["\(path): a model of the method \(model.method), written by \(file.writtenBy)"]
    let given = model.options.sorted { $0.key < $1.key }.map { "--\($0.key) \($0.value)" }
    lines.append("options: \(given.joined(separator: " ")) --seed \(model.seed)")
    lines.append(
      "learned from \(Console.grouped(file.rows)) rows, digest of the records \(file.digest)")
    lines.append("")
    for task in model.tasks {
      lines.append(
        "task \(task.name): \(words(task.kind)); writes \(task.scoreNames.joined(separator: ", "))")
    }
    for group in model.attributes {
      let value =
        group.protected.isEmpty
        ? "" : ", protected \(group.protected.map(\.description).joined(separator: " & "))"
      lines.append("attribute \(group.columns.joined(separator: ","))\(value)")
    }
    let layers = [model.shape.inputs] + model.shape.hidden + [model.shape.outputs]
    lines.append(
      "network \(layers.map { "\($0)" }.joined(separator: "-")), \(model.shape.hidden.isEmpty ? "linear" : model.shape.activation.rawValue), \(Console.grouped(model.parameters.count)) parameters"
    )
    if !model.conditions.isEmpty {
      lines.append(
        "conditioned on task weights: \(numbers(model.conditions)), or those of predict --task-weights (see --task-weights grid)"
      )
    }
    lines.append("")
    lines.append("columns:")
    for column in model.encoder.columns { lines.append("  \(column.name): \(words(column))") }
    if model.shape.hidden.isEmpty { lines += ["", "coefficients:"] + coefficients(model) }
    return Shown.page(lines)
  }

  private static func words(_ kind: TaskKind) -> String {
    switch kind {
    case .binary(let positive): "binary, positive value \"\(positive)\""
    case .multiclass(let classes): "multiclass, \(classes.joined(separator: ", "))"
    case .regression(let logTarget): logTarget ? "regression of the logarithm" : "regression"
    }
  }

  private static func words(_ column: ColumnEncoding) -> String {
    var text: String
    switch column.kind {
    case .numeric(let mean, let scale, let fill):
      text =
        mean == 0 && scale == 1
        ? "number as it is, missing values replaced by \(NumberText.text(fill))"
        : "number, mean \(NumberText.text(mean)), deviation \(NumberText.text(scale))"
    case .categorical(let levels, let other):
      let names = levels.prefix(12).map(\.description).joined(separator: ", ")
      text = "\(levels.count) categories: \(names)\(levels.count > 12 ? ", ..." : "")"
      if other { text += "; others together" }
    }
    return text + (column.missingIndicator ? "; another feature marks missing values" : "")
  }

  private static func coefficients(_ model: Model) -> [String] {
    let names = model.encoder.featureNames
    let outputs = model.tasks.flatMap(\.scoreNames)
    let layer = model.shape.layers[0]
    return outputs.indices.flatMap { output -> [String] in
      ["  \(outputs[output]):"]
        + names.indices.map {
          "    \(names[$0]) \(NumberText.text(model.parameters[layer.weights + output * layer.inputs + $0]))"
        } + ["    (intercept) \(NumberText.text(model.parameters[layer.biases + output]))"]
    }
  }

  /// The task weights that were tried of a conditioned model, as CSV: weights, then the mean loss of
  /// every task.
  package static func grid(_ model: Model) throws(UsageError) -> String {
    guard !model.trials.isEmpty else {
      throw UsageError(
        "\(option: "task-weights"): the model is not conditioned on task weights (train yoto)")
    }
    let names =
      model.tasks.map { "weight.\($0.name)" } + model.tasks.map { "loss.\($0.name)" }
    let rows = model.trials.map { numbers($0.conditions + $0.losses) }
    return ([names.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
  }

  private static func numbers(_ values: [Double]) -> String {
    values.map { NumberText.text($0) }.joined(separator: ",")
  }
}
