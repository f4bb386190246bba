internal import FairpostFiles
internal import FairpostJSON
package import FairpostLearning
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostText

/// Weights to start from: a model's, or a plain list of layers.
///
/// A model's weights belong to its columns, categories and tasks by name, whatever order the file has
/// them in; what has no place in both is refused. A list of layers knows no names and goes by
/// position.
package struct InitialWeights {
  private enum Source {
    case model(Model)
    case layers([Double])
  }

  private let path: String
  private let source: Source
  /// What momentum remembers, where a list of layers says so under `momentum`.
  package private(set) var momentum: [Double]?

  /// Reads the weights of a file.
  ///
  /// It is a fairpost model, or a JSON file of `W1`, `b1`, `W2`, `b2` ... (a row of weights for each
  /// output), under `params` where there is such a member.
  package init(_ path: String) throws {
    self.path = path
    let json = try StoredFile.value(path, expected: "a fairpost.model file or layers W1, b1")
    if StoredFile.format(json) != nil {
      source = .model(try ModelFile(json, path: path).model)
      return
    }
    do {
      var node = JSONNode(json, name: "weights")
      if let inner = try node.optional("params") { node = inner }
      source = .layers(try Self.layers(node))
      momentum = try node.optional("momentum").map { try Self.layers($0) }
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): neither a fairpost.model file nor layers W1, b1: \(error)")
    }
  }

  private static func layers(_ node: JSONNode) throws -> [Double] {
    var parameters: [Double] = []
    var layer = 1
    while let weights = try node.optional("W\(layer)") {
      for row in try weights.array { parameters += try row.doubles }
      parameters += try node["b\(layer)"].doubles
      layer += 1
    }
    guard layer > 1 else { throw try node["W1"].wrong("a list of rows of weights") }
    return parameters
  }

  /// The columns' scales and categories that the weights were made for; nil for a list of layers.
  ///
  /// The training rows must have the same columns of the same kinds, and no new category.
  package func encoder(
    _ plan: TrainingPlan, _ rows: TrainingRows, _ training: [Int], _ name: String
  ) throws(Failure) -> Encoder? {
    guard case .model(let model) = source else { return nil }
    let known = Dictionary(
      model.encoder.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let wanted = Set(plan.features.map(\.name))
    let strange = plan.features.filter { known[$0.name] == nil }.map(\.name)
    guard strange.isEmpty else {
      throw misfit(
        "\(name) has the features \(Self.list(strange)), which the model does not have",
        "\(option: "exclude") \(strange.joined(separator: ",")) leaves them out")
    }
    let absent = model.encoder.columns.map(\.name).filter { !wanted.contains($0) }
    guard absent.isEmpty else {
      throw misfit(
        "the model has the features \(Self.list(absent)), which are not in \(name)",
        "train without \(option: "init"), or give it a file with these columns")
    }
    for feature in plan.features {
      guard let encoding = known[feature.name], let column = rows.columns[feature.name] else {
        continue
      }
      switch (encoding.kind, column) {
      case (.numeric, .numeric): continue
      case (.categorical(let levels, let other), .categorical(let codes, let names)):
        var isThere = [Bool](repeating: false, count: names.count)
        for row in training where codes[row] >= 0 { isThere[Int(codes[row])] = true }
        let new = names.indices.filter { isThere[$0] && !levels.contains(names[$0]) }
        guard other || new.isEmpty else {
          throw misfit(
            "column \"\(feature.name)\" has the categories \(Self.list(new.map { names[$0].description })), which the model does not know",
            "\(option: "rows") can leave such rows out")
        }
      default:
        throw misfit(
          "column \"\(feature.name)\" holds \(feature.isNumeric ? "numbers, categories in the model" : "categories, numbers in the model")",
          "\(option: "numeric") or \(option: "categorical") says what a column is")
      }
    }
    return model.encoder
  }

  /// The weights in the order of a network's own tasks, and what should be known of them.
  package func parameters(
    for tasks: [ModelTask], _ shape: NetworkShape
  ) throws(Failure) -> (parameters: [Double], notes: [Message]) {
    let model: Model
    switch source {
    case .layers(let parameters):
      return (
        parameters,
        [
          "starts from the layers in \(path), matched by position because they name no columns and tasks"
        ]
      )
    case .model(let own): model = own
    }
    guard model.shape.hidden == shape.hidden else {
      throw misfit(
        "its hidden layers are \(Self.widths(model.shape)) wide, not \(Self.widths(shape))",
        model.shape.hidden.isEmpty ? nil : "\(option: "hidden") \(Self.widths(model.shape))")
    }
    guard model.shape.activation == shape.activation else {
      throw misfit(
        "its activation is \(model.shape.activation.rawValue), not \(shape.activation.rawValue)",
        "\(option: "activation") \(model.shape.activation.rawValue)")
    }
    guard model.shape.conditions == shape.conditions || model.tasks.count != tasks.count else {
      throw misfit(
        model.shape.conditions > 0
          ? "it is conditioned on task weights (train yoto), this network is not"
          : "it is not conditioned on task weights, as this network is", nil)
    }
    let (places, notes) = try self.places(of: tasks, in: model)
    guard model.shape.parameterCount == shape.parameterCount else {
      throw misfit(
        "it has \(model.shape.parameterCount) weights where this network has \(shape.parameterCount)",
        nil)
    }
    return (
      model.headsInOrder(places),
      ["starts from \(path); columns are scaled and coded as in that model"] + notes
    )
  }

  /// For each task its place among the model's.
  private func places(
    of tasks: [ModelTask], in model: Model
  ) throws(Failure) -> (places: [Int], notes: [Message]) {
    if tasks.count == 1, model.tasks.count == 1, tasks[0].name != model.tasks[0].name {
      guard tasks[0].kind.isLike(model.tasks[0].kind) else {
        throw misfit("its task \"\(model.tasks[0].name)\" is of another type", nil)
      }
      return (
        [0], ["the output layer of \(tasks[0].name) starts from that of \(model.tasks[0].name)"]
      )
    }
    let extra = model.tasks.map(\.name).filter { name in !tasks.contains { $0.name == name } }
    guard extra.isEmpty else {
      throw misfit(
        "its tasks \(Self.list(extra)) are not among those named",
        "name the same \(option: "task") options")
    }
    var places: [Int] = []
    for task in tasks {
      guard let place = model.tasks.firstIndex(where: { $0.name == task.name }) else {
        throw misfit("it has no task \"\(task.name)\"", nil)
      }
      guard model.tasks[place].kind == task.kind else {
        throw misfit(
          "its task \"\(task.name)\" is of another type, positive value or list of classes", nil)
      }
      places.append(place)
    }
    return (places, [])
  }

  private func misfit(_ words: Message, _ hint: Message?) -> Failure {
    Failure(.badModel, "\(option: "init") \(path): \(words)", hint: hint)
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
      + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }

  private static func widths(_ shape: NetworkShape) -> String {
    shape.hidden.isEmpty ? "0" : shape.hidden.map { "\($0)" }.joined(separator: ",")
  }
}

extension TaskKind {
  /// Whether a head of one kind can start from a head of the other.
  fileprivate func isLike(_ other: TaskKind) -> Bool {
    switch (self, other) {
    case (.binary, .binary): true
    default: self == other
    }
  }
}
