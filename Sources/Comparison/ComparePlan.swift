internal import FairpostAdjusting
package import FairpostMethods
internal import FairpostMetrics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostSettings
package import FairpostText
package import FairpostTraining
package import FairpostTransport

/// What is compared with what: every arm, by the registries.
package struct ComparePlan {
  package let arms: [Arm]
  package let catalog: CompareCatalog
  /// How the predictors of all arms that can be tried are learned.
  package let learners: [Recipe: Learner]
  /// The adjustments of all arms that can be tried, under their settings.
  package let adjusters: [Afterwards: Adjuster]
  /// The place of the arm that differences are taken to.
  package let plain: Int
  /// The files of `--arm`.
  package let external: [(name: String, path: String)]
  package let seeds: [UInt64]
  /// The hashes below which a row is in train, and in calibrate.
  package let limits: [UInt64]
  /// Test rows over training rows.
  package let overlap: Double
  package let tail: Double
  /// The loss of performance that counts as none, where it is given.
  package let margin: Double?

  /// An adjustment under its settings, and the groups' weights in the file they name.
  package struct Adjuster: Sendable {
    package let method: any AdjustmentMethod
    package let groupWeights: [GroupKey: Double]?
  }

  package init(_ request: CompareRequest, _ roles: TrainingRoles, _ input: InputSettings) throws {
    seeds = request.seeds
    tail = (100 - request.level * 100) / 100
    margin = request.margin
    limits = try Self.limits(request)
    let ends = limits.map { Double($0) * 0x1p-64 }
    overlap = (1 - ends[1]) / ends[1]
    external = request.arms
    if let first = external.first, roles.id == nil {
      throw UsageError(
        "\(option: "arm") \(first.name): predictions are matched to rows by id: name its column with \(option: "id") COL"
      )
    }
    guard !roles.group.isEmpty else {
      throw UsageError(
        "name a sensitive attribute: \(option: "group") COL or \(option: "protected") COL=VALUE")
    }
    // Without --group the columns of --protected are the only attribute.
    let attributes = request.columns.roles.groups
    catalog = CompareCatalog(
      tasks: roles.tasks.map(\.name), attributes: max(attributes.count, 1),
      hasTaskColumn: roles.taskColumn != nil, hasProtected: !roles.protected.isEmpty,
      hasID: roles.id != nil)
    (arms, plain) = try Self.arms(
      request, catalog, external: external.map(\.name),
      seesGroup: request.columns.includesGroup)
    var adjusters: [Afterwards: Adjuster] = [:]
    for arm in arms {
      guard arm.notApplicable == nil, let afterwards = arm.afterwards,
        adjusters[afterwards] == nil
      else { continue }
      let method = try catalog.adjustment(afterwards)
      adjusters[afterwards] = Adjuster(
        method: method,
        groupWeights: try GroupWeightsFile.weights(
          of: method, attributes.first ?? roles.group, input,
          .comparison(of: afterwards.adjustment)))
    }
    self.adjusters = adjusters
    var learners: [Recipe: Learner] = [:]
    for arm in arms where arm.notApplicable == nil {
      guard case .model(let recipe) = arm.source, learners[recipe] == nil else { continue }
      learners[recipe] = try catalog.learner(recipe)
    }
    self.learners = learners
  }

  /// What tells an arm apart in a journal: its settings, and what the files hold that they name.
  package func identity(_ arm: Arm) -> String {
    guard let afterwards = arm.afterwards, let weights = adjusters[afterwards]?.groupWeights else {
      return arm.identity
    }
    return "\(arm.identity) weights \(GroupWeightsFile.digest(weights))"
  }

  /// The hashes below which a row is in train, and in calibrate.
  package static func limits(_ request: CompareRequest) throws(UsageError) -> [UInt64] {
    let split = try SplitPlan(fractions: request.fractions)
    guard split.names == ["train", "calibrate", "test"] else {
      throw UsageError(
        "\(option: "fractions"): expected three shares, of train, calibrate and test, in this order"
      )
    }
    let ends = split.limits.map { Double($0) * 0x1p-64 }
    guard ends[0] > 0, ends[1] < 1 else {
      throw UsageError("\(option: "fractions"): train and test must not be empty")
    }
    return split.limits
  }

  /// The arms in the order of the table: constant, blind, methods by adjustments, other tools.
  private static func arms(
    _ request: CompareRequest, _ catalog: CompareCatalog, external: [String], seesGroup: Bool
  ) throws(UsageError) -> (arms: [Arm], plain: Int) {
    let settings = try SettingList(request)
    let methods = try unrepeated(request.methods, of: "methods").map { (name) throws(UsageError) in
      try method(name, flag: "\(option: "methods")")
    }
    let adjustments = try unrepeated(request.adjustments, of: "adjust")
    for name in adjustments {
      try CompareNames.check(
        name, in: ["none"] + CompareNames.adjustment, flag: "\(option: "adjust")")
    }
    let used = methods.flatMap { $0.preprocessing + [$0.name] } + adjustments
    if let idle = settings.owners.first(where: { !used.contains($0) }) {
      throw UsageError(
        "\(option: "set") and \(option: "sweep") name \"\(idle)\", which is not part of this comparison"
      )
    }
    let afterwards = adjustments.flatMap { name -> [Afterwards?] in
      name == "none"
        ? [nil]
        : settings.combinations([name]).map { Afterwards(adjustment: name, settings: $0) }
    }

    var reference = methods.first
    if let name = request.plain { reference = try method(name, flag: "\(option: "plain")") }
    guard let reference else {
      throw UsageError("\(option: "methods") names no method")
    }
    let all =
      methods.contains { $0.name == reference.name && $0.preprocessing == reference.preprocessing }
      ? methods : [reference] + methods
    var arms = [Arm.constant]
    var plain: Int?
    for method in all {
      let isReference =
        method.name == reference.name && method.preprocessing == reference.preprocessing
      for own in settings.combinations(method.preprocessing + [method.name]) {
        let recipe = Recipe(
          preprocessing: method.preprocessing, method: method.name, settings: own)
        let obstacle = catalog.obstacle(try catalog.learner(recipe))
        // Differences need the plain model though the command line asks for adjusted ones only.
        let needsPlain = isReference && plain == nil
        if needsPlain {
          var blind = recipe
          blind.isBlind = true
          var arm = Arm.model(blind, nil)
          arm.notApplicable = obstacle
          arm.note =
            seesGroup ? "" : "the same as \(Arm.model(recipe, nil).name): no model sees the group"
          arms.insert(arm, at: 1)
          plain = arms.count
        }
        for after in (needsPlain && !adjustments.contains("none") ? [nil] : []) + afterwards {
          var arm = Arm.model(recipe, after)
          arm.notApplicable = obstacle
          if arm.notApplicable == nil, let after {
            arm.notApplicable = catalog.obstacle(try catalog.adjustment(after))
          }
          if needsPlain, after == nil { plain = arms.count }
          arms.append(arm)
        }
      }
    }
    arms += external.enumerated().map { Arm.external($0, name: $1) }
    if let twice = arms.map(\.name).firstRepeated {
      throw UsageError("two arms are called \"\(twice)\"")
    }
    return (arms, plain ?? 0)
  }

  private static func unrepeated(
    _ names: [String], of name: String
  ) throws(UsageError) -> [String] {
    if let twice = names.firstRepeated {
      throw UsageError("--\(name): \"\(twice)\" appears twice")
    }
    return names
  }

  private static func method(
    _ text: String, flag: Message
  ) throws(UsageError) -> (preprocessing: [String], name: String) {
    let parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    for name in parts.dropLast() {
      try CompareNames.check(name, in: CompareNames.preprocessing, flag: "\(flag) \(text)")
    }
    let name = parts.last ?? ""
    try CompareNames.check(
      name, in: CompareNames.training, flag: parts.count > 1 ? "\(flag) \(text)" : flag)
    return (Array(parts.dropLast()), name)
  }
}

extension [String] {
  /// The first text that occurs twice.
  package var firstRepeated: String? { first { one in count { $0 == one } > 1 } }
}
