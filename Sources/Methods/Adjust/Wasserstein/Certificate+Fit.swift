internal import Numerics
internal import Transport

extension Certificate {
  /// Computes the certificate of a fitted score; all of it from the summary's distributions.
  init(
    _ fitting: StepFitting, summary: CalibrationSummary,
    cells: [(codes: [Int], parts: [Distribution])], settings: WassersteinSettings
  ) throws(AdjustmentError) {
    let after = fitting.cells.map { $0.all.mapped(to: $0.applied) }
    groups = zip(fitting.cells, after).map { cell, after in
      Group(
        cell: CellCount(
          keys: zip(summary.attributes, cell.codes).map { $0.keys[$1] }, rows: cell.all.rows),
        effectiveCount: cell.all.effectiveCount, meanBefore: cell.all.mean, meanAfter: after.mean)
    }
    before = Distances(of: fitting.cells.map(\.all))
    if settings.ties == .random, let barycentre = fitting.barycentre {
      let spread = barycentre.distribution
      inSample = Distances(of: after.map { _ in spread })
    } else {
      inSample = Distances(of: after)
    }
    crossFitted = try Self.crossFit(cells, summary, settings, fitting)
    (distributionFree, asymptotic) = Self.bounds(fitting, summary, settings)
    var change = 0.0
    var weight = 0.0
    var closed = 0.0
    for cell in fitting.cells {
      for i in cell.all.values.indices {
        let move = cell.applied[i] - cell.all.values[i]
        change += cell.all.mass(at: i) * (move * move)
      }
      weight += cell.all.total
      if let barycentre = fitting.barycentre {
        let w2 = cell.all.distances(to: barycentre.distribution).w2
        closed += cell.all.total * (w2 * w2)
      }
    }
    price = change / weight
    let kept = fitting.steps.count == 1 ? fitting.steps[0].epsilon : 0
    closedFormPrice =
      fitting.steps.count == 1 ? closed / weight * ((1 - kept) * (1 - kept)) : nil
    keepsOrder = fitting.steps.allSatisfy { step in
      step.entries.values.allSatisfy { entry in
        guard let table = entry.table else { return true }
        return zip(table.images, table.images.dropFirst()).allSatisfy { $0 <= $1 }
          && table.below <= table.images[0]
      }
    }
  }

  /// The distances after mapping each fold by a fit of the other folds.
  private static func crossFit(
    _ cells: [(codes: [Int], parts: [Distribution])], _ summary: CalibrationSummary,
    _ settings: WassersteinSettings, _ fitting: StepFitting
  ) throws(AdjustmentError) -> Distances? {
    let parts = CalibrationSummary.partCount
    guard cells.allSatisfy({ $0.parts.count == parts }), settings.ties != .random else {
      return nil
    }
    var settings = settings
    settings.certificate = false
    settings.epsilons = fitting.steps.map(\.epsilon)
    settings.knots = nil
    var outputs = [[Distribution]](repeating: [], count: cells.count)
    for fold in 0..<5 {
      let held = [2 * fold, 2 * fold + 1]
      var other = StepFitting(
        score: fitting.score, attributes: summary.attributes, settings: settings, isFinal: false,
        cells: cells.map { cell in
          (
            cell.codes,
            cell.parts.indices.map { held.contains($0) ? Distribution.empty : cell.parts[$0] }
          )
        })
      do {
        try other.run()
      } catch {
        // A fold without a group leaves nothing to map it by: not estimable.
        return nil
      }
      for (index, cell) in cells.enumerated() {
        let own = Distribution.merging(held.map { cell.parts[$0] })
        if own.isEmpty { continue }
        guard let images = other.images(of: own, codes: cell.codes) else { return nil }
        outputs[index].append(own.mapped(to: images))
      }
    }
    return Distances(of: outputs.map { Distribution.merging($0) })
  }

  private static func bounds(
    _ fitting: StepFitting, _ summary: CalibrationSummary, _ settings: WassersteinSettings
  ) -> (distributionFree: Bound, asymptotic: Bound) {
    func none(_ reason: String) -> (Bound, Bound) { (.none(reason), .none(reason)) }
    if fitting.steps.count > 1 { return none("attributes") }
    if fitting.cells.contains(where: { $0.all.hasTies }) { return none("atoms") }
    if fitting.steps[0].epsilon > 0 { return none("epsilon") }
    if summary.isWeighted { return none("weights") }
    if settings.smallCell != .error, !fitting.steps[0].small.isEmpty { return none("small cells") }
    if settings.ties != .mean { return none("ties") }
    let counts = fitting.cells.map { Double($0.sample.ranks.rows) }.sorted()
    guard counts.count > 1 else { return (.atMost(0), .atMost(0)) }
    let (n, m) = (counts[0], counts[1])
    let groups = Double(counts.count)
    // Steps of the CDFs: the step estimators lose at most one, the interpolating ones one each.
    let steps: Double
    switch settings.estimator {
    case .equipy, .split: steps = max(1 / n, 1 / m)
    case .meanOfAtom, .hazen: steps = 1 / n + 1 / m
    }
    let free =
      Kolmogorov.distributionFreeRadius(count: n, probability: 0.05 / groups)
      + Kolmogorov.distributionFreeRadius(count: m, probability: 0.05 / groups) + steps
    let pairs = groups * (groups - 1) / 2
    let limit = Kolmogorov.upperQuantile(0.05 / pairs) * (1 / n + 1 / m).squareRoot()
    return (.atMost(min(1, free)), .atMost(min(1, limit)))
  }
}

extension Certificate.Distances {
  /// The largest distances over all pairs.
  init(of groups: [Distribution]) {
    var (ks, w1, w2, gap) = (0.0, 0.0, 0.0, 0.0)
    for i in groups.indices where !groups[i].isEmpty {
      for j in groups.indices where j > i && !groups[j].isEmpty {
        let distances = groups[i].distances(to: groups[j])
        ks = max(ks, distances.ks)
        w1 = max(w1, distances.w1)
        w2 = max(w2, distances.w2)
        gap = max(gap, abs(distances.meanGap))
      }
    }
    self.init(ks: ks, w1: w1, w2: w2, meanGap: gap)
  }
}

extension StepFitting {
  /// What the fitted steps make of a distribution's values; nil where they do not know the cell.
  func images(of distribution: Distribution, codes: [Int]) -> [Double]? {
    var values = distribution.values
    for step in steps {
      let key = Array(codes[step.attribute...])
      guard let entry = step.entries[key] ?? step.marginal[codes[step.attribute]] ?? step.pooled
      else { return nil }
      guard let table = entry.table else { continue }
      let mapped = table.values(sorted: values)
      for i in values.indices { values[i] = Blend.mix(mapped[i], values[i], step.epsilon) }
    }
    return values
  }
}
