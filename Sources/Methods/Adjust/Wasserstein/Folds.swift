internal import FairpostNumerics
internal import FairpostTransport

/// Which records of a sample are held out, fold by fold.
///
/// The fold of a record is drawn by the sample, its group, its score and which of the records with that
/// score it is: equal records are spread over the folds as any records are, whatever other columns there
/// are, and a frequency of n is the same as n rows. It follows from the merged sample alone, so that
/// neither the order nor the division of the rows matters.
struct Folds {
  /// The folds.
  static let count = 5

  /// For each cell its parts.
  let parts: [[Distribution]]
  /// The parts held out together.
  let held: [[Int]]

  /// The folds of a score's cells; nil where they cannot be drawn.
  init?(
    _ cells: [(codes: [Int], parts: [Distribution])], score: String,
    _ summary: CalibrationSummary, _ settings: WassersteinSettings
  ) {
    let divided = CalibrationSummary.partCount
    if settings.estimator == .split || settings.revision < 2 {
      // Two of the parts that the fit itself knows, so that halves stay halves.
      guard cells.allSatisfy({ $0.parts.count == divided }) else { return nil }
      parts = cells.map(\.parts)
      held = (0..<Self.count).map { [2 * $0, 2 * $0 + 1] }
      return
    }
    held = (0..<Self.count).map { [$0] }
    let hash = StableHash(seed: settings.seed, purpose: "wasserstein.fold")
    let samples = cells.map { Distribution.merging($0.parts) }
    // Other data, other folds: were they the same for one value in every sample, all fits of such
    // scores would share their luck.
    var digest: UInt64 = 0
    for sample in samples {
      for place in sample.values.indices {
        let mass = hash(sample.mass(at: place).bitPattern)
        digest &+= hash(mass ^ sample.values[place].bitPattern)
      }
    }
    var parts: [[Distribution]] = []
    for (cell, sample) in zip(cells, samples) {
      var key = hash(digest ^ hash(score))
      for (attribute, code) in zip(summary.attributes, cell.codes) {
        for part in attribute.keys[code].parts { key = hash(key ^ hash(part)) }
      }
      guard let drawn = Self.drawn(sample, key: key, hash, isWeighted: summary.isWeighted)
      else { return nil }
      parts.append(drawn)
    }
    self.parts = parts
  }

  /// One sample, divided.
  ///
  /// Of weighted records only the sum at a score is known: where many share a score they count as
  /// equal pieces, as many as would tell as much.
  private static func drawn(
    _ sample: Distribution, key: UInt64, _ hash: StableHash, isWeighted: Bool
  ) -> [Distribution]? {
    let isTied = sample.rows != sample.values.count
    if isWeighted, isTied, sample.rows < 2 * sample.values.count { return nil }
    let piece = sample.effectiveCount > 0 ? sample.total / sample.effectiveCount : 1
    var values = [[Double]](repeating: [], count: count)
    var masses = values
    var rows = [Double](repeating: 0, count: count)
    var squares = rows
    for (place, value) in sample.values.enumerated() {
      let mass = sample.mass(at: place)
      var pieces = isWeighted ? 1 : mass
      if isWeighted, isTied { pieces = max(1, (mass / piece).rounded()) }
      var stream = RandomStream(key: hash(key ^ hash(value.bitPattern)))
      if pieces == 1 {
        let fold = stream.below(count)
        values[fold].append(value)
        masses[fold].append(mass)
        rows[fold] += 1
        squares[fold] += isWeighted ? mass * mass : 1
        continue
      }
      let each = mass / pieces
      for (fold, number) in shares(pieces, of: count, &stream).enumerated() where number > 0 {
        values[fold].append(value)
        masses[fold].append(isWeighted ? number * each : number)
        rows[fold] += number
        squares[fold] += number * (isWeighted ? each * each : 1)
      }
    }
    return (0..<count).map { fold in
      if values[fold].isEmpty { return .empty }
      let isPlain = masses[fold].allSatisfy { $0 == 1 }
      return Distribution(
        values: values[fold], masses: isPlain ? nil : masses[fold],
        rows: Int(exactly: rows[fold]) ?? Int.max, squaredWeights: [squares[fold]])
    }
  }

  /// How many of n equal records fall into each part, every record on its own.
  ///
  /// Few are drawn one by one; of many the number is normal to within its rounding. Only + - x and
  /// square root are used, so that it is the same on every machine.
  static func shares(_ n: Double, of parts: Int, _ stream: inout RandomStream) -> [Double] {
    var result = [Double](repeating: 0, count: parts)
    if n <= 256 {
      for _ in 0..<Int(n) { result[stream.below(parts)] += 1 }
      return result
    }
    var rest = n
    for part in 0..<(parts - 1) {
      let share = 1 / Double(parts - part)
      var sum = -6.0
      for _ in 0..<12 { sum += stream.uniform() }
      let drawn = (rest * share + (rest * share * (1 - share)).squareRoot() * sum).rounded()
      result[part] = min(max(drawn, 0), rest)
      rest -= result[part]
    }
    result[parts - 1] = rest
    return result
  }
}
