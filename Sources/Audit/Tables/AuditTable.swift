package import FairpostNumerics
internal import FairpostRoles
package import FairpostTransport

/// One category of a table with every figure that counts, weights or scores give.
package struct AuditRow: Sendable {
  /// The category.
  package let key: GroupKey
  /// The people and those selected.
  package let counts: Selected
  /// The same as sums of weights.
  package var weighted: (n: Double, k: Double)?
  /// The share of the table's people.
  package var share = 0.0
  /// Whether it is less than 2 % of the table's people.
  package var isSmall = false
  /// Whether it has no part in the ratios.
  package var isExcluded = false
  /// Whether it is what others are compared with.
  package var isBenchmark = false
  /// The rate.
  package var rate: Double?
  /// The ratio to the benchmark.
  package var ratio: Double?
  /// The counts beside the benchmark's; none for the benchmark itself and with weights.
  package var pair: RatePair?
  /// Fisher's test of that pair.
  package var fisher: Hypergeometric.Tests?
  /// Its two-sided p-value corrected for the table's categories by Holm's method.
  package var holm: Double?
  /// Koopman's interval of the ratio.
  package var ratioInterval: Interval?
  /// Newcombe's interval of the difference.
  package var differenceInterval: Interval?
  /// The rates that the unknown people could make of it.
  package var bounds: (lower: Double, upper: Double)?
  /// The pair by position and period, in the combined table.
  package var stratified: Stratified?
  /// The mean and spread of its scores.
  package var scores: ScoreMoments?
  /// The difference of means to the reference, in standard deviations of all.
  package var meanDifference: Double?
  /// The same in the common standard deviation of both (Cohen's d).
  package var cohen: Double?
  /// At each top share: the rate and its ratio to the reference's.
  package var quantiles: [(rate: Double, ratio: Double?)] = []
  /// The share of the population.
  package var populationShare: Double?
  /// Whether its figures are not shown, since it has too few people.
  package var isHidden = false
}

/// The categories of one attribute in one position and period, or in all of them.
package struct AuditTable: Sendable {
  /// The attribute's columns.
  package let columns: [String]
  /// The position; nil where all are together.
  package let position: ByteText?
  /// The period; nil where all are together.
  package let period: ByteText?
  /// Whether it puts several positions or periods together.
  package var isCombined = false
  /// The categories in order.
  package var rows: [AuditRow] = []
  /// The people whose category is known.
  package var total = Selected(0, of: 0)
  /// The people whose category is not.
  package var unknown = Selected(0, of: 0)
  /// The place of what others are compared with.
  package var benchmark: Int?
  /// The chi-squared test of all categories.
  package var pearson: CategoryCounts.Pearson?
  /// The pair that differs most surely.
  package var surest: CategoryCounts.SurestPair?
  /// The category of the lowest rate, weighted or not.
  package var lowest: Int?
  /// The scores of all whose category is known.
  package var scores: ScoreMoments?
  /// The top shares that are looked at, the score each begins at and the share attained.
  package var quantiles: [(top: Double, threshold: Double?, attained: Double)] = []

  /// The attribute in words.
  package var name: String { columns.joined(separator: ",") }
}

/// Makes tables of cells.
struct TableMaker {
  let cells: AuditCells
  let request: AuditRequest
  /// The columns of the cells' keys.
  let columns: [String]
  let isWeighted: Bool
  let threads: Int
  let population: AuditCells?
  /// Categories that are named as references, by column.
  let references: [(column: String, text: ByteText)]

  private var z: Double { Normal.quantile(1 - (1 - request.level) / 2) }

  /// All tables in order: for each attribute the combined one, then each position and period.
  func tables() -> [AuditTable] {
    let positions = texts(request.position)
    let periods = texts(request.period)
    var tables: [AuditTable] = []
    for attribute in attributes {
      var parts: [AuditTable] = []
      for position in positions {
        for period in periods where position != nil || period != nil {
          let own = table(attribute, position, period, fixed: nil, strata: [])
          if own.total.n + own.unknown.n > 0 { parts.append(own) }
        }
      }
      var whole = table(attribute, nil, nil, fixed: nil, strata: parts)
      whole.isCombined = !parts.isEmpty
      tables.append(whole)
      tables += parts
    }
    return tables
  }

  /// The attributes, with their intersection where it is wanted.
  var attributes: [[String]] {
    var all = request.roles.groups
    var crossed: [String] = []
    for column in all.flatMap({ $0 }) where !crossed.contains(column) { crossed.append(column) }
    let isThere = all.contains { Set($0) == Set(crossed) }
    if request.wantsIntersections || request.scheme.hasIntersections, !isThere {
      all.append(crossed)
    }
    return all
  }

  /// The texts of a column of positions or periods, sorted; nil alone where there is no column.
  private func texts(_ column: String?) -> [ByteText?] {
    guard let column, let place = columns.firstIndex(of: column) else { return [nil] }
    return Set(cells.keys.map { $0[place] }).filter { !$0.isEmpty }.sorted().map { $0 }
  }

  /// Whether a cell belongs to a position and period.
  private func isIn(_ key: [ByteText], _ position: ByteText?, _ period: ByteText?) -> Bool {
    for (column, text) in [(request.position, position), (request.period, period)] {
      guard let column, let text, let place = columns.firstIndex(of: column) else { continue }
      if key[place] != text { return false }
    }
    return true
  }

  private func table(
    _ attribute: [String], _ position: ByteText?, _ period: ByteText?, fixed: GroupKey?,
    strata: [AuditTable]
  ) -> AuditTable {
    let places = attribute.compactMap { columns.firstIndex(of: $0) }
    var table = AuditTable(columns: attribute, position: position, period: period)
    // The cells of each category.
    var members: [GroupKey: [Int]] = [:]
    for (cell, key) in cells.keys.enumerated() where isIn(key, position, period) {
      let parts = places.map { key[$0] }
      if parts.contains(where: \.isEmpty) {
        table.unknown.n += cells.counts[cell].n
        table.unknown.k += cells.counts[cell].k
      } else {
        members[GroupKey(parts), default: []].append(cell)
      }
    }
    let keys = members.keys.sorted { CategoryOrder.isBefore($0, $1) }
    for key in keys {
      let own = members[key] ?? []
      var counts = Selected(0, of: 0)
      for cell in own {
        counts.n += cells.counts[cell].n
        counts.k += cells.counts[cell].k
      }
      if counts.n == 0 { continue }
      var row = AuditRow(key: key, counts: counts)
      if isWeighted {
        var sums = ExactSums(count: 2)
        for cell in own {
          for half in 0..<2 { sums.add(cells.weights, from: 2 * cell + half, at: half) }
        }
        row.weighted = (sums.value(at: 0), sums.value(at: 1))
      }
      if request.score != nil {
        row.scores = ScoreMoments(
          own.flatMap { cells.scores[$0] }, weights: own.flatMap { cells.scoreWeights[$0] })
      }
      table.total.n += counts.n
      table.total.k += counts.k
      table.rows.append(row)
    }
    rates(&table)
    compare(&table)
    if !strata.isEmpty { stratify(&table, strata) }
    if request.score != nil { scores(&table, members) }
    if let population { shares(&table, population) }
    return table
  }

  /// Rates, shares, what is small, and the benchmark.
  private func rates(_ table: inout AuditTable) {
    let weight = table.rows.reduce(0) { $0 + ($1.weighted?.n ?? 0) }
    for place in table.rows.indices {
      let row = table.rows[place]
      if let own = row.weighted {
        table.rows[place].rate = own.n > 0 ? own.k / own.n : nil
        table.rows[place].share = weight > 0 ? own.n / weight : 0
      } else {
        table.rows[place].rate = row.counts.rate
        table.rows[place].share = Double(row.counts.n) / Double(max(1, table.total.n))
      }
      table.rows[place].isSmall = CategoryCounts.isSmall(row.counts, of: table.total.n)
      table.rows[place].isExcluded = request.exclusion != nil && table.rows[place].isSmall
    }
    let counts = table.rows.map(\.counts)
    let excluded = table.rows.map(\.isExcluded)
    let eligible = { (place: Int) in !excluded[place] }
    if request.scheme.comparison == .reference {
      table.benchmark = reference(table)
    } else if isWeighted {
      table.benchmark = table.rows.indices.filter { eligible($0) && table.rows[$0].rate != nil }
        .max {
          let (one, other) = (table.rows[$0], table.rows[$1])
          return (one.rate ?? 0, one.weighted?.n ?? 0, -$0)
            < (other.rate ?? 0, other.weighted?.n ?? 0, -$1)
        }
    } else {
      table.benchmark = CategoryCounts.benchmark(counts, eligible)
    }
    table.lowest =
      isWeighted
      ? table.rows.indices.min { (table.rows[$0].rate ?? 2) < (table.rows[$1].rate ?? 2) }
      : CategoryCounts.lowest(counts)
  }

  /// The category that is named as reference, else the most numerous.
  private func reference(_ table: AuditTable) -> Int? {
    let wanted = table.columns.map { column in
      references.first { $0.column == column }?.text
    }
    if !wanted.contains(where: { $0 == nil }) {
      return table.rows.firstIndex { $0.key.parts == wanted.compactMap { $0 } }
    }
    return table.rows.indices.max {
      (table.rows[$0].counts.n, -$0) < (table.rows[$1].counts.n, -$1)
    }
  }

  /// Ratios, and without weights everything that four counts give.
  private func compare(_ table: inout AuditTable) {
    let unknown = table.unknown
    let hasDecisions = request.decision != nil || request.score != nil
    guard let place = table.benchmark, hasDecisions else { return }
    table.rows[place].isBenchmark = true
    let best = table.rows[place]
    for index in table.rows.indices {
      let row = table.rows[index]
      let isShown = !row.isExcluded || request.showsRatioOfExcluded
      if isWeighted {
        if let own = row.rate, let other = best.rate, other > 0, isShown {
          table.rows[index].ratio = own / other
        }
        continue
      }
      table.rows[index].bounds = CategoryCounts.bounds(row.counts, unknown: unknown)
      let pair = RatePair(row.counts, against: best.counts)
      if isShown { table.rows[index].ratio = pair.ratio }
      if index == place || row.isExcluded { continue }
      table.rows[index].pair = pair
      table.rows[index].fisher = pair.fisher
      table.rows[index].ratioInterval = Koopman.interval(pair, quantile: z)
      table.rows[index].differenceInterval = pair.newcombe(quantile: z)
    }
    if isWeighted { return }
    let values = CategoryCounts.holm(table.rows.map { $0.fisher?.twoSided ?? .nan })
    for (index, value) in values.enumerated() where !value.isNaN { table.rows[index].holm = value }
    let counts = table.rows.filter { !$0.isExcluded }.map(\.counts)
    table.pearson = CategoryCounts.pearson(counts)
    // Of all rows: places must be those of the table.
    table.surest =
      table.rows.count <= 60 ? CategoryCounts.surestPair(table.rows.map(\.counts)) : nil
  }

  /// Each category by position and period, against the benchmark of all together.
  private func stratify(_ table: inout AuditTable, _ strata: [AuditTable]) {
    guard !isWeighted, let place = table.benchmark else { return }
    let best = table.rows[place].key
    for index in table.rows.indices where table.rows[index].pair != nil {
      let key = table.rows[index].key
      let pairs = strata.compactMap { stratum -> RatePair? in
        guard let own = stratum.rows.first(where: { $0.key == key }),
          let other = stratum.rows.first(where: { $0.key == best })
        else { return nil }
        return RatePair(own.counts, against: other.counts)
      }
      let stratified = Stratified(pairs)
      if !stratified.strata.isEmpty { table.rows[index].stratified = stratified }
    }
  }

  /// The top shares at which rates of scores are looked at.
  static let tops = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

  /// Means in standard deviations, and ratios by quantile.
  private func scores(_ table: inout AuditTable, _ members: [GroupKey: [Int]]) {
    let all = ScoreMoments(table.rows.compactMap(\.scores))
    table.scores = all
    let place =
      request.scheme.comparison == .reference
      ? table.benchmark
      : table.rows.indices.max {
        (table.rows[$0].counts.n, -$0) < (table.rows[$1].counts.n, -$1)
      }
    guard let place, let best = table.rows[place].scores else { return }
    for index in table.rows.indices {
      guard let own = table.rows[index].scores else { continue }
      table.rows[index].meanDifference = own.standardised(against: best, among: all)
      table.rows[index].cohen = own.cohen(against: best)
    }
    // The top shares are of everybody with a score in this position and period.
    let own = cells.keys.indices.filter { isIn(cells.keys[$0], table.position, table.period) }
    let everybody = ScoreSample(
      own.flatMap { cells.scores[$0] }, weights: own.flatMap { cells.scoreWeights[$0] },
      threads: threads)
    let thresholds = everybody.thresholds(top: Self.tops)
    table.quantiles = zip(Self.tops, thresholds).map { top, threshold in
      let selected = threshold.map { everybody.from($0) } ?? 0
      return (top, threshold, everybody.total > 0 ? selected / everybody.total : 0)
    }
    let samples = table.rows.map { row -> ScoreSample in
      let cells = members[row.key] ?? []
      return ScoreSample(
        cells.flatMap { self.cells.scores[$0] },
        weights: cells.flatMap { self.cells.scoreWeights[$0] }, threads: threads)
    }
    for index in table.rows.indices {
      table.rows[index].quantiles = thresholds.map { threshold in
        func rate(_ sample: ScoreSample) -> (k: Double, n: Double) {
          (threshold.map { sample.from($0) } ?? 0, sample.total)
        }
        let (row, other) = (rate(samples[index]), rate(samples[place]))
        return (
          row.k / row.n,
          other.k > 0 && row.n > 0 ? (row.k * other.n) / (row.n * other.k) : nil
        )
      }
    }
  }

  /// The share of each category in the population.
  private func shares(_ table: inout AuditTable, _ population: AuditCells) {
    let places = table.columns.compactMap { columns.firstIndex(of: $0) }
    var people: [GroupKey: Int] = [:]
    var total = 0
    for (cell, key) in population.keys.enumerated() {
      let parts = places.map { key[$0] }
      if parts.contains(where: \.isEmpty) { continue }
      people[GroupKey(parts), default: 0] += population.counts[cell].n
      total += population.counts[cell].n
    }
    guard total > 0 else { return }
    for index in table.rows.indices {
      table.rows[index].populationShare =
        Double(people[table.rows[index].key] ?? 0) / Double(total)
    }
  }
}
