internal import FairpostCSV
internal import FairpostEvaluation
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
package import FairpostSettings
internal import FairpostText
internal import FairpostTransport

/// Reads calibration records into memory and hands them to a method.
package enum CalibrationReader {
  /// What was read: the request for the method, and what the reading counted.
  package struct Reading: Sendable {
    package var request: FitRequest
    package let tally: Tally
    package let records: Int
    /// Whether this is all there is; else it is a piece, and only the last one has the tally of all.
    package let isWhole: Bool
  }

  /// Reads the columns that have a role in the fit.
  ///
  /// - Parameter use: what is made of labels, where that is not what the method makes of them.
  package static func read(
    _ input: Input, _ roles: RoleNames, seed: UInt64, scores: [String],
    method: any AdjustmentMethod, certificate: Bool, _ voice: SettingVoice,
    labels use: LabelUse? = nil, progress: ProgressBar? = nil
  ) throws -> Reading {
    let whole = Guarded<Reading?>(nil)
    try pieces(
      input, roles, seed: seed, scores: scores, method: method, certificate: certificate, voice,
      labels: use, memory: nil, progress: progress
    ) { reading in whole.withLock { $0 = reading } }
    guard let reading = whole.withLock({ $0 }) else {
      throw Failure(.internalFault, "\(input.name): nothing was read")
    }
    return reading
  }

  /// The same in pieces that take so much memory each, where the method's fits merge and no record must be
  /// told from all others.
  ///
  /// - Parameter memory: the bytes that a piece may take; nil for one piece.
  package static func pieces(
    _ input: Input, _ roles: RoleNames, seed: UInt64, scores: [String],
    method: any AdjustmentMethod, certificate: Bool, _ voice: SettingVoice,
    labels use: LabelUse? = nil, memory: Int?, progress: ProgressBar? = nil,
    each: @escaping @Sendable (Reading) throws -> Void
  ) throws {
    let (needsID, rules) = (method.needsID, method.rules)
    let groups = try SensitiveAttributes.checked(roles.groups)
    try refuseConflicts(roles, scores: scores, groups)
    let groupWeights = try GroupWeightsFile.weights(
      of: method, groups.first ?? [], input.settings, voice)
    var request = TableRequest()
    request.numbers = try input.columns(scores)
    request.groups = try groups.map { try input.columns($0) }
    let weight = try WeightColumn(roles, input)
    if let weight { request.numbers.append(weight.column) }
    let labels = try CalibrationLabels(input, roles, scores: scores, use: use ?? method.labels)
    labels.add(to: &request)
    let id = try roles.id.map { try input.column($0) }
    request.wantsLines = id != nil
    let wantsKeys = needsID || id != nil
    if wantsKeys { request.hashes = [(StableHash(seed: seed, purpose: "record"), id)] }
    request.check = check(
      rules, voice, scores: Array(request.numbers.prefix(scores.count)), groups: request.groups,
      weight,
      id: needsID ? id : nil, together: method.recordFault(scores))

    // What a record takes until its piece is sorted: a score and its group, and where it goes.
    let bytes = 28 * scores.count + 4 * groups.count + (weight == nil ? 0 : 16)
    let rows = wantsKeys || !method.merges ? nil : memory.map { max(4096, $0 / bytes) }
    let seen = Guarded(Seen(groups.count))
    try input.pieces(request, rows: rows ?? .max, progress: progress) { piece in
      var table = piece.table
      if let id { try refuseRepeated(table, id.name, input) }
      try seen.withLock { seen in
        try refuseNumericGroups(seen.groups(with: table.groups, isWhole: piece.isWhole), input)
        if let weight {
          seen.weight += table.numbers[scores.count].reduce(0, +)
          try weight.checkTotal(seen.weight, input.name)
        }
      }
      var data = CalibrationData(
        scores: zip(scores, table.numbers).map { ($0, $1) }, attributes: table.groups)
      if let weight {
        data.weights = table.numbers[scores.count]
        data.frequency = weight.isFrequency
      }
      if wantsKeys { data.keys = table.hashes[0] }
      data.labels = try labels.values(of: table, weights: data.weights)
      table.numbers = []
      table.lines = []
      table.hashes = []
      var fit = FitRequest(data)
      fit.idColumn = roles.id
      fit.wantsCertificate = certificate
      fit.seed = seed
      fit.threads = input.settings.threads
      fit.groupWeights = groupWeights
      if certificate { fit.digest = digest(data) }
      try each(
        Reading(request: fit, tally: table.tally, records: table.count, isWhole: piece.isWhole))
    }
  }

  /// What the pieces before have in common with the next one.
  private struct Seen {
    private var keys: [Set<GroupKey>]
    var weight = 0.0

    init(_ attributes: Int) { keys = Array(repeating: [], count: attributes) }

    /// The attributes with all groups so far.
    mutating func groups(with own: [Grouping], isWhole: Bool) -> [Grouping] {
      if isWhole { return own }
      return own.enumerated().map { place, group in
        keys[place].formUnion(group.keys)
        return Grouping(columns: group.columns, keys: Array(keys[place]), codes: [])
      }
    }
  }

  /// Refuses an id that two records have.
  private static func refuseRepeated(_ table: Table, _ id: String, _ input: Input) throws {
    guard let first = repeated(table.hashes[0]) else { return }
    throw Failure(
      .badData,
      "\(input.name):\(table.lines[first.1]): column \"\(id)\": the record of line \(table.lines[first.0]) has the same id"
    )
  }

  /// Refuses a column with two roles that contradict each other.
  private static func refuseConflicts(
    _ roles: RoleNames, scores: [String], _ groups: [[String]]
  ) throws(UsageError) {
    var conflicts = RoleConflicts()
    try conflicts.takeWeightAndID(roles)
    for score in scores { try conflicts.take(score, "a score") }
    for column in Set(groups.joined()).sorted() {
      try conflicts.take(column, "a sensitive attribute (\(option: "group"))")
    }
  }

  /// A group for every number there is would be a mistake: cuts make groups of it.
  private static func refuseNumericGroups(_ groups: [Grouping], _ input: Input) throws {
    for group in groups where group.columns.count == 1 && group.keys.count > 50 {
      let isNumeric = group.keys.allSatisfy { key in
        if case .number = NumberText.parse(key.parts[0].bytes) { return true }
        return false
      }
      guard isNumeric else { continue }
      throw Failure(
        .badData,
        "\(input.name): column \"\(group.columns[0])\" has \(group.keys.count) groups, all of them numbers",
        hint: "cut it into groups: \(option: "bin") \(group.columns[0])=CUT,CUT")
    }
  }

  /// Makes records bad that a fit cannot use.
  private static func check(
    _ rules: RowRules, _ voice: SettingVoice, scores: [ColumnReference],
    groups: [[ColumnReference]],
    _ weight: WeightColumn?,
    id: ColumnReference?, together: (@Sendable ([Double]) -> (score: Int, words: String)?)?
  ) -> (@Sendable (inout Batch, [[Double]], [[Int32]]) -> Void)? {
    { batch, numbers, codes in
      for (score, values) in zip(scores, numbers) {
        for row in values.indices {
          if let words = fault(values[row], rules, voice) { batch.note(row, score.name, words) }
        }
      }
      if let together {
        for row in 0..<batch.count {
          let own = scores.indices.map { numbers[$0][row] }
          if let fault = together(own) { batch.note(row, scores[fault.score].name, fault.words) }
        }
      }
      if rules.needsGroup {
        for (columns, codes) in zip(groups, codes) {
          for row in codes.indices where codes[row] == -1 {
            batch.note(
              row, columns.map(\.name).joined(separator: ","),
              "the group is missing (see \(voice.name(rules.groupSetting)))")
          }
        }
      }
      if let id {
        for row in 0..<batch.count where batch.text(row, id).isEmpty {
          batch.note(row, id.name, "the record's id is missing")
        }
      }
      if let weight { weight.check(numbers[scores.count], &batch) }
    }
  }

  /// What is wrong with a score, in words.
  @inline(__always)
  private static func fault(
    _ value: Double, _ rules: RowRules, _ voice: SettingVoice
  ) -> String? {
    if abs(value) > RowRules.largest {
      return "the score \(NumberText.text(value)) is too large: at most 1e150"
    }
    guard let range = rules.range, value < range.lowerBound || value > range.upperBound else {
      return nil
    }
    let ends = [range.lowerBound, range.upperBound].map { NumberText.text($0) }
    return
      "the score \(NumberText.text(value)) lies outside \(voice.given("range", ends.joined(separator: ",")))"
  }

  /// The hashes that are there more than once.
  ///
  /// Hashes are evenly spread: their leading bits divide them into places of a few each, which are sorted one by
  /// one; that takes a third of the time of sorting them all.
  private static func repeatedValues(_ hashes: [UInt64]) -> [UInt64] {
    let bits = max(1, Int.bitWidth - hashes.count.leadingZeroBitCount - 4)
    let shift = UInt64(64 - bits)
    var ends = [Int](repeating: 0, count: 1 << bits)
    for hash in hashes { ends[Int(hash >> shift)] += 1 }
    var sum = 0
    for place in ends.indices {
      sum += ends[place]
      ends[place] = sum - ends[place]
    }
    var divided = [UInt64](repeating: 0, count: hashes.count)
    for hash in hashes {
      let place = Int(hash >> shift)
      divided[ends[place]] = hash
      ends[place] += 1
    }
    var twice: [UInt64] = []
    var start = 0
    for end in ends {
      for place in start..<end {
        let hash = divided[place]
        var at = place
        while at > start, divided[at - 1] > hash {
          divided[at] = divided[at - 1]
          at -= 1
        }
        divided[at] = hash
        if at > start, divided[at - 1] == hash { twice.append(hash) }
      }
      start = end
    }
    return twice
  }

  /// Two records with the same hash of their id, the earliest such pair.
  private static func repeated(_ hashes: [UInt64]) -> (Int, Int)? {
    let twice = Set(repeatedValues(hashes))
    guard !twice.isEmpty else { return nil }
    var seen: [UInt64: Int] = [:]
    for (row, hash) in hashes.enumerated() where twice.contains(hash) {
      if let first = seen[hash] { return (first, row) }
      seen[hash] = row
    }
    return nil
  }

  /// The sum of the records' hashes over the used fields: the same for every order and division.
  private static func digest(_ data: CalibrationData) -> UInt64 {
    let hash = StableHash(seed: 0, purpose: "digest")
    let keys = data.attributes.map { attribute in
      attribute.keys.map { key in
        key.parts.reduce(hash(1)) { hash($0 ^ hash($1)) }
      }
    }
    var sum: UInt64 = 0
    for row in 0..<(data.scores.first?.values.count ?? 0) {
      var state: UInt64 = 0
      for score in data.scores { state = hash(state ^ score.values[row].bitPattern) }
      for (place, attribute) in data.attributes.enumerated() {
        let code = attribute.codes[row]
        state = hash(state ^ (code < 0 ? 0 : keys[place][Int(code)]))
      }
      if let weights = data.weights { state = hash(state ^ weights[row].bitPattern) }
      sum = sum &+ state
    }
    return sum
  }
}
