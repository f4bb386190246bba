internal import FairpostEvaluation
internal import FairpostLearning
package import FairpostMetrics
package import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
package import FairpostText
package import FairpostTraining
package import FairpostTransport

/// The rows of a comparison, read once, with what every cell takes from them.
package struct CompareData: Sendable {
  package let name: String
  package let rows: TrainingRows
  package let plan: TrainingPlan
  /// What was found in the features and should be said: those that give the answer away first.
  package let notes: [Message]
  /// Features that give the label or the group away, a sentence each.
  package let leaks: [Message]
  /// The sensitive attributes; the first is the one that training methods see.
  package let attributes: [Grouping]
  /// The sensitive columns, which a blind model never sees.
  package let sensitive: Set<String>
  package let isFrequency: Bool
  package let isWeighted: Bool
  /// The code of the protected group, where one is named.
  package let protected: Int32?
  package let protectedKeys: [[String]: GroupKey]
  /// A digest of the records in their order.
  package let digest: UInt64

  package init(_ request: CompareRequest, _ roles: TrainingRoles, _ passes: TwicePass) throws {
    let first = passes.firstPass
    name = first.name
    let types = try ColumnTypes(
      first, features: roles.features, labels: roles.tasks.map(\.name), bar: nil)
    let whole = try TrainingPlan(
      roles, types, logTargets: request.columns.logTargets, input: name)
    var groups = request.columns.roles.groups
    if groups.isEmpty { groups = [roles.group] }
    let again = try passes.secondPass()
    rows = try TrainingRows(
      again, roles, whole, group: roles.group, seed: CompareSplit.keySeed,
      others: Array(groups.dropFirst()), wantsRecords: true)
    let all = Array(0..<rows.count)
    let idle = IdleFeatures(whole, rows, all, selecting: roles.selecting)
    plan = whole.keeping { !idle.names.contains($0) }
    let giveaways = Giveaways(
      rows, features: plan.features.map(\.name), training: all, seed: request.seed)
    notes = giveaways.notes + idle.notes
    leaks = giveaways.warnings
    guard !plan.features.isEmpty else {
      throw Failure(.badData, "\(name): no column is left to learn from")
    }
    guard let group = rows.group else {
      throw UsageError("name a sensitive attribute: \(option: "group") COL")
    }
    attributes = [group] + rows.others
    for attribute in attributes {
      try EvaluationReader.checkGroups(attribute, name)
      guard attribute.keys.count > 1 else {
        throw Failure(
          .badData,
          "\(name): column \"\(attribute.columns.joined(separator: ","))\": the rows all belong to one group"
        )
      }
    }
    sensitive = Set(groups.joined())
    isWeighted = roles.weight != nil
    isFrequency = roles.weight?.isFrequency ?? false
    let hash = StableHash(seed: 0, purpose: "compare.data")
    digest = rows.records.reduce(0) { hash($0 ^ $1) }
    guard !roles.protected.isEmpty else {
      protected = nil
      protectedKeys = [:]
      return
    }
    let key = GroupKey(roles.protected)
    guard let code = group.keys.firstIndex(of: key) else {
      let near = nearest(key.description, in: group.keys.map(\.description))
      throw Failure(
        .badData, "\(name): no row belongs to the protected group \"\(key)\"",
        hint: near.map { "did you mean \"\($0)\"?" })
    }
    protected = Int32(code)
    protectedKeys = [group.columns: key]
  }

  /// The weights of some rows.
  package func weights(_ chosen: [Int]) -> RowWeights {
    guard isWeighted else { return .none }
    let own = chosen.map { rows.weights[$0] }
    return isFrequency ? .frequencies(own.map { Int($0) }) : .survey(own)
  }

  /// The labels of a task on their own scale.
  package func labels(_ task: Int, _ chosen: [Int]) -> [Double] {
    let targets = rows.tasks[task].targets
    guard case .regression(logTarget: true) = rows.tasks[task].kind else {
      return chosen.map { targets[$0] }
    }
    return chosen.map { Elementwise.exponential(targets[$0]) }
  }

  /// An attribute of some rows, with the groups that occur among them only.
  package func grouping(_ place: Int, _ chosen: [Int]) -> Grouping {
    let whole = attributes[place]
    var isUsed = [Bool](repeating: false, count: whole.keys.count)
    for row in chosen where whole.codes[row] >= 0 { isUsed[Int(whole.codes[row])] = true }
    var code = [Int32](repeating: -1, count: whole.keys.count)
    var keys: [GroupKey] = []
    for place in whole.keys.indices where isUsed[place] {
      code[place] = Int32(keys.count)
      keys.append(whole.keys[place])
    }
    return Grouping(
      columns: whole.columns, keys: keys,
      codes: chosen.map { whole.codes[$0] < 0 ? -1 : code[Int(whole.codes[$0])] })
  }
}

/// The rows of one seed: which train, calibrate and test.
package struct CompareSplit: Sendable {
  package let seed: UInt64
  package let train: [Int]
  package let calibrate: [Int]
  package let test: [Int]

  /// Records have the same keys whatever `--seed` says, so that other commands can make them too: those
  /// of the default seed.
  package static let keySeed: UInt64 = 20_260_101
  /// What makes a record's key of its id, or of the whole record.
  package static let keyHash = StableHash(seed: keySeed, purpose: "train.record")

  /// The hashes by which records are divided under a seed, from their keys.
  package static func hashes(_ keys: [UInt64], seed: UInt64) -> [UInt64] {
    let hash = StableHash(seed: seed, purpose: "compare.split")
    return keys.map { hash($0) }
  }

  package init(_ data: CompareData, seed: UInt64, limits: [UInt64]) {
    self.seed = seed
    let parts = SplitPlan.parts(of: Self.hashes(data.rows.keys, seed: seed), limits)
    train = parts.indices.filter { parts[$0] == 0 }
    calibrate = parts.indices.filter { parts[$0] == 1 }
    test = parts.indices.filter { parts[$0] == 2 }
  }

  /// The rows of train and calibrate, in the order of the file.
  package var both: [Int] { (train + calibrate).sorted() }
}
