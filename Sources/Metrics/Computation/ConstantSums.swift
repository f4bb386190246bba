internal import FairpostNumerics

extension SumAccumulator {
  /// The sums of the constant predictor: the mean label as score, the commonest label as decision.
  ///
  /// `positives` and `negatives` are the weights of labels 1 and 0 over the whole stream.
  package func constant(positives: Double, negatives: Double) -> SumAccumulator {
    var result = SumAccumulator(groupCount: groups.count)
    let total = positives + negatives
    let mean = positives / total
    let decision = total <= 0 ? 2 : positives > negatives ? 1 : 0
    for group in groups.indices {
      var sums = GroupSums()
      sums.total = groups[group].total
      for label in 0..<3 {
        for old in 0..<3 {
          sums.cells[label * 3 + decision] += groups[group].cells[label * 3 + old]
        }
      }
      if total > 0 {
        sums.moments.takeConstant(
          mean, negatives: sums.cells[decision], positives: sums.cells[3 + decision],
          all: sums.total)
      }
      result.replace(group, sums)
    }
    return result
  }

  /// The same for labels that are numbers, of which these are the sums.
  ///
  /// - Parameters:
  ///   - mean: the mean label over the whole stream.
  ///   - total: the sums of a score over the same rows, which say how many rows there are.
  ///   - absoluteErrors: by group, where they are wanted.
  package func constant(mean: Double, total: SumAccumulator, absoluteErrors: [Double]?)
    -> SumAccumulator
  {
    var result = SumAccumulator(groupCount: total.groups.count)
    for group in total.groups.indices {
      var sums = GroupSums()
      sums.total = total.groups[group].total
      sums.cells[8] = sums.total
      if !mean.isNaN {
        let labels = group < groups.count ? groups[group].moments : Moments()
        sums.moments = labels.constant(mean, sums.total)
        if let absoluteErrors {
          sums.moments.sums[MomentIndex.absoluteError] = absoluteErrors[group]
        }
      }
      result.replace(group, sums)
    }
    return result
  }
}

extension Moments {
  /// The sums of the score `mean` for labels 0 and 1.
  fileprivate mutating func takeConstant(
    _ mean: Double, negatives: Tally, positives: Tally, all: Tally
  ) {
    scored = all
    paired = negatives
    paired += positives
    pivot = 0
    func set(_ index: Int, _ ofNegative: Double, _ ofPositive: Double) {
      sums[index] = negatives.weight * ofNegative + positives.weight * ofPositive
    }
    sums[MomentIndex.score] = all.weight * mean
    sums[MomentIndex.scoreSquare] = all.weight * mean * mean
    for index in [
      MomentIndex.label, MomentIndex.labelSquare, MomentIndex.labelCube, MomentIndex.labelFourth,
    ] {
      set(index, 0, 1)
    }
    let low = mean * mean
    let high = (1 - mean) * (1 - mean)
    set(MomentIndex.squaredError, low, high)
    set(MomentIndex.squaredErrorSquare, low * low, high * high)
    set(MomentIndex.squaredErrorLabel, 0, high)
    set(MomentIndex.squaredErrorLabelSquare, 0, high)
    set(MomentIndex.absoluteError, mean, 1 - mean)
    let zero = FairpostMetrics.logLoss(label: 0, score: mean)
    let one = FairpostMetrics.logLoss(label: 1, score: mean)
    set(MomentIndex.logLoss, zero, one)
    set(MomentIndex.logLossSquare, zero * zero, one * one)
    guard paired.rows > 0 else { return }
    bins = [CalibrationBin](repeating: CalibrationBin(), count: 10)
    let place = min(9, Int(mean * 10))
    bins[place].tally = paired
    bins[place].score = paired.weight * mean
    bins[place].label = positives.weight
    bins[place].squaredError = sums[MomentIndex.squaredError]
  }
}

extension Moments {
  /// R squared: the share of the labels' variance that the scores explain.
  ///
  /// 1 - R^2 is the ratio of two means, of squared errors and of squared distances of labels from
  /// their mean; its logarithm is normal for many rows, with this error (delta method).
  var explained: Estimate? {
    let weight = paired.weight
    guard weight > 0, let pivot else { return nil }
    var centred = self
    centred.turn(to: pivot + sums[MomentIndex.label] / weight)
    let spread = centred.sums[MomentIndex.labelSquare] / weight
    guard spread > 0, spread > 1e-14 * sums[MomentIndex.labelSquare] / weight else { return nil }
    let loss = sums[MomentIndex.squaredError] / weight
    // A constant's errors are the labels' distances from their mean, up to rounding.
    let share = loss / spread
    let value = abs(1 - share) < 64 * share.ulp ? 0 : 1 - share
    let degrees = paired.effective - 2
    guard degrees > 0, loss > 0 else {
      return Estimate(value: value, count: paired.rows, spread: .unknown)
    }
    let variance =
      value == 0
      ? 0
      : sums[MomentIndex.squaredErrorSquare] / weight / (loss * loss)
        - 2 * centred.sums[MomentIndex.squaredErrorLabelSquare] / weight / (loss * spread)
        + centred.sums[MomentIndex.labelFourth] / weight / (spread * spread)
    return Estimate(
      value: value, count: paired.rows,
      spread: .multiplicative(
        base: 1, error: (max(0, variance) / degrees).squareRoot(),
        degrees: max(1, degrees / 2)))
  }
}
