package import FairpostJSON
internal import FairpostNumerics

/// The model as JSON, in both directions.
///
/// Parameters are stored layer by layer, a row of weights for each output, so that a person can find
/// a coefficient; the reader takes no size on trust.
extension Model {
  /// What is stored.
  package func json() -> JSONValue {
    var options = JSONObject()
    for (name, value) in self.options.sorted(by: { $0.key < $1.key }) {
      options.append(name, .string(value))
    }
    return [
      "method": .string(method), "options": .object(options),
      "seed": .string(String(seed)),
      "columns": .array(encoder.columns.map { $0.json() }),
      "tasks": .array(tasks.map { $0.json() }),
      "group": group.map { $0.json() } ?? .null,
      "more groups": .array(attributes.dropFirst().map { $0.json() }),
      "network": [
        "inputs": .integer(shape.inputs), "hidden": JSONValue(shape.hidden),
        "outputs": .integer(shape.outputs), "activation": .string(shape.activation.rawValue),
        "conditions": .integer(shape.conditions),
        "condition width": .integer(shape.conditionWidth),
      ],
      "conditions": JSONValue(conditions),
      "trials": .array(
        trials.map {
          ["conditions": JSONValue($0.conditions), "losses": JSONValue($0.losses)]
        }),
      "parameters": .array(
        shape.namedLayers.map { name, layer in
          [
            "layer": .string(name),
            "weights": .array(
              (0..<layer.outputs).map { output in
                let start = layer.weights + output * layer.inputs
                return JSONValue(Array(parameters[start..<start + layer.inputs]))
              }), "biases": JSONValue(Array(parameters[layer.biases..<layer.end])),
          ]
        }),
    ]
  }

  /// Reads a stored model; every size and shape is checked against the others.
  package init(_ node: JSONNode) throws(JSONError) {
    var options: [String: String] = [:]
    for (name, value) in try node["options"].members { options[name] = try value.string }
    guard let seed = UInt64(try node["seed"].string) else {
      throw try node["seed"].wrong("a whole number as a text")
    }
    var columns: [ColumnEncoding] = []
    for column in try node["columns"].array { columns.append(try ColumnEncoding(column)) }
    guard Set(columns.map(\.name)).count == columns.count else {
      throw try node["columns"].wrong("columns of different names")
    }
    var tasks: [ModelTask] = []
    for task in try node["tasks"].array { tasks.append(try ModelTask(task)) }
    guard !tasks.isEmpty, Set(tasks.map(\.name)).count == tasks.count else {
      throw try node["tasks"].wrong("tasks of different names")
    }
    guard Set(tasks.flatMap(\.scoreNames)).count == tasks.reduce(0, { $0 + $1.kind.width }) else {
      throw try node["tasks"].wrong("tasks whose score columns differ")
    }
    guard !columns.contains(where: { column in tasks.contains { $0.name == column.name } }) else {
      throw try node["columns"].wrong("columns none of which is a label")
    }
    let encoder = Encoder(columns: columns)
    let shape = try NetworkShape(try node["network"])
    guard shape.inputs == encoder.width else {
      throw try node["network"]["inputs"].wrong("the \(encoder.width) features of the columns")
    }
    let outputs = tasks.reduce(0) { $0 + $1.kind.width }
    guard shape.outputs == outputs else {
      throw try node["network"]["outputs"].wrong("the \(outputs) outputs of the tasks")
    }
    let conditions = try node["conditions"].doubles
    guard conditions.count == shape.conditions else {
      throw try node["conditions"].wrong("a list of \(shape.conditions) numbers")
    }
    self.init(
      method: try node["method"].string, options: options, seed: seed, encoder: encoder,
      tasks: tasks, shape: shape, parameters: try shape.parameters(try node["parameters"]),
      conditions: conditions)
    if let group = try node.optional("group") { attributes.append(try ModelGroup(group)) }
    // Models of earlier versions name one attribute only.
    for group in try node.optional("more groups")?.array ?? [] {
      attributes.append(try ModelGroup(group))
    }
    for trial in try node["trials"].array {
      let conditions = try trial["conditions"].doubles
      let losses = try trial["losses"].doubles
      guard conditions.count == shape.conditions, losses.count == tasks.count else {
        throw trial.wrong("a weight and a loss for each task")
      }
      trials.append(ModelTrial(conditions: conditions, losses: losses))
    }
  }
}

extension ModelGroup {
  fileprivate func json() -> JSONValue {
    [
      "columns": .array(columns.map { .string($0) }),
      "protected": .array(protected.map { JSONValue($0) }),
    ]
  }

  fileprivate init(_ node: JSONNode) throws(JSONError) {
    var protected: [ByteText] = []
    for text in try node["protected"].array { protected.append(try text.byteText) }
    let names = try node["columns"].strings
    guard !names.isEmpty, protected.isEmpty || protected.count == names.count else {
      throw try node["protected"].wrong("a value for each column, or none")
    }
    self.init(columns: names, protected: protected)
  }
}

extension NetworkShape {
  /// Widths beyond this are no network of this program's.
  private static let mostUnits = 10_000_000

  fileprivate init(_ node: JSONNode) throws(JSONError) {
    func size(_ node: JSONNode, from least: Int) throws(JSONError) -> Int {
      let value = try node.int
      guard value >= least, value <= Self.mostUnits else {
        throw node.wrong("a whole number between \(least) and \(Self.mostUnits)")
      }
      return value
    }
    var hidden: [Int] = []
    for width in try node["hidden"].array { hidden.append(try size(width, from: 1)) }
    guard hidden.count <= 1000 else { throw try node["hidden"].wrong("at most 1000 layers") }
    guard let activation = Activation(rawValue: try node["activation"].string) else {
      throw try node["activation"].wrong(
        Activation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
    }
    self.init(
      inputs: try size(try node["inputs"], from: 0), hidden: hidden,
      outputs: try size(try node["outputs"], from: 1), activation: activation,
      conditions: try size(try node["conditions"], from: 0),
      conditionWidth: try size(try node["condition width"], from: 1))
  }

  /// The parameters of the layers in the file, which must be this network's.
  fileprivate func parameters(_ node: JSONNode) throws(JSONError) -> [Double] {
    let stored = try node.array
    let layers = namedLayers
    guard stored.count == layers.count else {
      throw node.wrong("a list of \(layers.count) layers")
    }
    var parameters: [Double] = []
    for (entry, (name, layer)) in zip(stored, layers) {
      guard try entry["layer"].string == name else {
        throw try entry["layer"].wrong("\"\(name)\"")
      }
      let rows = try entry["weights"].array
      guard rows.count == layer.outputs else {
        throw try entry["weights"].wrong("\(layer.outputs) rows")
      }
      for row in rows {
        let weights = try row.doubles
        guard weights.count == layer.inputs else {
          throw row.wrong("a list of \(layer.inputs) numbers")
        }
        parameters += weights
      }
      let biases = try entry["biases"].doubles
      guard biases.count == layer.outputs else {
        throw try entry["biases"].wrong("a list of \(layer.outputs) numbers")
      }
      parameters += biases
    }
    return parameters
  }
}

extension ModelTask {
  fileprivate func json() -> JSONValue {
    switch kind {
    case .binary(let positive):
      [
        "name": .string(name), "type": "binary", "positive": .string(positive),
        "negative": negative.map { JSONValue($0) } ?? .null,
      ]
    case .multiclass(let classes):
      ["name": .string(name), "type": "multiclass", "classes": .array(classes.map { .string($0) })]
    case .regression(let logTarget):
      ["name": .string(name), "type": "regression", "log target": .bool(logTarget)]
    }
  }

  fileprivate init(_ node: JSONNode) throws(JSONError) {
    let name = try node["name"].string
    switch try node["type"].string {
    case "binary":
      // Models of earlier versions do not say it.
      self.init(
        name: name, kind: .binary(positive: try node["positive"].string),
        negative: try node.optional("negative")?.byteText)
    case "multiclass":
      let classes = try node["classes"].strings
      guard classes.count > 1, Set(classes).count == classes.count else {
        throw try node["classes"].wrong("two classes or more, each once")
      }
      self.init(name: name, kind: .multiclass(classes: classes))
    case "regression":
      self.init(name: name, kind: .regression(logTarget: try node["log target"].bool))
    default: throw try node["type"].wrong("\"binary\", \"multiclass\" or \"regression\"")
    }
  }
}

extension ColumnEncoding {
  fileprivate func json() -> JSONValue {
    switch kind {
    case .numeric(let mean, let scale, let fill):
      [
        "name": .string(name), "kind": "numeric", "mean": .number(mean), "scale": .number(scale),
        "fill": .number(fill), "missing indicator": .bool(missingIndicator),
      ]
    case .categorical(let levels, let other):
      [
        "name": .string(name), "kind": "categorical",
        "levels": .array(levels.map { JSONValue($0) }), "other": .bool(other),
        "missing indicator": .bool(missingIndicator),
      ]
    }
  }

  fileprivate init(_ node: JSONNode) throws(JSONError) {
    let name = try node["name"].string
    let missing = try node["missing indicator"].bool
    switch try node["kind"].string {
    case "numeric":
      let scale = try node["scale"].double
      guard scale > 0 else { throw try node["scale"].wrong("a number greater than 0") }
      let (mean, fill) = (try node["mean"].double, try node["fill"].double)
      guard ((fill - mean) / scale).isFinite else {
        throw try node["fill"].wrong("a number that mean and scale make a finite feature")
      }
      self.init(
        name: name, kind: .numeric(mean: mean, scale: scale, fill: fill),
        missingIndicator: missing)
    case "categorical":
      var levels: [ByteText] = []
      for level in try node["levels"].array { levels.append(try level.byteText) }
      guard Set(levels).count == levels.count else {
        throw try node["levels"].wrong("levels, each once")
      }
      // The fit keeps rare levels together only where it keeps others by name.
      let other = try node["other"].bool
      guard !(other && levels.isEmpty) else { throw try node["levels"].wrong("a level or more") }
      self.init(
        name: name, kind: .categorical(levels: levels, other: other),
        missingIndicator: missing)
    default: throw try node["kind"].wrong("\"numeric\" or \"categorical\"")
    }
  }
}
