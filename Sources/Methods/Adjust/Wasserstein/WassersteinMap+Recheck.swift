internal import Transport

/// Something a map says that its own numbers deny.
public enum MapFault: Sendable, Equatable {
  /// Knots do not ascend, or results descend, in a group's function.
  case outOfOrder(score: String)
  /// The stated record counts are not those of the distributions.
  case countsDisagree(score: String)
  /// The stated distance before the map is not that of the distributions.
  case distanceDisagrees(score: String, stated: Double, found: Double)
  /// A stated group mean cannot be that of the distribution.
  case meanDisagrees(score: String)
  /// A stated bound is not the one its conditions and counts give.
  case boundDisagrees(score: String)
  /// Computing the map again from its data gives another map.
  case differsFromData
}

extension WassersteinMap {
  /// What in the map contradicts itself; empty for an honest map.
  ///
  /// A map that keeps its data is computed again and compared whole. One that was compressed is
  /// checked as far as its knots reach: order, counts, the KS distance before (to the rank error)
  /// and the groups' means (to the spread within gaps).
  public func recheck() -> [MapFault] {
    var faults: [MapFault] = []
    if let summary {
      // Data that cannot be fitted again differ from the map too: nil is reported just below.
      let again = try? WassersteinMap(summary, settings: settings)
      if again != self { faults.append(.differsFromData) }
    }
    for (index, score) in scores.enumerated() {
      for step in score.steps where !step.entries.values.allSatisfy(Self.isOrdered) {
        faults.append(.outOfOrder(score: score.name))
      }
      guard index < certificates.count else { continue }
      let stated = certificates[index]
      if !stated.keepsOrder { faults.append(.outOfOrder(score: score.name)) }
      guard score.steps.count == 1 else {
        // Nothing bounds what several steps leave.
        if stated.distributionFree.isNumber || stated.asymptotic.isNumber {
          faults.append(.boundDisagrees(score: score.name))
        }
        continue
      }
      let (free, asymptotic) = Certificate.bounds(score.steps[0], settings)
      if (stated.distributionFree.isNumber && stated.distributionFree != free)
        || (stated.asymptotic.isNumber && stated.asymptotic != asymptotic)
      {
        faults.append(.boundDisagrees(score: score.name))
      }
      faults += Self.check(certificates[index], score, attributes[0])
    }
    return faults
  }

  private static func isOrdered(_ entry: Entry) -> Bool {
    guard let table = entry.table else { return true }
    let pairs = zip(table.knots.indices, table.knots.indices.dropFirst())
    return pairs.allSatisfy {
      table.knots[$0] < table.knots[$1] && table.images[$0] <= table.images[$1]
    }
  }

  private static func check(
    _ certificate: Certificate, _ score: Score, _ attribute: CalibrationSummary.Attribute
  ) -> [MapFault] {
    let step = score.steps[0]
    // Small cells are served by another map and keep no distribution of their own.
    guard step.small.isEmpty || step.entries.count == certificate.groups.count else { return [] }
    let entries = step.entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let keys = entries.map { [attribute.keys[$0.key[0]]] }
    guard keys == certificate.groups.map(\.cell.keys),
      entries.map(\.value.rows) == certificate.groups.map(\.cell.rows)
    else { return [.countsDisagree(score: score.name)] }
    var faults: [MapFault] = []
    for (entry, group) in zip(entries, certificate.groups) {
      let slack = 1e-9 * (1 + abs(group.meanBefore))
      let (low, high) = meanRange(entry.value.ranks)
      if entry.value.ranks.rows == group.cell.rows,
        group.meanBefore < low - slack || group.meanBefore > high + slack
      {
        faults.append(.meanDisagrees(score: score.name))
      }
    }
    var found = 0.0
    var slack = 1e-12
    if entries.allSatisfy({ $0.value.ranks.isExact }) {
      found = Distribution.largestKolmogorovSmirnov(of: entries.map(\.value.ranks))
    } else if entries.count > Certificate.Distances.mostGroups {
      return faults
    } else {
      for (i, left) in entries.enumerated() {
        slack = max(slack, 2 * Compression.rankError(of: left.value.ranks))
        for right in entries[(i + 1)...] {
          found = max(found, left.value.ranks.kolmogorovSmirnov(to: right.value.ranks))
        }
      }
    }
    let isSplit = entries.contains { $0.value.ranks.rows != $0.value.rows }
    if !isSplit, abs(found - certificate.before.ks) > slack {
      faults.append(
        .distanceDisagrees(score: score.name, stated: certificate.before.ks, found: found))
    }
    return faults
  }

  /// The least and greatest mean a distribution can have, wherever in its gaps the weight lies.
  private static func meanRange(_ ranks: Distribution) -> (Double, Double) {
    var (low, high) = (0.0, 0.0)
    for index in ranks.values.indices {
      let here = ranks.mass(at: index) * ranks.values[index]
      let gap = ranks.gaps?[index] ?? 0
      low += here + gap * (index > 0 ? ranks.values[index - 1] : ranks.values[index])
      high += here + gap * ranks.values[index]
    }
    return (low / ranks.total, high / ranks.total)
  }
}

extension Certificate.Bound {
  fileprivate var isNumber: Bool {
    if case .atMost = self { return true }
    return false
  }
}
