internal import FairpostCSV
package import FairpostFiles
internal import FairpostLearning
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
package import FairpostSettings
internal import FairpostText
internal import FairpostTransport

/// One run of `train`: reading, encoding, learning and what is said about it.
package struct TrainingRun {
  private let method: any TrainingMethod
  private let asked: LearningRequest
  private let console: Console
  private let voice: SettingVoice
  private let settings: InputSettings
  private let passes: TwicePass
  private let roles: TrainingRoles
  /// The attribute the method reads in the rows it learns from; empty where it needs none there.
  private let group: [String]
  /// The attribute it reads in the rows that validate.
  private let validationGroup: [String]
  private let seed: UInt64

  /// Looks up all columns; no data is read yet.
  package init(
    _ method: any TrainingMethod, _ request: LearningRequest, _ passes: TwicePass,
    second: InputSettings, _ console: Console, _ voice: SettingVoice
  ) throws {
    self.method = method
    asked = request
    self.console = console
    self.voice = voice
    self.passes = passes
    seed = request.seed
    settings = second
    let needs = method.needs
    roles = try TrainingRoles(
      request.columns, passes.firstPass,
      mayLackGroup: needs.contains(.validationGroup) && request.validation != nil)
    let name = method.info.name
    let attributes = request.columns.roles.groups.count
    do {
      try method.check(
        in: MethodContext(attributes: attributes, tasks: roles.tasks.map(\.name)))
    } catch { throw error.usage(voice) }
    let needsGroup = needs.contains(.group) || needs.contains(.protectedGroup)
    // A group that is named, but not needed, is for the log.
    validationGroup =
      needsGroup || needs.contains(.validationGroup) || (method.reportsGroups && attributes < 2)
      ? roles.group : []
    group = roles.hasGroup ? validationGroup : []
    if needs.contains(.group) || needs.contains(.validationGroup), roles.group.isEmpty {
      throw UsageError(
        "\(name) needs a sensitive attribute: \(option: "group") COL or \(option: "protected") COL=VALUE"
      )
    }
    if !validationGroup.isEmpty, attributes > 1 {
      throw UsageError(
        "\(name) takes one attribute", hint: "combine the columns: \(option: "group") a,b")
    }
    if needs.contains(.protectedGroup), roles.protected.isEmpty {
      throw UsageError("\(name) needs the protected value here: \(option: "protected") COL=VALUE")
    }
    if needs.contains(.taskColumn), roles.taskColumn == nil {
      throw UsageError(
        "\(name) learns from many tasks: name the column that says which task a row belongs to, \(option: "task-column") COL"
      )
    }
    let ways = [
      ("validation", request.validation != nil),
      ("validation-share", request.validationShare != nil),
      ("split-column", request.columns.split != nil),
    ].filter(\.1).map(\.0)
    if ways.count > 1 {
      throw UsageError("--\(ways[0]) and --\(ways[1]) cannot be used together")
    }
    if let way = ways.first, way != "split-column", method.validation == .none {
      throw UsageError(
        "\(name) takes \(option: "iterations") steps and does not choose among them, so it cannot use --\(way)",
        hint: "\(option: "held-out") holds tasks out to judge it")
    }
    if request.initial != nil, method.plannedSteps == nil {
      throw UsageError(
        "\(name) finds the same weights from any start: \(option: "init") is not for it")
    }
    if request.weights != nil, !method.weighsRows {
      throw UsageError("\(name) does not weigh rows: \(option: "save-weights") is not for it")
    }
    if request.weights != nil, roles.id == nil {
      throw UsageError(
        "\(option: "save-weights") writes a weight for each id: \(option: "id") COL names the column"
      )
    }
    if request.heldOut != nil, roles.taskColumn == nil {
      throw UsageError("\(option: "held-out") names tasks of \(option: "task-column") COL")
    }
  }

  /// Learns the model.
  package func run() throws -> ModelFile {
    let first = passes.firstPass
    let name = first.name
    let types = try ColumnTypes(
      first, features: roles.features, labels: roles.tasks.map(\.name), bar: nil)
    var plan = try TrainingPlan(
      roles, types, logTargets: asked.columns.logTargets, input: name)
    let again = try passes.secondPass(settings)
    let others = roles.hasGroup ? roles.attributes.map(\.columns).filter { $0 != group } : []
    var rows = try TrainingRows(
      again, roles, plan, group: group, seed: seed, others: others,
      wantsIDs: asked.weights != nil, bar: console.bar(size: again.size))
    let weightless = rows.leaveOutWeightless()
    let heldOut = try leaveOutTasks(&rows, name)
    let share = try keepValidationRows(&rows, name)
    let training = rows.rows(.training)
    guard !training.isEmpty else {
      throw weightless > 0
        ? TrainingError.noRows.failure(input: name, nil, voice)
        : Failure(.badData, "\(name): no row is left to train on")
    }
    let idle = IdleFeatures(plan, rows, training, selecting: roles.selecting)
    plan = plan.keeping { !idle.names.contains($0) }
    let features = plan.features.map(\.name)
    let giveaways = Giveaways(rows, features: features, training: training, seed: seed)
    for note in giveaways.notes { console.note(note) }
    console.summary(rows.tally)
    for note in plan.notes + idle.notes { console.note(note) }
    if !heldOut.isEmpty {
      console.note("held out: \(heldOut.map(\.description).joined(separator: ", "))")
    }
    guard !features.isEmpty else {
      throw Failure(.badData, "\(name): no column is left to learn from")
    }
    let start = try asked.initial.map { try InitialWeights($0) }
    let encoder =
      try start?.encoder(plan, rows, training, name)
      ?? Encoder(
        fitting: plan.features.compactMap { feature in
          rows.columns[feature.name].map { (feature.name, $0) }
        }, rows: training, weights: rows.weights, cap: asked.levels,
        standardise: asked.standardises)
    warn(encoder, rows, training, keys: giveaways.keys.map(\.feature))
    let data = try rows.encoded(encoder, training, name: name)
    let (validation, groupNames) = try validationRows(rows, encoder, plan, name)
    // The encoded rows say the same.
    rows.columns = [:]
    var request = try self.request(data, validation, rows, start, plan, name)
    request.groupNames = groupNames
    request.keys = training.map { rows.keys[$0] }
    let trained = try learn(request, name)

    do {
      try Soundness.check(
        trained.shape, trained.parameters, conditions: trained.conditions, on: data)
    } catch { throw error.failure(input: name, nil, voice) }
    var stored = effectiveOptions(heldOut: heldOut)
    if let share { stored["validation-share"] = NumberText.text(share) }
    if let gamma = trained.gamma { stored["gamma"] = NumberText.text(gamma) }
    var model = Model(
      method: method.info.name, options: stored, seed: seed,
      encoder: encoder, tasks: plan.tasks, shape: trained.shape, parameters: trained.parameters,
      conditions: trained.conditions)
    model.attributes = roles.attributes
    if model.shape.conditions > 0 {
      model.trials = TaskWeightGrid.trials(model, validation ?? data)
    }
    let used = UsedRows(
      method.usedRows(request), of: request.data, isFrequency: roles.weight?.isFrequency ?? false,
      needsGroup: !group.isEmpty && method.needs.contains(.group), weightless: weightless,
      drawn: method.drawnForValidation(request))
    let outcome = TrainingOutcome(
      model: model, training: data, validation: validation, adapts: method.adapts)
    try outcome.refuseDivergence(name)
    try saveWeights(trained, rows, training)
    summarise(outcome, trained, rows, groupNames, used, share)
    return ModelFile(model, digest: rows.digest, rows: used.count)
  }

  // MARK: Rows

  /// Rows by whose labels an epoch is chosen where no option says it, as `compare` has it.
  private static let usualShare = 0.2
  /// With fewer labelled rows none is held out unless it is asked for.
  private static let fewestRows = 50

  /// Whether the method chooses among its epochs.
  private var choosesEpochs: Bool { method.validation == .choosesEpoch }

  /// Keeps rows back to choose the best epoch on, by a hash of the record.
  ///
  /// - Returns: the share that is kept back; nil where none is.
  private func keepValidationRows(_ rows: inout TrainingRows, _ name: String) throws -> Double? {
    let given = asked.validationShare
    if given == nil {
      guard choosesEpochs, asked.validation == nil, !rows.parts.contains(.validation) else {
        return nil
      }
      let labelled = rows.parts.indices.filter { row in
        rows.parts[row] == .training && rows.tasks.contains { !$0.targets[row].isNaN }
      }
      let isFrequency = roles.weight?.isFrequency ?? false
      let count = labelled.reduce(0.0) { $0 + (isFrequency ? rows.weights[$1] : 1) }
      guard count >= Double(Self.fewestRows) else { return nil }
    }
    let share = given ?? Self.usualShare
    guard share > 0 else { return nil }
    let hash = StableHash(seed: seed, purpose: "train.validation")
    for row in rows.parts.indices where rows.parts[row] == .training {
      if Double(hash(rows.keys[row]) >> 11) * 0x1p-53 < share { rows.parts[row] = .validation }
    }
    return share
  }

  /// The rows that choose the best epoch, if any.
  private func validationRows(
    _ rows: TrainingRows, _ encoder: Encoder, _ plan: TrainingPlan, _ name: String
  ) throws -> (data: LearningData?, groupNames: [String]) {
    let names = rows.group?.keys.map(\.description) ?? []
    if let path = asked.validation {
      let input = try Input(path, settings.besides)
      var other = try TrainingRows(
        input, roles, plan, group: validationGroup, seed: seed, isValidation: true)
      let isOwn = method.needs.contains(.validationGroup)
      if !isOwn, let known = rows.group, let found = other.group {
        // The same code must mean the same group in both files.
        let codes = found.keys.map { key in Int32(known.keys.firstIndex(of: key) ?? -1) }
        other.group = Grouping(
          columns: known.columns, keys: known.keys,
          codes: found.codes.map { $0 < 0 ? -1 : codes[Int($0)] })
      }
      let data = try other.encoded(encoder, Array(0..<other.count), name: path)
      guard data.hasLabels else {
        throw Failure(.badData, "\(path): no validation row has a label")
      }
      return (data, isOwn ? other.group?.keys.map(\.description) ?? [] : names)
    }
    let kept = rows.rows(.validation)
    let data = kept.isEmpty ? nil : try rows.encoded(encoder, kept, name: name)
    if let data, data.hasLabels { return (data, names) }
    if choosesEpochs {
      console.note(
        kept.isEmpty
          ? "there are no validation rows: the last epoch is kept, and the figures describe training rows only (\(option: "validation-share") holds rows out)"
          : "no validation row has a label: the last epoch is kept")
    } else if asked.columns.split != nil || asked.validationShare != nil {
      console.note("no row is for validation")
    }
    return (nil, names)
  }

  /// Takes held-out tasks out of the training rows and names them.
  private func leaveOutTasks(_ rows: inout TrainingRows, _ name: String) throws -> [ByteText] {
    guard let text = asked.heldOut, let episodes = rows.episodes else { return [] }
    var names: [ByteText] = []
    if text.hasPrefix("count:") {
      guard let count = Int(text.dropFirst(6)), count > 0 else {
        throw UsageError("\(option: "held-out") \(text): expected count:N with N of at least 1")
      }
      var sizes = [Int](repeating: 0, count: episodes.names.count)
      for (row, code) in episodes.codes.enumerated() where code >= 0 && rows.weights[row] > 0 {
        sizes[Int(code)] += 1
      }
      let least = method.minimumTaskRows ?? 1
      let eligible = sizes.indices.filter { sizes[$0] >= least }
      guard count < eligible.count else {
        throw Failure(
          .badData, "\(name): only \(eligible.count) tasks have \(least) rows or more")
      }
      // Drawn by name, so that the order of the file decides nothing.
      let hash = StableHash(seed: seed, purpose: "train.held-out")
      let drawn = eligible.sorted {
        (hash(episodes.names[$0]), episodes.names[$0])
          < (hash(episodes.names[$1]), episodes.names[$1])
      }
      names = drawn.prefix(count).map { episodes.names[$0] }.sorted()
    } else {
      names = columnNames(text).map { ByteText($0) }
      if let stray = names.first(where: { !episodes.names.contains($0) }) {
        let near = nearest(stray.description, in: episodes.names.map(\.description))
        throw Failure(
          .badData,
          "\(name): no row belongs to the held-out task \"\(stray)\"\(near.map { ": did you mean \"\($0)\"?" } ?? "")"
        )
      }
    }
    let codes = Set(names.compactMap { episodes.names.firstIndex(of: $0).map { Int32($0) } })
    for row in rows.parts.indices where codes.contains(episodes.codes[row]) {
      rows.parts[row] = .neither
    }
    return names
  }

  /// Names features that cannot help, or that look like keys.
  private func warn(
    _ encoder: Encoder, _ rows: TrainingRows, _ training: [Int], keys: [String]
  ) {
    for column in encoder.columns {
      var isConstant = false
      switch (column.kind, rows.columns[column.name]) {
      case (.numeric, .numeric(let values)?):
        let present = training.lazy.map { values[$0] }.filter { !$0.isNaN }
        let first = present.first
        isConstant = present.allSatisfy { $0 == first }
      case (.categorical(let levels, let other), _):
        isConstant = levels.count + (other ? 1 : 0) < 2
        if other, !keys.contains(column.name) {
          console.note(
            "column \"\(column.name)\" has more than \(levels.count) categories: the rarer ones are merged into one (\(option: "levels"); \(option: "id") or \(option: "exclude") if it is a key)"
          )
        }
      default: break
      }
      if isConstant, !column.missingIndicator {
        console.note("column \"\(column.name)\" is constant, so nothing can be learned from it")
      }
    }
  }

  // MARK: Learning

  private func request(
    _ data: LearningData, _ validation: LearningData?, _ rows: TrainingRows,
    _ start: InitialWeights?, _ plan: TrainingPlan, _ name: String
  ) throws -> TrainingRequest {
    var request = TrainingRequest(
      data: data, validation: validation, seed: seed,
      threads: settings.threads)
    request.standardises = asked.standardises
    request.wantsLog = asked.log != nil
    if let group = rows.group {
      if !roles.protected.isEmpty {
        guard let code = group.keys.firstIndex(of: GroupKey(roles.protected)) else {
          let near = nearest(
            GroupKey(roles.protected).description, in: group.keys.map(\.description))
          throw Failure(
            .badData,
            "\(name): no row belongs to the protected group \"\(GroupKey(roles.protected))\"\(near.map { ": did you mean \"\($0)\"?" } ?? "")"
          )
        }
        request.protected = Int32(code)
      }
    }
    if let start {
      let (parameters, notes) = try start.parameters(for: plan.tasks, method.shape(request))
      for note in notes { console.note(note) }
      request.initial = parameters
      request.momentum = start.momentum
    }
    return request
  }

  private func learn(_ request: TrainingRequest, _ name: String) throws -> TrainedNetwork {
    var log = TrainingLog()
    let bar = console.bar()
    let planned = method.plannedSteps
    let started = ProcessFacts.seconds
    let trained: TrainedNetwork
    do {
      trained = try method.train(request) { line in
        if asked.log != nil { log.add(line) }
        bar?.update(TrainingLog.progress(line, planned: planned, started: started))
      }
    } catch {
      let isOfValidation =
        switch error {
        case .noValidationCells, .oneValidationGroup, .emptyValidationCell: true
        default: false
        }
      throw error.failure(
        input: isOfValidation ? asked.validation ?? name : name,
        groups: request.groupNames, method, voice)
    }
    bar?.clear()
    if let path = asked.log {
      let output = try OutputFile.open(path)
      try output.write(log.bytes)
      try output.commit()
    }
    return trained
  }

  /// The settings of the method that hold, defaults included, and options that shape the features.
  private func effectiveOptions(heldOut: [ByteText]) -> [String: String] {
    var result = asked.recorded
    for (name, text) in method.settingTexts { result[name] = text }
    if !heldOut.isEmpty {
      result["held-out"] = heldOut.map(\.description).joined(separator: ",")
    }
    if let column = roles.taskColumn { result["task-column"] = column }
    return result
  }

  private func summarise(
    _ outcome: TrainingOutcome, _ trained: TrainedNetwork, _ rows: TrainingRows,
    _ groupNames: [String], _ used: UsedRows, _ share: Double?
  ) {
    let model = outcome.model
    let kept =
      trained.epochs > 0
      ? ", \(trained.epochs) epochs, of which number \(trained.bestEpoch + 1) is kept" : ""
    let features = model.encoder.width
    console.note("learned from \(Console.grouped(used.count)) rows and \(features) features\(kept)")
    for note in used.notes { console.note(note) }
    if let validation = outcome.validation, let share {
      let isFrequency = roles.weight?.isFrequency ?? false
      let total = isFrequency ? Int(exactly: validation.weights.reduce(0, +)) : nil
      console.note(
        "held out to choose the best epoch: \(Console.grouped(total ?? validation.rows)) rows, by a hash of the \(roles.id == nil ? "record" : "id") (\(option: "validation-share") \(NumberText.text(share)); 0 holds out none)"
      )
    }
    for note in outcome.warnings { console.note(note) }
    for note in outcome.lines { console.note(note) }
    if let linear = linear(outcome, rows) { for note in linear { console.note(note) } }
    for (name, value) in trained.figures {
      console.note("\(name): \(TrainingSummary.text(value))")
    }
    for observation in trained.observations { console.note(observation.words) }
    if !groupNames.isEmpty {
      let shares = TrainingSummary.selection(
        model, outcome.validation ?? outcome.training, groups: groupNames)
      if !shares.isEmpty {
        let texts = shares.map {
          "\($0.group) \(TrainingSummary.text($0.share)) (\($0.rows) rows)"
        }
        console.note("selected: \(texts.joined(separator: ", "))")
      }
    }
  }

  /// Writes each training row's mean weight beside its id.
  private func saveWeights(
    _ trained: TrainedNetwork, _ rows: TrainingRows, _ training: [Int]
  ) throws {
    guard let path = asked.weights, let ids = rows.ids, let id = roles.id else {
      return
    }
    let dialect = Dialect.comma
    var bytes = dialect.quoted(Array(id.utf8)) + Array(",weight\n".utf8)
    for (place, row) in training.enumerated() {
      guard trained.rowWeights[place].isFinite else { continue }
      if ids.codes[row] >= 0 { bytes += dialect.quoted(ids.values[Int(ids.codes[row])].bytes) }
      bytes.append(UInt8(ascii: ","))
      NumberText.append(trained.rowWeights[place], to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
    let output = try OutputFile.open(path)
    try output.write(bytes)
    try output.commit()
  }

  /// How a linear model does on the same validation rows; nil where there is no network to compare.
  private func linear(_ outcome: TrainingOutcome, _ rows: TrainingRows) -> [String]? {
    guard outcome.validation != nil, !outcome.model.shape.hidden.isEmpty else { return nil }
    let keys = rows.rows(.training).map { rows.keys[$0] }
    return outcome.linearLines(keys: keys, seed: seed)
  }
}
