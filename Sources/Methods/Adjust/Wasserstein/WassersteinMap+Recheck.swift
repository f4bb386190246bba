internal import FairpostTransport

/// Something a map says that its own numbers deny.
package enum MapFault: Sendable, Equatable {
  /// Knots do not ascend, or results descend, in a group's function.
  case outOfOrder(score: String)
  /// The stated record counts are not those of the distributions.
  case countsDisagree(score: String)
  /// A stated distance before or after the map is not that of the distributions.
  case distanceDisagrees(score: String)
  /// A stated group mean cannot be that of the distribution.
  case meanDisagrees(score: String)
  /// The stated price is not that of the distributions and their images.
  case priceDisagrees(score: String)
  /// A stated bound is not the one its conditions and counts give.
  case boundDisagrees(score: String)
  /// Computing the map again from its data gives another map.
  case differsFromData
}

extension WassersteinMap {
  /// What in the map contradicts itself; empty for an honest map.
  ///
  /// A map that keeps its data is computed again and compared whole. One that was compressed is held
  /// to its knots: order, counts and bounds; means, distances before and, of one attribute, after, and
  /// the price, each as closely as the gaps between knots let it be known. The cross-fitted figures
  /// need the folds, which only the data have.
  package func recheck() -> [MapFault] {
    var faults: [MapFault] = []
    if let summary {
      do {
        let again = try WassersteinMap(summary, settings: settings)
        if again != self { faults.append(.differsFromData) }
      } catch {
        // Data that cannot be fitted again are not those of the map.
        faults.append(.differsFromData)
      }
    }
    for (index, score) in scores.enumerated() {
      for step in score.steps where !step.entries.values.allSatisfy(Self.isOrdered) {
        faults.append(.outOfOrder(score: score.name))
      }
      guard index < certificates.count else { continue }
      let stated = certificates[index]
      if !stated.keepsOrder { faults.append(.outOfOrder(score: score.name)) }
      if score.steps.count == 1 {
        let (free, asymptotic) = Certificate.bounds(score.steps[0], settings)
        if (stated.distributionFree.isNumber && stated.distributionFree != free)
          || (stated.asymptotic.isNumber && stated.asymptotic != asymptotic)
        {
          faults.append(.boundDisagrees(score: score.name))
        }
      } else if stated.distributionFree.isNumber || stated.asymptotic.isNumber {
        // Nothing bounds what several steps leave.
        faults.append(.boundDisagrees(score: score.name))
      }
      faults += check(stated, score)
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

  /// Holds a certificate to the first step's samples, which are those of the intersections, and, of
  /// one attribute, to what the functions make of them.
  private func check(_ certificate: Certificate, _ score: Score) -> [MapFault] {
    let step = score.steps[0]
    // Small cells are served by another map and keep no distribution of their own; the entries of
    // one attribute alone are not the intersections.
    guard step.small.isEmpty || step.entries.count == certificate.groups.count else { return [] }
    if !step.small.isEmpty, settings.smallCell == .marginal, score.steps.count > 1 { return [] }
    let entries = step.entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    if score.steps.count > 1, entries.count != certificate.groups.count { return [] }
    let keys = entries.map { zip(attributes, $0.key).map { $0.keys[$1] } }
    guard keys == certificate.groups.map(\.cell.keys),
      entries.map(\.value.rows) == certificate.groups.map(\.cell.rows)
    else { return [.countsDisagree(score: score.name)] }
    // Of a sample cut in two halves a map keeps one.
    let unit = Unit(entries.map(\.value.ranks))
    let samples = entries.map { unit.measure($0.value.ranks) }
    guard zip(samples, entries).allSatisfy({ $0.rows == $1.value.rows }), settings.jitter == 0
    else { return [] }

    var faults: [MapFault] = []
    let groups = certificate.groups
    let stated = certificate
    let certificate = certificate.measured(in: unit)
    let before = samples.map { GapBounds($0, values: $0.values) }
    let meansBefore = groups.map { $0.meanBefore / unit.size }
    if !zip(meansBefore, before).allSatisfy({ $1.allows(mean: $0) })
      || !Self.isMean(certificate.meanBefore, of: meansBefore, samples)
    {
      faults.append(.meanDisagrees(score: score.name))
    }
    if !GapBounds.allow(certificate.before, before) {
      faults.append(.distanceDisagrees(score: score.name))
    }
    // Some estimators' functions bend between the values too.
    guard score.steps.count == 1, settings.ties != .random,
      entries.allSatisfy({
        ($0.value.table?.knots ?? $0.value.ranks.values) == $0.value.ranks.values
      })
    else { return faults }

    let images = entries.map { entry in
      let values = entry.value.ranks.values
      return zip(values, entry.value.table?.images ?? values).map {
        Blend.mix($1, $0, step.epsilon) / unit.size
      }
    }
    let after = zip(samples, images).map { GapBounds($0, values: $1) }
    let meansAfter = groups.map { $0.meanAfter / unit.size }
    if !zip(meansAfter, after).allSatisfy({ $1.allows(mean: $0) })
      || !Self.isMean(certificate.meanAfter, of: meansAfter, samples)
    {
      faults.append(.meanDisagrees(score: score.name))
    }
    if !GapBounds.allow(certificate.inSample, after) {
      faults.append(.distanceDisagrees(score: score.name))
    }
    let changes = zip(samples, images).map { GapBounds.squaredChange($0, to: $1) }
    let total = samples.reduce(0) { $0 + $1.total }
    let low = changes.reduce(0) { $0 + $1.low } / total
    let high = changes.reduce(0) { $0 + $1.high } / total
    // Squares of tiny changes are 0, or next to it.
    let square = unit.size * unit.size
    let rounding = 1e-9 * high * square + 4 * Double.leastNonzeroMagnitude
    if !(low * square - rounding <= stated.price && stated.price <= high * square + rounding)
      || !allowsClosedForm(stated, step, before, unit)
    {
      faults.append(.priceDisagrees(score: score.name))
    }
    return faults
  }

  /// Whether the closed form can be the sum over groups of share times squared W2 to the barycentre.
  private func allowsClosedForm(
    _ certificate: Certificate, _ step: Step, _ before: [GapBounds], _ unit: Unit
  ) -> Bool {
    guard let stated = certificate.closedFormPrice, settings.estimator == .meanOfAtom else {
      return true
    }
    let shares = step.entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value.share)
    let barycentre = QuantileAverage(of: before.map(\.sample), shares: shares).distribution
    // The barycentre moves by no more than the groups do.
    let largest = before.reduce(0) {
      max($0, abs($1.sample.values.first ?? 0), abs($1.sample.values.last ?? 0))
    }
    // Levels are rounded, and a root makes a small error of a square a larger one.
    let drift = (before.map(\.slack.w2).max() ?? 0) + 1e-7 * largest
    var (low, high, total) = (0.0, 0.0, 0.0)
    for group in before {
      let distance = group.sample.transportDistances(to: barycentre).w2
      let slack = group.slack.w2 + drift
      let (near, far) = (max(0, distance - slack), distance + slack)
      low += group.sample.total * near * near
      high += group.sample.total * far * far
      total += group.sample.total
    }
    let kept = (1 - step.epsilon) * (1 - step.epsilon) / total * (unit.size * unit.size)
    let rounding = 4 * Double.leastNonzeroMagnitude
    return low * kept * (1 - 1e-9) - rounding <= stated
      && stated <= high * kept * (1 + 1e-9) + rounding
  }

  /// Whether a mean over all records is that of the groups' means.
  private static func isMean(_ stated: Double, of means: [Double], _ samples: [Distribution])
    -> Bool
  {
    let total = samples.reduce(0) { $0 + $1.total }
    let found = zip(means, samples).reduce(0) { $0 + $1.0 * $1.1.total } / total
    return abs(stated - found) <= 1e-9 * (1 + abs(found))
  }
}

extension Certificate {
  /// The overall figures in a unit; the groups' stay as they are.
  fileprivate func measured(in unit: Unit) -> Certificate {
    if unit.size == 1 { return self }
    let square = unit.size * unit.size
    return Certificate(
      groups: groups, meanBefore: meanBefore / unit.size, meanAfter: meanAfter / unit.size,
      before: before.times(1 / unit.size), inSample: inSample.times(1 / unit.size),
      crossFitted: crossFitted, heldOutChance: heldOutChance, distributionFree: distributionFree,
      asymptotic: asymptotic,
      price: price / square, closedFormPrice: closedFormPrice.map { $0 / square },
      keepsOrder: keepsOrder)
  }
}

extension GapBounds {
  fileprivate func allows(mean stated: Double) -> Bool { mean.low <= stated && stated <= mean.high }
}

extension Certificate.Bound {
  fileprivate var isNumber: Bool {
    if case .atMost = self { return true }
    return false
  }
}
