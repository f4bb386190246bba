internal import FairpostCSV
package import FairpostLearning
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// Labelled rows read for a model that exists: its columns, its tasks, its attribute.
package enum ModelRows {
  /// Reads and encodes the rows.
  package static func read(
    _ model: Model, _ input: Input, _ policy: ModelColumnPolicy, _ console: Console,
    group: ModelGroup?
  ) throws -> (data: LearningData, rows: TrainingRows) {
    let plan = TrainingPlan(of: model)
    let known = Set(input.header.names)
    let absent = plan.features.filter { !known.contains($0.name) }
    if policy.takesMissingColumns {
      if !absent.isEmpty {
        let names = absent.map(\.name).joined(separator: ", ")
        console.note("treated as missing in every row: \(names)")
      }
    } else if let first = absent.first {
      _ = try input.column(first.name)
    }
    let present = plan.keeping { known.contains($0) }
    var rows = try TrainingRows(
      input, TrainingRoles(of: model), present, group: group?.columns ?? [], seed: model.seed,
      isValidation: true)
    for feature in absent {
      rows.columns[feature.name] =
        feature.isNumeric
        ? .numeric([Double](repeating: .nan, count: rows.count))
        : .categorical(codes: [Int32](repeating: -1, count: rows.count), names: [])
    }
    if policy.refusesNewCategories { try refuseNew(model, rows, input.name) }
    let data = try rows.encoded(model.encoder, Array(0..<rows.count), name: input.name)
    return (data, rows)
  }

  private static func refuseNew(_ model: Model, _ rows: TrainingRows, _ name: String) throws {
    for encoding in model.encoder.columns {
      guard case .categorical(let levels, false) = encoding.kind,
        case .categorical(_, let names)? = rows.columns[encoding.name],
        let new = names.first(where: { !levels.contains($0) })
      else { continue }
      throw Failure(
        .badData,
        "\(name): column \"\(encoding.name)\": the category \"\(new)\" did not occur in the training rows (see \(option: "new-category"))"
      )
    }
  }
}

extension TrainingPlan {
  /// What a model reads and predicts.
  package init(of model: Model) {
    self.init(
      features: model.encoder.columns.map { column in
        var isNumeric = true
        if case .categorical = column.kind { isNumeric = false }
        return Feature(name: column.name, isNumeric: isNumeric)
      }, tasks: model.tasks)
  }

  /// The same with some of the columns.
  package func keeping(_ wanted: (String) -> Bool) -> TrainingPlan {
    TrainingPlan(features: features.filter { wanted($0.name) }, tasks: tasks, notes: notes)
  }

  private init(features: [Feature], tasks: [ModelTask], notes: [Message] = []) {
    self.features = features
    self.tasks = tasks
    self.notes = notes
  }
}

extension TrainingRoles {
  /// The roles a model's own columns have.
  package init(of model: Model) {
    tasks = []
    features = model.encoder.columns.map(\.name)
    derived = []
    selecting = []
    attributes = model.attributes
    group = model.group?.columns ?? []
    protected = model.group?.protected ?? []
    weight = nil
    split = nil
    taskColumn = nil
    id = nil
    categorical = []
    numeric = []
    hasGroup = true
  }
}

extension TrainingRows {
  /// The code of an attribute's protected group; -2 where no row is of it.
  package func protectedCode(_ group: ModelGroup?) -> Int32 {
    guard let group, let own = self.group,
      let code = own.keys.firstIndex(of: GroupKey(group.protected))
    else { return -2 }
    return Int32(code)
  }
}
