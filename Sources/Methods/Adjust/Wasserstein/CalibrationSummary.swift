internal import FairpostNumerics
package import FairpostTransport

/// All that a fit needs to know of its data: exact distributions by cell, part and score.
///
/// A cell is a combination of groups. For the split estimator each cell is divided into ten parts by a
/// hash of the record: halves, and folds for cross-fitting. Everything in a map is computed from a
/// summary, and summaries merge without loss, so the maps of two shards give the map of all.
package struct CalibrationSummary: Sendable, Equatable {
  /// One sensitive attribute of a summary.
  package struct Attribute: Sendable, Equatable {
    /// The columns it is made of.
    package let columns: [String]
    /// Its groups, sorted.
    package let keys: [GroupKey]
  }

  /// The records of one combination of groups.
  package struct Cell: Sendable, Equatable {
    /// The group of each attribute, an index into its keys.
    package let codes: [Int]
    /// For each score the distributions of the parts.
    package let parts: [[Distribution]]
  }

  /// The parts of a cell that is divided.
  package static let partCount = 10

  /// The names of the scores.
  package let scores: [String]
  /// The attributes, in order of correction.
  package let attributes: [Attribute]
  /// The cells, in order of their codes.
  package let cells: [Cell]
  /// Records without a score, for each score.
  package let missingScores: [Int]
  /// Records left out because a group is missing.
  package let missingGroups: Int
  /// Records left out because their weight is 0.
  package let zeroWeights: Int
  /// Whether rows had weights that are not frequencies.
  package let isWeighted: Bool

  /// A summary from its parts.
  package init(
    scores: [String], attributes: [Attribute], cells: [Cell], missingScores: [Int],
    missingGroups: Int, zeroWeights: Int, isWeighted: Bool
  ) {
    self.scores = scores
    self.attributes = attributes
    self.cells = cells
    self.missingScores = missingScores
    self.missingGroups = missingGroups
    self.zeroWeights = zeroWeights
    self.isWeighted = isWeighted
  }
}

extension CalibrationSummary {
  /// Summarises data.
  package init(_ data: CalibrationData, settings: WassersteinSettings) throws(AdjustmentError) {
    let count = data.scores.first?.values.count ?? 0
    let needsParts =
      settings.estimator == .split || (settings.certificate && settings.revision < 2)
    if data.keys == nil {
      if settings.estimator == .split { throw .needsKeys(setting: "estimator", value: "split") }
      if settings.ties == .random { throw .needsKeys(setting: "ties", value: "random") }
      if settings.jitter > 0 { throw .needsKeys(setting: "jitter", value: nil) }
    }
    let parts = needsParts && data.keys != nil ? Self.partCount : 1
    var dropped = Dropped()
    let (attributes, place) = try Self.places(data, count, settings, &dropped)
    let combinations = Self.combinations(place, attributes.map(\.keys.count))
    let slots = Self.slots(data, combinations.rowCells, parts: parts, settings)
    let slotCount = combinations.cells.count * parts
    var distributions: [[Distribution]] = []
    var missing: [Int] = []
    for (index, (name, values)) in data.scores.enumerated() {
      let isSorted = parts == 1 && settings.jitter == 0 && settings.sketch == nil
      let column = try Self.distributions(
        name, values, data, slots: slots, slotCount: slotCount, settings,
        sorted: isSorted ? data.sorted?[index] : nil)
      distributions.append(column.distributions)
      missing.append(column.missing)
    }
    let cells = combinations.cells.indices.map { cell in
      Cell(
        codes: combinations.cells[cell],
        parts: distributions.map { Array($0[(cell * parts)..<((cell + 1) * parts)]) })
    }
    self.init(
      scores: data.scores.map(\.name), attributes: attributes, cells: cells,
      missingScores: missing, missingGroups: dropped.missingGroups,
      zeroWeights: dropped.zeroWeights, isWeighted: data.weights != nil && !data.frequency)
  }

  private struct Dropped {
    var missingGroups = 0
    var zeroWeights = 0
  }

  /// The attributes with their final keys, and each row's group for each; -1 leaves a row out.
  private static func places(
    _ data: CalibrationData, _ count: Int, _ settings: WassersteinSettings, _ dropped: inout Dropped
  ) throws(AdjustmentError) -> ([Attribute], [[Int32]]) {
    // Sorted data have neither weights nor rows without a group: every row counts.
    if data.sorted != nil, let only = data.attributes.first, settings.missingGroup != .own {
      return ([Attribute(columns: only.columns, keys: only.keys)], [only.codes])
    }
    var usable = [Bool](repeating: true, count: count)
    if let weights = data.weights {
      var bad = 0
      for (row, weight) in weights.enumerated() {
        if WeightRule.fault(weight, isFrequency: data.frequency) != nil { bad += 1 }
        if weight == 0 {
          usable[row] = false
          dropped.zeroWeights += 1
        }
      }
      if bad > 0 { throw .badWeights(rows: bad) }
    }
    var attributes: [Attribute] = []
    var places: [[Int32]] = []
    for grouping in data.attributes {
      var keys = grouping.keys
      var codes = grouping.codes
      if settings.missingGroup == .own, codes.contains(-1) {
        // Missing sorts first: the key of empty parts, which no row that has a group can have.
        let own = GroupKey(grouping.columns.map { _ in "" })
        keys.insert(own, at: 0)
        for row in codes.indices { codes[row] += 1 }
      }
      attributes.append(Attribute(columns: grouping.columns, keys: keys))
      places.append(codes)
    }
    for codes in places {
      for row in 0..<count where codes[row] < 0 && usable[row] {
        usable[row] = false
        dropped.missingGroups += 1
      }
    }
    if settings.missingGroup == .error && dropped.missingGroups > 0 {
      throw .missingGroups(rows: dropped.missingGroups)
    }
    if usable.contains(false), !places.isEmpty {
      for row in 0..<count where !usable[row] { places[0][row] = -1 }
    }
    return (attributes, places)
  }

  /// The combinations that occur, in order, and each row's; -1 where the row is left out.
  private static func combinations(
    _ places: [[Int32]], _ sizes: [Int]
  ) -> (cells: [[Int]], rowCells: [Int32]) {
    guard let first = places.first else { return ([], []) }
    if places.count == 1 {
      var seen = [Bool](repeating: false, count: sizes[0])
      var unseen = sizes[0]
      for code in first where code >= 0 && !seen[Int(code)] {
        seen[Int(code)] = true
        unseen -= 1
        if unseen == 0 { break }
      }
      let used = seen.indices.filter { seen[$0] }
      if used.count == sizes[0] { return (used.map { [$0] }, first) }
      var rank = [Int32](repeating: -1, count: sizes[0])
      for (index, code) in used.enumerated() { rank[code] = Int32(index) }
      return (used.map { [$0] }, first.map { $0 < 0 ? -1 : rank[Int($0)] })
    }
    var ids: [[Int]: Int32] = [:]
    var rowCells = [Int32](repeating: -1, count: first.count)
    for row in first.indices where first[row] >= 0 {
      let key = places.map { Int($0[row]) }
      let id = ids[key] ?? Int32(ids.count)
      ids[key] = id
      rowCells[row] = id
    }
    let cells = ids.keys.sorted { $0.lexicographicallyPrecedes($1) }
    var rank = [Int32](repeating: 0, count: cells.count)
    for (index, cell) in cells.enumerated() { rank[Int(ids[cell] ?? 0)] = Int32(index) }
    for row in rowCells.indices where rowCells[row] >= 0 {
      rowCells[row] = rank[Int(rowCells[row])]
    }
    return (cells, rowCells)
  }

  /// The cell and part of every row as one number.
  private static func slots(
    _ data: CalibrationData, _ rowCells: [Int32], parts: Int, _ settings: WassersteinSettings
  ) -> [Int32] {
    guard parts > 1, let keys = data.keys else { return rowCells }
    let hash = StableHash(seed: settings.seed, purpose: "wasserstein.part")
    var slots = rowCells
    for row in slots.indices where slots[row] >= 0 {
      slots[row] = slots[row] * Int32(parts) + Int32(hash(keys[row]) % UInt64(parts))
    }
    return slots
  }

  /// The distributions of one score over all slots.
  private static func distributions(
    _ name: String, _ values: [Double], _ data: CalibrationData, slots: [Int32], slotCount: Int,
    _ settings: WassersteinSettings, sorted: GroupedSort?
  ) throws(AdjustmentError) -> (distributions: [Distribution], missing: Int) {
    var starts = [Int](repeating: 0, count: slotCount + 1)
    var (missing, bad) = (0, 0)
    let (least, greatest) = (
      max(settings.range?.lowerBound ?? -.infinity, -RowRules.largest),
      min(settings.range?.upperBound ?? .infinity, RowRules.largest)
    )
    // Groups without a record have no cell.
    if let groups = sorted?.values.filter({ !$0.isEmpty }), groups.count == slotCount,
      groups.allSatisfy({ ($0.first ?? 0) >= least && ($0.last ?? 0) <= greatest })
    {
      let distributions = Parallel.map(slotCount, threads: settings.threads) {
        Distribution(sorted: groups[$0])
      }
      return (distributions, values.count - groups.reduce(0) { $0 + $1.count })
    }
    for row in values.indices where slots[row] >= 0 {
      let value = values[row]
      if value.isNaN { missing += 1 } else { starts[Int(slots[row]) + 1] += 1 }
      if value < least || value > greatest { bad += 1 }
    }
    if bad > 0 { throw .badScores(score: name, rows: bad) }
    for slot in 0..<slotCount { starts[slot + 1] += starts[slot] }
    var next = starts
    var flat = [Double](repeating: 0, count: starts[slotCount])
    var flatWeights = [Double](repeating: 0, count: data.weights == nil ? 0 : flat.count)
    let noise = Jitter.hash(settings.seed, score: name, isFit: true)
    for row in values.indices where slots[row] >= 0 {
      var value = values[row]
      if value.isNaN { continue }
      if settings.jitter > 0, let keys = data.keys {
        value += Jitter.draw(noise, keys[row], settings.jitter)
      }
      if let digits = settings.sketch {
        value = Sketch.rounded(value, digits: digits, within: settings.range)
      }
      let slot = Int(slots[row])
      let at = next[slot]
      flat[at] = value
      if let weights = data.weights { flatWeights[at] = weights[row] }
      next[slot] = at + 1
    }
    let (all, allWeights, bounds) = (flat, flatWeights, starts)
    let frequency = data.frequency
    let inner = slotCount >= settings.threads ? 1 : settings.threads
    let distributions = Parallel.map(slotCount, threads: settings.threads) { slot in
      let range = bounds[slot]..<bounds[slot + 1]
      if allWeights.isEmpty { return Distribution(Array(all[range]), threads: inner) }
      return Distribution(
        Array(all[range]), weights: Array(allWeights[range]), frequencies: frequency)
    }
    return (distributions, missing)
  }
}

/// The paper's uniform noise, keyed by record.
enum Jitter {
  /// A seed of a score's own: what is drawn for a record differs from score to score.
  static func seed(_ seed: UInt64, score: String) -> UInt64 {
    StableHash(seed: seed, purpose: "wasserstein.score")(score)
  }

  /// The noise of a score, fresh for the fit and for what it is applied to.
  static func hash(_ seed: UInt64, score: String, isFit: Bool) -> StableHash {
    let own = Self.seed(seed, score: score)
    return isFit
      ? StableHash(seed: own, purpose: "wasserstein.jitter.fit")
      : StableHash(seed: own, purpose: "wasserstein.jitter.apply")
  }

  static func draw(_ hash: StableHash, _ key: UInt64, _ halfWidth: Double) -> Double {
    halfWidth * (2 * unit(hash(key)) - 1)
  }

  /// A hash as a uniform number strictly between 0 and 1.
  @inline(__always)
  static func unit(_ hash: UInt64) -> Double { (Double(hash &>> 12) + 0.5) * 0x1p-52 }
}
