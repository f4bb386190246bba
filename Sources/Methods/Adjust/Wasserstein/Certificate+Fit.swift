internal import FairpostNumerics
internal import FairpostTransport

extension Certificate {
  /// Computes the certificate of a fitted score; all of it from the summary's distributions.
  init(
    _ fitting: StepFitting, summary: CalibrationSummary,
    cells: [(codes: [Int], parts: [Distribution])], settings: WassersteinSettings
  ) throws(AdjustmentError) {
    // The figures are of measured scores, whose squares are numbers too.
    let (steps, unit) = (fitting, Unit(fitting.cells.map(\.all)))
    let fitting = fitting.measured(in: unit)
    let after = fitting.cells.map { Self.after($0, fitting, settings) }
    groups = zip(fitting.cells, after).map { cell, after in
      Group(
        cell: CellCount(
          keys: zip(summary.attributes, cell.codes).map { $0.keys[$1] }, rows: cell.all.rows),
        effectiveCount: cell.all.effectiveCount, meanBefore: cell.all.mean * unit.size,
        meanAfter: after.mean * unit.size)
    }
    let total = fitting.cells.reduce(0) { $0 + $1.all.total }
    meanBefore =
      fitting.cells.reduce(0) { $0 + $1.all.total / total * $1.all.mean } * unit.size
    meanAfter =
      zip(fitting.cells, after).reduce(0) { $0 + $1.0.all.total / total * $1.1.mean } * unit.size
    before = Distances(of: fitting.cells.map(\.all)).times(unit.size)
    inSample = Distances(of: after).times(unit.size)
    crossFitted = try Self.crossFit(cells, summary, settings, steps, unit)?.times(unit.size)
    heldOutChance =
      crossFitted == nil || settings.revision < 2
      ? nil : HeldOutChance.level(steps, summary, settings)
    (distributionFree, asymptotic) = Self.bounds(fitting, summary, settings)
    var change = 0.0
    var weight = 0.0
    var closed = 0.0
    // Each group is compared with the whole barycentre: with very many groups that is too much.
    let isFew = fitting.cells.count <= Distances.mostGroups
    let barycentre = isFew ? fitting.barycentre?.distribution : nil
    for cell in fitting.cells {
      for i in cell.all.values.indices {
        let move = cell.applied[i] - cell.all.values[i]
        change += cell.all.mass(at: i) * (move * move)
      }
      weight += cell.all.total
      if let barycentre {
        let w2 = cell.all.transportDistances(to: barycentre).w2
        closed += cell.all.total * (w2 * w2)
      }
    }
    // Spread over its interval, a tied record moves as the closed form says.
    let isSpread = settings.ties == .random && fitting.steps.count == 1
    let kept = fitting.steps.count == 1 ? fitting.steps[0].epsilon : 0
    let square = unit.size * unit.size
    let closedForm = closed / weight * ((1 - kept) * (1 - kept)) * square
    closedFormPrice = fitting.steps.count == 1 && isFew ? closedForm : nil
    price = isSpread && isFew ? closedForm : change / weight * square
    keepsOrder = fitting.steps.allSatisfy { step in
      step.entries.values.allSatisfy { entry in
        guard let table = entry.table else { return true }
        return zip(table.images, table.images.dropFirst()).allSatisfy { $0 <= $1 }
          && table.below <= table.images[0]
      }
    }
  }

  /// The distances in each fold, mapped by a fit of the other folds; their mean over folds.
  private static func crossFit(
    _ cells: [(codes: [Int], parts: [Distribution])], _ summary: CalibrationSummary,
    _ settings: WassersteinSettings, _ fitting: StepFitting, _ unit: Unit
  ) throws(AdjustmentError) -> Distances? {
    guard settings.ties != .random,
      let division = Folds(cells, score: fitting.score, summary, settings)
    else { return nil }
    var settings = settings
    settings.certificate = false
    settings.epsilons = fitting.steps.map(\.epsilon)
    settings.knots = nil
    let (fixed, steps) = (settings, fitting)
    let folds = Parallel.map(Folds.count, threads: settings.threads) { fold -> Distances? in
      let held = division.held[fold]
      var other = StepFitting(
        score: steps.score, attributes: summary.attributes, settings: fixed, isFinal: false,
        cells: zip(cells, division.parts).map { cell, parts in
          (
            cell.codes,
            parts.indices.map { held.contains($0) ? Distribution.empty : parts[$0] }
          )
        })
      // The rest of the records may leave a group empty or its cells too small, which this fit
      // refuses; then there are no held-out figures, which is shown.
      do { try other.run() } catch { return nil }
      var outputs: [Distribution] = []
      for (cell, parts) in zip(cells, division.parts) {
        let own = Distribution.merging(held.map { parts[$0] })
        if own.isEmpty {
          outputs.append(own)
          continue
        }
        guard let images = other.images(of: own, codes: cell.codes) else { return nil }
        outputs.append(unit.measure(own.mapped(to: images)))
      }
      // Fold by fold: put together, the folds' errors would cancel, and hide what one fit leaves.
      return Distances(of: outputs)
    }
    let each = folds.compactMap { $0 }
    guard each.count == folds.count else { return nil }
    func mean(_ part: (Distances) -> Double) -> Double {
      each.reduce(0) { $0 + part($1) } / Double(each.count)
    }
    return Distances(
      ks: mean { $0.ks }, w1: mean { $0.w1 }, w2: mean { $0.w2 }, meanGap: mean { $0.meanGap })
  }

  /// A cell's distribution after the steps: what the map makes of its records.
  private static func after(
    _ cell: StepFitting.Cell, _ fitting: StepFitting, _ settings: WassersteinSettings
  ) -> Distribution {
    guard settings.ties == .random, fitting.steps.count == 1, let spread = fitting.barycentre
    else { return cell.all.mapped(to: cell.applied) }
    let target = spread.distribution
    let epsilon = fitting.steps[0].epsilon
    if epsilon == 0 { return target }
    // A record keeps its place within its atom: score and target ascend together.
    var values: [Double] = []
    var masses: [Double] = []
    cell.all.forEachIndexPiece(with: target) { width, i, j in
      let value = Blend.mix(target.values[j], cell.all.values[i], epsilon)
      if let last = values.last, value <= last {
        masses[masses.count - 1] += width
      } else {
        values.append(value)
        masses.append(width)
      }
    }
    return Distribution(values: values, masses: masses, rows: 0, squaredWeights: [])
  }

  private static func bounds(
    _ fitting: StepFitting, _ summary: CalibrationSummary, _ settings: WassersteinSettings
  ) -> (distributionFree: Bound, asymptotic: Bound) {
    func none(_ reason: String) -> (Bound, Bound) { (.none(reason), .none(reason)) }
    guard fitting.steps.count == 1 else { return none("attributes") }
    if summary.isWeighted { return none("weights") }
    if fitting.cells.contains(where: { $0.all.hasHeavyAtom }) { return none("atoms") }
    return bounds(fitting.steps[0], settings)
  }

  /// The bounds of a single step, from what a map holds of its groups.
  ///
  /// For any law and any monotone Qbar the result's CDF in a group at t differs from one common level
  /// by at most D_s, the CDF's error, and a_s, the largest step of the sample's CDF between knots.
  static func bounds(
    _ step: WassersteinMap.Step, _ settings: WassersteinSettings
  ) -> (distributionFree: Bound, asymptotic: Bound) {
    func none(_ reason: String) -> (Bound, Bound) { (.none(reason), .none(reason)) }
    if step.epsilon > 0 { return none("epsilon") }
    if settings.smallCell != .error, !step.small.isEmpty { return none("small cells") }
    if settings.ties != .mean { return none("ties") }
    if settings.jitter > 0 { return none("jitter") }
    let samples = step.entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(
      \.value.ranks)
    guard samples.count > 1 else { return (.atMost(0), .atMost(0)) }
    let groups = Double(samples.count)
    let radii = samples.map {
      Kolmogorov.distributionFreeRadius(count: Double($0.rows), probability: 0.05 / groups)
    }
    let steps = samples.map(\.largestStep)
    // Step estimators err to one side in every group, so that only one step is lost of a pair.
    let free: Double
    let isStep: Bool
    switch settings.estimator {
    case .equipy, .split: (free, isStep) = (twoLargest(radii) + (steps.max() ?? 0), true)
    case .meanOfAtom, .hazen:
      (free, isStep) = (twoLargest(zip(radii, steps).map { $0 + $1 }), false)
    }
    let limit = RemainingDistance.upperQuantile(
      0.05, counts: samples.map { max($0.rows, 1) }, isStep: isStep, threads: settings.threads)
    // The draws are of single records; steps wider than one are added.
    let beyond = twoLargest(
      zip(samples, steps).map { max(0, $1 - 1 / Double(max(1, $0.rows))) })
    return (.atMost(min(1, free)), .atMost(min(1, limit + beyond)))
  }

  private static func twoLargest(_ numbers: [Double]) -> Double {
    numbers.sorted(by: >).prefix(2).reduce(0, +)
  }
}

extension Distribution {
  /// Whether records share one value that holds more than a hundredth of the weight, two records apart: the bounds on
  /// what remains would then say little.
  fileprivate var hasHeavyAtom: Bool {
    guard hasTies, let masses else { return false }
    let limit = max(total / 100, 2)
    return masses.contains { $0 > limit }
  }

  /// How far the level of a result can lie from the CDF of its score: the heaviest knot with the
  /// weight between knots beside it.
  fileprivate var largestStep: Double {
    var largest = 0.0
    for index in values.indices {
      let here = max(mass(at: index), index > 0 ? mass(at: index - 1) : 0)
      largest = max(largest, here + (gaps?[index] ?? 0))
    }
    return largest / total
  }
}

extension Certificate.Distances {
  /// The largest distances over all pairs.
  init(of groups: [Distribution]) {
    let groups = groups.filter { !$0.isEmpty }
    let means = groups.map(\.mean)
    var (w1, w2) = (0.0, 0.0)
    if groups.count > Self.mostGroups {
      (w1, w2) = (.nan, .nan)
    } else {
      for i in groups.indices {
        for j in groups.indices.dropFirst(i + 1) {
          let distances = groups[i].transportDistances(to: groups[j])
          w1 = max(w1, distances.w1)
          w2 = max(w2, distances.w2)
        }
      }
    }
    self.init(
      ks: Distribution.largestKolmogorovSmirnov(of: groups), w1: w1, w2: w2,
      meanGap: (means.max() ?? 0) - (means.min() ?? 0))
  }
}

extension StepFitting {
  /// The same with the cells' scores, and the barycentre, in a unit.
  fileprivate func measured(in unit: Unit) -> StepFitting {
    if unit.size == 1 { return self }
    var result = self
    result.cells = cells.map {
      Cell(
        codes: $0.codes, all: unit.measure($0.all), sample: $0.sample,
        applied: unit.measure($0.applied))
    }
    result.barycentre = barycentre.map { unit.measure($0) }
    return result
  }

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
