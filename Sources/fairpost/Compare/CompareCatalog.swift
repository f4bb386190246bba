internal import Methods
internal import Options

/// Looks methods up and parses their options in the words of `train` and `adjust`.
struct CompareCatalog {
  /// The `--task` values.
  let tasks: [String]
  /// How many sensitive attributes there are.
  let attributes: Int
  let hasTaskColumn: Bool
  let hasProtected: Bool
  let hasID: Bool

  /// What prediction can be told; every other option is the method's own.
  static let predictionOption = "task-weights"

  /// A training method with its options.
  func training(
    _ recipe: Recipe
  ) throws(UsageError) -> (method: any TrainingMethod.Type, options: ParsedOptions) {
    guard let method = trainingMethods.first(where: { $0.info.name == recipe.method }) else {
      throw UsageError("there is no method \"\(recipe.method)\"")
    }
    let own = recipe.settings.filter {
      $0.owner == recipe.method && $0.option != Self.predictionOption
    }
    let options = try parse(
      CommandSpec(
        "train", summary: "", options: [TaskChoice.option],
        operands: OperandSpec(
          .file, methods: [MethodSpec(recipe.method, summary: "", options: method.info.options)])),
      [recipe.method] + tasks.map { "--task=\($0)" }, own)
    do { try method.check(options) } catch { throw Self.inContext(error, own) }
    return (method, options)
  }

  /// The task weights a conditioned network is to predict for.
  func taskWeights(_ recipe: Recipe) throws(UsageError) -> [Double]? {
    guard
      let setting = recipe.settings.first(where: {
        $0.owner == recipe.method && $0.option == Self.predictionOption
      })
    else { return nil }
    let spec = CommandSpec(
      "predict", summary: "",
      options: [OptionSpec(Self.predictionOption, nil, .numbers("X[,X...]"), help: "")])
    let numbers = try parse(spec, [], [setting]).numbers(Self.predictionOption)
    guard numbers.count == tasks.count else {
      throw UsageError("\(setting.text): a weight for each --task is wanted")
    }
    return numbers
  }

  /// A pre-processing method with its options.
  func preprocessing(
    _ name: String, _ settings: [Setting]
  ) throws(UsageError) -> (method: any PreprocessingMethod.Type, options: ParsedOptions) {
    guard let method = preprocessingMethods.first(where: { $0.spec.name == name }) else {
      throw UsageError("there is no pre-processing \"\(name)\"")
    }
    return (
      method,
      try parse(
        CommandSpec(name, summary: "", options: method.spec.options), [],
        settings.filter { $0.owner == name })
    )
  }

  /// An adjustment under its settings.
  func adjustment(_ afterwards: Afterwards) throws(UsageError) -> any AdjustmentMethod {
    guard let type = adjustmentMethods.first(where: { $0.info.name == afterwards.adjustment })
    else { throw UsageError("there is no adjustment \"\(afterwards.adjustment)\"") }
    do {
      let method = try type.init(given: afterwards.settings.map { ($0.option, $0.value) })
      try method.check(in: MethodContext(attributes: attributes))
      return method
    } catch { throw error.usage(.comparison(of: afterwards.adjustment)) }
  }

  /// Why a recipe cannot be learned from these data; nil where it can.
  func obstacle(_ recipe: Recipe) throws(UsageError) -> String? {
    let (method, options) = try training(recipe)
    var needs = method.needs(options)
    for name in recipe.preprocessing {
      let (method, options) = try preprocessing(name, recipe.settings)
      needs.formUnion(method.needs(options))
    }
    if needs.contains(.taskColumn), !hasTaskColumn {
      return "learns from many tasks: --task-column COL says whose a row is"
    }
    if needs.contains(.protectedGroup), !hasProtected {
      return "needs the protected value: --protected COL=VALUE"
    }
    if !recipe.preprocessing.isEmpty, tasks.count > 1 {
      return "pre-processing balances one binary task"
    }
    return nil
  }

  /// Why an adjustment cannot be fitted on these data; nil where it can.
  func obstacle(_ method: any AdjustmentMethod) -> String? {
    if method.needsID, !hasID { return "draws by the record: name its key with --id COL" }
    if let most = method.attributeLimit?.most, attributes > most {
      let limit = most == 1 ? "one attribute" : "\(most) attributes"
      return "takes \(limit), not \(attributes): cross the columns, as in --group a,b"
    }
    return nil
  }

  private func parse(
    _ spec: CommandSpec, _ words: [String], _ settings: [Setting]
  ) throws(UsageError) -> ParsedOptions {
    let declared = spec.options(with: words.first)
    let given = settings.map { setting in
      let isSwitch = declared.contains { $0.name == setting.option && $0.value == nil }
      return isSwitch && setting.value == "yes"
        ? "--\(setting.option)" : "--\(setting.option)=\(setting.value)"
    }
    do { return try Parser(spec).parse(words + given) } catch {
      throw Self.inContext(error, settings)
    }
  }

  private static func inContext(_ error: UsageError, _ settings: [Setting]) -> UsageError {
    guard !settings.isEmpty else { return error }
    return UsageError(
      "\(settings.map(\.text).joined(separator: " ")): \(error.message)", hint: error.hint)
  }
}
