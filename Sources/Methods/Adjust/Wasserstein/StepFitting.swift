internal import FairpostNumerics
internal import FairpostTransport

/// Fits the steps of one score from the samples of its cells.
struct StepFitting {
  /// A combination of groups on its way through the steps.
  struct Cell {
    let codes: [Int]
    /// All calibration records, as they came.
    let all: Distribution
    /// The step's input: what the steps so far make of the sample, with nothing kept (epsilon 0).
    var sample: GroupSample
    /// What the steps so far make of `all`'s values, with each step's epsilon.
    var applied: [Double]
  }

  let score: String
  let attributes: [CalibrationSummary.Attribute]
  let settings: WassersteinSettings
  /// Whether this is the map itself: policies are enforced and fallbacks made; cross-fits do neither.
  let isFinal: Bool
  var cells: [Cell]
  var steps: [WassersteinMap.Step] = []
  /// What the results of a compressed map may be off by at most; nil without such a bound.
  let errorBound: Double?
  /// The standard deviation of all calibration scores.
  let spread: Double
  /// The knots that the map keeps, of those there are.
  private(set) var knots = (kept: 0, all: 0)
  /// The barycentre of the last step's first stratum.
  var barycentre: QuantileAverage?

  init(
    score: String, attributes: [CalibrationSummary.Attribute], settings: WassersteinSettings,
    isFinal: Bool, cells: [(codes: [Int], parts: [Distribution])]
  ) {
    self.score = score
    self.attributes = attributes
    self.settings = settings
    self.isFinal = isFinal
    self.cells = cells.map { codes, parts in
      let all = Distribution.merging(parts)
      var sample = GroupSample(all)
      if settings.estimator == .split {
        sample = GroupSample(
          ranks: .merging(parts.indices.filter { $0 % 2 == 0 }.map { parts[$0] }),
          quantiles: .merging(parts.indices.filter { $0 % 2 == 1 }.map { parts[$0] }))
      }
      return Cell(codes: codes, all: all, sample: sample, applied: all.values)
    }
    self.cells.removeAll { $0.all.isEmpty }
    let spread =
      isFinal && settings.knots != nil
      ? Self.spread(
        self.cells.map(\.all), threads: settings.threads) : 0
    self.spread = spread
    errorBound = settings.valueError.map { $0 * spread }
  }

  /// The standard deviation of several samples together.
  private static func spread(_ samples: [Distribution], threads: Int) -> Double {
    let total = samples.reduce(0) { $0 + $1.total }
    let means = Parallel.map(samples.count, threads: threads) { samples[$0].mean }
    let mean = zip(samples, means).reduce(0) { $0 + $1.0.total / total * $1.1 }
    var square = 0.0
    for sample in samples { sample.addSquares(around: mean, over: total, to: &square) }
    return square.squareRoot()
  }

  /// Fits every step.
  mutating func run() throws(AdjustmentError) {
    if cells.isEmpty { throw .noRecords(score: score) }
    for attribute in attributes.indices { try fit(attribute) }
  }

  /// The cells that agree on an attribute and the later ones, as one group, by stratum.
  private func strata(_ attribute: Int, marginal: Bool) -> [[Int]: [Int: [Int]]] {
    var strata: [[Int]: [Int: [Int]]] = [:]
    for (index, cell) in cells.enumerated() {
      let rest = marginal ? [] : Array(cell.codes[(attribute + 1)...])
      strata[rest, default: [:]][cell.codes[attribute], default: []].append(index)
    }
    return strata
  }

  private func count(_ members: [Int]) -> Int { members.reduce(0) { $0 + cells[$1].all.rows } }

  private func cellCount(_ attribute: Int, _ code: Int, _ rest: [Int], _ rows: Int) -> CellCount {
    let codes = [code] + rest
    let keys = codes.enumerated().map { attributes[attribute + $0.offset].keys[$0.element] }
    return CellCount(keys: keys, rows: rows)
  }

  private mutating func fit(_ attribute: Int) throws(AdjustmentError) {
    let isLast = attribute == attributes.count - 1
    let isCrossed = !isLast || attributes[attribute].columns.count > 1
    var strata = strata(attribute, marginal: false)
    var small: [CellCount] = []
    var single: [CellCount] = []
    var smallCodes: Set<[Int]> = []
    for (rest, groups) in strata {
      for (code, members) in groups {
        let rows = count(members)
        if rows < settings.minimumGroup {
          small.append(cellCount(attribute, code, rest, rows))
          smallCodes.insert([code] + rest)
        }
        if rows == 1 { single.append(cellCount(attribute, code, rest, rows)) }
      }
    }
    small.sort { $0.keys.lexicographicallyPrecedes($1.keys) }
    single.sort { $0.keys.lexicographicallyPrecedes($1.keys) }
    if isFinal {
      if isCrossed, settings.smallCell == .error, !small.isEmpty {
        throw .smallCells(small, minimum: settings.minimumGroup)
      }
      if settings.smallCell == .error, !settings.allowsSingletons, !single.isEmpty {
        throw .singletons(single)
      }
    }
    if settings.smallCell == .marginal, !small.isEmpty, !isLast {
      strata = self.strata(attribute, marginal: true)
    }
    let isMarginal = settings.smallCell == .marginal && !small.isEmpty
    let pools = settings.smallCell == .pool && (isCrossed || !settings.allowsSingletons)
    let epsilon = settings.epsilons.count > 1 ? settings.epsilons[attribute] : settings.epsilons[0]

    // The attribute alone over the whole sample: for small or unseen cells, and unknown groups.
    let whole = self.strata(attribute, marginal: true)[[]] ?? [:]
    let needsPooled =
      (pools && !small.isEmpty) || (isMarginal && isLast)
      || (isFinal
        && (settings.unseen == .pool || settings.missingGroup == .pool
          || settings.smallCell != .error))
    var marginal: [Int: WassersteinMap.Entry] = [:]
    var pooled: WassersteinMap.Entry?
    var wholeFit: Stratum?
    let rests = strata.keys.sorted(by: { $0.lexicographicallyPrecedes($1) })
    var fits: [Stratum] = []
    for (place, rest) in rests.enumerated() {
      fits.append(
        try fitStratum(strata[rest] ?? [:], attribute, stratum: place, withPooled: false))
    }
    if needsPooled {
      fits.append(try fitStratum(whole, attribute, stratum: rests.count, withPooled: true))
    }
    if !isLast, settings.revision > 1 { Self.decideTies(&fits) }
    for place in fits.indices { makeEntries(&fits[place]) }
    if needsPooled {
      let fit = fits.removeLast()
      wholeFit = fit
      pooled = fit.pooled
      if !isLast { marginal = fit.entries }
    }

    var entries: [[Int]: WassersteinMap.Entry] = [:]
    var averages: [QuantileAverage] = []
    var exact: [[Int]: MapTable] = [:]
    var spreads: [[Int]: QuantileAverage] = [:]
    for (rest, fit) in zip(rests, fits) {
      guard let groups = strata[rest] else { continue }
      averages.append(fit.average ?? QuantileAverage(of: [], shares: []))
      if isLast { barycentre = fit.barycentre }
      for (code, entry) in fit.entries {
        let cellKeys =
          isMarginal && !isLast
          ? Set((groups[code] ?? []).map { Array(cells[$0].codes[attribute...]) })
          : [[code] + rest]
        for key in cellKeys {
          if (pools || (isMarginal && isLast)), smallCodes.contains(key) {
            exact[key] =
              isLast
              ? wholeFit?.pooledFunction?.table
              : wholeFit?.functions[code]?.table ?? wholeFit?.pooledFunction?.table
            spreads[key] = wholeFit?.average
          } else {
            entries[key] = entry
            exact[key] = fit.functions[code]?.table
            spreads[key] = fit.average
          }
        }
      }
    }
    if let average = wholeFit?.average { averages.append(average) }
    steps.append(
      WassersteinMap.Step(
        attribute: attribute, entries: entries, small: small, marginal: marginal, pooled: pooled,
        averages: settings.ties == .random ? averages : [], epsilon: epsilon,
        sizes: attributes[attribute...].map(\.keys.count)))
    for index in cells.indices {
      let key = Array(cells[index].codes[attribute...])
      guard let table = exact[key] else { continue }
      Self.push(
        &cells[index], through: table, spread: spreads[key], epsilon: epsilon, isLast: isLast,
        settings)
    }
  }

  /// Moves a cell through a step.
  ///
  /// Static, since a second view of the cells would have them copied for each one that changes.
  private static func push(
    _ cell: inout Cell, through table: MapTable, spread: QuantileAverage?, epsilon: Double,
    isLast: Bool, _ settings: WassersteinSettings
  ) {
    // A cell's own table has its values for knots: the arrays are shared, not copied.
    let mapped =
      table.knots == cell.applied ? table.images : table.values(sorted: cell.applied)
    if epsilon == 0 {
      cell.applied = mapped
    } else {
      for i in mapped.indices {
        cell.applied[i] = Blend.mix(mapped[i], cell.applied[i], epsilon)
      }
    }
    if isLast { return }
    if settings.ties == .random, let spread {
      // Spread over its interval, a group's sample is the barycentre itself.
      cell.sample = GroupSample(spread.distribution.scaled(to: cell.all.total))
      return
    }
    let ranks = cell.sample.ranks.mapped(to: table.values(sorted: cell.sample.ranks.values))
    cell.sample =
      settings.estimator == .split
      ? GroupSample(
        ranks: ranks,
        quantiles: cell.sample.quantiles.mapped(
          to: table.values(sorted: cell.sample.quantiles.values)))
      : GroupSample(ranks)
  }

  /// One group's function before it is compressed.
  private struct Function {
    var table: MapTable
    let ranks: Distribution
    let rows: Int
    let share: Double
  }

  private struct Stratum {
    var stratum = 0
    var functions: [Int: Function] = [:]
    var pooledFunction: Function?
    var entries: [Int: WassersteinMap.Entry] = [:]
    var pooled: WassersteinMap.Entry?
    var average: QuantileAverage?
    var barycentre: QuantileAverage?
  }

  /// Makes equal results of a step one number.
  private static func decideTies(_ fits: inout [Stratum]) {
    let functions = fits.flatMap { fit in
      fit.functions.keys.sorted().compactMap { fit.functions[$0] }
        + (fit.pooledFunction.map { [$0] } ?? [])
    }
    let tables = StepTies.decided(functions.map(\.table), inputs: functions.map(\.ranks))
    var at = 0
    for place in fits.indices {
      for code in fits[place].functions.keys.sorted() {
        fits[place].functions[code]?.table = tables[at]
        at += 1
      }
      if fits[place].pooledFunction != nil {
        fits[place].pooledFunction?.table = tables[at]
        at += 1
      }
    }
  }

  /// Turns a stratum's functions into what the map keeps of them.
  private mutating func makeEntries(_ fit: inout Stratum) {
    let codes = fit.functions.keys.sorted()
    let functions = codes.compactMap { fit.functions[$0] } + (fit.pooledFunction.map { [$0] } ?? [])
    let stratum = fit.stratum
    let entries = Parallel.map(functions.count, threads: settings.threads) { [self] in
      entry(functions[$0], stratum: stratum)
    }
    for (function, entry) in zip(functions, entries) {
      knots.all += function.table.knots.count
      knots.kept += entry.table?.knots.count ?? 0
    }
    for (code, entry) in zip(codes, entries) { fit.entries[code] = entry }
    if fit.pooledFunction != nil { fit.pooled = entries.last }
  }

  private func fitStratum(
    _ groups: [Int: [Int]], _ attribute: Int, stratum: Int, withPooled: Bool
  ) throws(AdjustmentError) -> Stratum {
    var result = Stratum()
    result.stratum = stratum
    let codes = groups.keys.sorted()
    let members = codes.map { groups[$0] ?? [] }
    let samples = members.map { GroupSample.merging($0.map { cells[$0].sample }) }
    let rows = members.map(count)
    // One value of the attribute: nothing to equalise (as in EquiPy's conditional steps).
    if codes.count == 1 && attributes.count > 1 && !withPooled {
      result.entries[codes[0]] = WassersteinMap.Entry(
        table: nil, ranks: Distribution.empty, stratum: stratum, rows: rows[0], share: 1,
        valueError: 0)
      return result
    }
    var shares: [Double] = []
    for (index, code) in codes.enumerated() {
      switch settings.groupWeights {
      case .shares:
        shares.append(members[index].reduce(0) { $0 + cells[$1].all.total })
      case .equal: shares.append(1)
      case .given(let weights):
        let key = attributes[attribute].keys[code]
        guard let weight = weights[key] else { throw .noGroupWeight(key) }
        shares.append(weight)
      }
    }
    guard shares.contains(where: { $0 > 0 }) else {
      throw .unusable("group weights must not all be 0 for groups that occur together")
    }
    let map: BarycentreMap
    do {
      map = try BarycentreMap(
        samples: samples, shares: shares, estimator: settings.estimator, ties: settings.ties,
        withPooled: withPooled, isPrecise: settings.revision > 1 && attributes.count > 1,
        threads: settings.threads)
    } catch {
      throw .transport(error, score: score)
    }
    result.average = map.average
    if isFinal && settings.certificate {
      result.barycentre = QuantileAverage(
        of: samples.map(\.quantiles), shares: map.shares, threads: settings.threads)
    }
    for (index, code) in codes.enumerated() {
      result.functions[code] = Function(
        table: map.tables[index], ranks: samples[index].ranks, rows: rows[index],
        share: map.shares[index])
    }
    if let table = map.pooled, let sample = map.pooledSample {
      result.pooledFunction = Function(
        table: table, ranks: sample.ranks, rows: rows.reduce(0, +), share: 0)
    }
    return result
  }

  private func entry(_ function: Function, stratum: Int) -> WassersteinMap.Entry {
    let (table, ranks) = (function.table, function.ranks)
    guard isFinal, let limit = settings.knots, table.knots.count == ranks.values.count else {
      return WassersteinMap.Entry(
        table: table, ranks: ranks, stratum: stratum, rows: function.rows, share: function.share,
        valueError: 0)
    }
    var kept = Compression.knots(of: ranks, limit: limit)
    if let errorBound, kept.count < table.knots.count {
      kept = Compression.refined(kept, of: table, bound: errorBound)
    }
    let (small, error) = Compression.keep(kept, of: table)
    return WassersteinMap.Entry(
      table: small, ranks: Compression.keep(kept, of: ranks), stratum: stratum,
      rows: function.rows, share: function.share, valueError: error)
  }
}

/// The mixture of a mapped score with what it was.
enum Blend {
  @inline(__always)
  static func mix(_ mapped: Double, _ original: Double, _ epsilon: Double) -> Double {
    if epsilon == 0 { return mapped }
    if epsilon == 1 { return original }
    return (1 - epsilon) * mapped + epsilon * original
  }
}
