internal import FairpostCSV
internal import FairpostNumerics
internal import FairpostRoles
internal import FairpostTransport

/// An audit as one long table of full precision, whose counts, rates and ratios a check can read again.
package enum AuditCSV {
  /// A column after the usual ones.
  private typealias Column = (name: String, value: (AuditRow, AuditTable) -> Double?)

  private static var tests: [Column] {
    [
      ("fisher_p", { row, _ in row.fisher?.twoSided }), ("mid_p", { row, _ in row.fisher?.midP }),
      ("fisher_less", { row, _ in row.fisher?.less }), ("fisher_holm", { row, _ in row.holm }),
      ("z", { row, _ in row.pair?.pooled.value }), ("z_p", { row, _ in row.pair?.pooled.p }),
      ("standard_deviations", { row, _ in row.pair?.standardDeviations }),
      ("ratio_lower", { row, _ in row.ratioInterval?.lower }),
      ("ratio_upper", { row, _ in row.ratioInterval?.upper }),
      ("difference", { row, _ in row.pair?.difference }),
      ("difference_lower", { row, _ in row.differenceInterval?.lower }),
      ("difference_upper", { row, _ in row.differenceInterval?.upper }),
      ("flips_with_one", { row, _ in row.pair.map { $0.flips(with: 1) ? 1 : 0 } }),
      ("flips_with_two", { row, _ in row.pair.map { $0.flips(with: 2) ? 1 : 0 } }),
      ("shortfall_to_parity", { row, _ in row.pair.map { Double($0.shortfall.toParity) } }),
      ("moved_to_parity", { row, _ in row.pair.map { Double($0.shortfall.movedToParity) } }),
      ("expected_minus_observed", { row, _ in row.pair?.expectedMinusObserved }),
      ("pearson", { _, table in table.pearson?.statistic }),
      ("pearson_p", { _, table in table.pearson?.p }),
      ("surest_pair_p", { _, table in table.surest?.p }),
      ("surest_pair_holm", { _, table in table.surest?.holm }),
    ]
  }

  private static var fourFifths: [Column] {
    [
      ("below_four_fifths", { row, _ in row.pair.map { $0.isBelowFourFifths ? 1 : 0 } }),
      (
        "shortfall_to_four_fifths",
        { row, _ in row.pair.map { Double($0.shortfall.toFourFifths) } }
      ),
      (
        "moved_to_four_fifths",
        { row, _ in row.pair.map { Double($0.shortfall.movedToFourFifths) } }
      ),
    ]
  }

  private static var strata: [Column] {
    [
      ("crude_ratio", { row, _ in row.stratified?.crude.ratio }),
      ("mh_ratio", { row, _ in row.stratified?.ratio?.value }),
      ("mh_ratio_log_se", { row, _ in row.stratified?.ratio?.logError }),
      ("mh_odds_ratio", { row, _ in row.stratified?.oddsRatio?.value }),
      ("mh_odds_ratio_log_se", { row, _ in row.stratified?.oddsRatio?.logError }),
      ("cmh", { row, _ in row.stratified?.common?.statistic }),
      ("cmh_p", { row, _ in row.stratified?.common?.p }),
      ("cmh_standard_deviations", { row, _ in row.stratified?.common?.standardDeviations }),
      ("exact_p", { row, _ in row.stratified?.exact?.twoSided }),
      ("exact_less", { row, _ in row.stratified?.exact?.less }),
      ("breslow_day", { row, _ in row.stratified?.homogeneity?.statistic }),
      ("breslow_day_p", { row, _ in row.stratified?.homogeneity?.p }),
      ("tarone", { row, _ in row.stratified?.homogeneity?.tarone }),
      ("tarone_p", { row, _ in row.stratified?.homogeneity?.taroneP }),
      ("disagree", { row, _ in row.stratified.map { $0.disagree ? 1 : 0 } }),
    ]
  }

  private static func scores(_ table: AuditTable) -> [Column] {
    var columns: [Column] = [
      ("mean", { row, _ in row.scores?.mean }),
      ("standard_deviation", { row, _ in row.scores?.deviation }),
      ("smd", { row, _ in row.meanDifference }), ("cohen_d", { row, _ in row.cohen }),
    ]
    for (place, top) in TableMaker.tops.enumerated() {
      let name = "top_\(Int((top * 100).rounded()))"
      func at(_ row: AuditRow) -> (rate: Double, ratio: Double?)? {
        place < row.quantiles.count ? row.quantiles[place] : nil
      }
      columns += [
        (name + "_rate", { row, _ in at(row)?.rate }),
        (name + "_ratio", { row, _ in at(row)?.ratio }),
        (
          name + "_attained",
          { _, table in place < table.quantiles.count ? table.quantiles[place].attained : nil }
        ),
      ]
    }
    return columns
  }

  /// The bytes of the table.
  package static func bytes(_ outcome: AuditRun.Outcome) -> [UInt8] {
    let request = outcome.request
    let isWeighted = request.roles.weight?.isFrequency == false
    let hasTests = (request.wantsTests || request.scheme.hasTests) && !isWeighted
    var groups: [String] = []
    for table in outcome.tables {
      for column in table.columns where !groups.contains(column) { groups.append(column) }
    }
    var extra: [Column] =
      isWeighted
      ? [
        ("weighted_n", { row, _ in row.weighted?.n }),
        ("weighted_selected", { row, _ in row.weighted?.k }),
      ]
      : [
        ("rate_lower", { row, _ in row.bounds?.lower }),
        ("rate_upper", { row, _ in row.bounds?.upper }),
      ]
    if hasTests { extra += tests }
    if hasTests, request.scheme.namesFourFifths { extra += fourFifths }
    if hasTests, outcome.tables.contains(where: \.isCombined) { extra += strata }
    if request.score != nil, let table = outcome.tables.first { extra += scores(table) }
    if request.population != nil {
      extra.append(("population_share", { row, _ in row.populationShare }))
    }
    let hasReading = request.scheme.name == "ugesp" && !isWeighted
    let header =
      ["scheme", "table", "position", "period"] + groups
      + ["n", "selected", "rate", "ratio", "benchmark", "share", "small", "excluded"]
      + extra.map(\.name) + (hasReading ? ["reading"] : [])
    var bytes: [UInt8] = []
    func write(_ fields: [ByteText]) {
      let padded = fields + [ByteText](repeating: ByteText([]), count: header.count - fields.count)
      bytes += Dialect.comma.record(padded.map(\.bytes)) + [UInt8(ascii: "\n")]
    }
    // What has nobody behind it is none.
    func number(_ value: Double?) -> ByteText {
      ByteText(value.flatMap { $0.isNaN ? nil : NumberText.text($0) } ?? "")
    }
    func whole(_ value: Int) -> ByteText { ByteText(NumberText.text(value)) }
    write(header.map { ByteText($0) })
    for table in outcome.tables {
      func place(_ category: (Int) -> ByteText) -> [ByteText] {
        [
          ByteText(request.scheme.name), ByteText(table.name), table.position ?? ByteText([]),
          table.period ?? ByteText([]),
        ] + groups.map { table.columns.firstIndex(of: $0).map(category) ?? ByteText([]) }
      }
      for row in table.rows {
        let start = place { row.key.parts[$0] }
        if row.isHidden {
          let few = ByteText("<\(request.minimumCell)")
          write(start + [few, few])
          continue
        }
        write(
          start
            + [
              whole(row.counts.n), whole(row.counts.k), number(row.rate), number(row.ratio),
              whole(row.isBenchmark ? 1 : 0), number(row.share), whole(row.isSmall ? 1 : 0),
              whole(row.isExcluded ? 1 : 0),
            ] + extra.map { number($0.value(row, table)) }
            + (hasReading
              ? [ByteText(row.pair.map { Reading.words($0, row.fisher) } ?? "")] : []))
      }
      if table.unknown.n > 0 {
        write(
          place { _ in ByteText("Unknown") } + [whole(table.unknown.n), whole(table.unknown.k)])
      }
    }
    return bytes
  }
}
