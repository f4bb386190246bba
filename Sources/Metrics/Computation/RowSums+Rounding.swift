internal import FairpostNumerics

extension RowSums {
  /// The sums, each rounded once.
  package var rounded: SumAccumulator {
    var result = SumAccumulator(groupCount: groupCount)
    for group in 0..<groupCount { result.replace(group, sums(group)) }
    return result
  }

  /// The sums of labels alone, where all labels are 0 and 1 and stand in the cells.
  package var ofLabels: RowSums {
    var result = RowSums(groupCount: groupCount)
    result.moments.grow(to: groupCount * Slot.count)
    if weights.count > 0 { result.weights.grow(to: groupCount * Count.count * 2) }
    for group in 0..<groupCount {
      func add(_ cell: Int, _ place: Int) {
        let (from, to) = (group * Count.count + cell, group * Count.count + place)
        result.counts[to] += counts[from]
        guard weights.count > 0 else { return }
        for i in 0..<2 { result.weights.add(weights, from: 2 * from + i, at: 2 * to + i) }
      }
      // Labels of 1 follow those of 0, three decisions each.
      for cell in 0..<6 { add(cell, Count.paired) }
      for cell in 3..<6 { add(cell, Count.ones) }
    }
    return result
  }

  private func tally(_ place: Int) -> Tally {
    var tally = Tally()
    tally.rows = counts[place]
    let isWeighted = weights.count > 0
    tally.weight = isWeighted ? weights.value(at: 2 * place) : Double(counts[place])
    tally.squares = isWeighted ? weights.value(at: 2 * place + 1) : Double(counts[place])
    return tally
  }

  private func sums(_ group: Int) -> GroupSums {
    var result = GroupSums()
    let first = group * Count.count
    for cell in 0..<9 {
      result.cells[cell] = tally(first + cell)
      result.total += result.cells[cell]
    }
    guard moments.count > 0 else { return result }
    var part = Moments()
    part.scored = tally(first + Count.scored)
    part.paired = tally(first + Count.paired)
    let slots = group * Slot.count
    func value(_ slot: Int) -> Double { moments.value(at: slots + slot) }
    for (index, slot) in [
      (MomentIndex.score, Slot.score), (MomentIndex.scoreSquare, Slot.scoreSquare),
      (MomentIndex.squaredError, Slot.squaredError),
      (MomentIndex.squaredErrorSquare, Slot.squaredErrorSquare),
      (MomentIndex.absoluteError, Slot.absoluteError), (MomentIndex.logLoss, Slot.logLoss),
      (MomentIndex.logLossSquare, Slot.logLossSquare),
    ] {
      part.sums[index] = value(slot)
    }
    if part.paired.rows > 0 {
      if counts[first + Count.others] > 0 {
        takeLabels(group, &part)
      } else {
        let ones = tally(first + Count.ones).weight
        let errors = value(Slot.squaredErrorOfOnes)
        part.takeLabels(0, [ones, ones, ones, ones], [errors, errors])
      }
      takeBins(group, &part)
    }
    result.moments = part
    return result
  }

  /// The sums of labels as distances from a number near their mean, taken off before rounding.
  private func takeLabels(_ group: Int, _ part: inout Moments) {
    let slots = group * Slot.count
    var exact: [ExactSum] = []
    for slot in Slot.squaredError..<Slot.binScores {
      exact.append(moments.sum(at: slots + slot) ?? ExactSum())
    }
    func sum(_ slot: Int) -> ExactSum { exact[slot - Slot.squaredError] }
    var ones = ExactSum()
    var weight = ExactSum()
    if weights.count > 0 {
      let first = 2 * group * Count.count
      ones = weights.sum(at: first + 2 * Count.ones) ?? ones
      weight = weights.sum(at: first + 2 * Count.paired) ?? weight
    } else {
      ones.add(Double(counts[group * Count.count + Count.ones]))
      weight.add(Double(counts[group * Count.count + Count.paired]))
    }
    // Powers 0 to 4 of the labels, and 0 to 2 of them times the squared errors.
    var powers = [weight]
    for slot in Slot.label...Slot.labelFourth {
      var power = sum(slot)
      power.add(ones)
      powers.append(power)
    }
    var errors = [sum(Slot.squaredError)]
    for slot in [Slot.squaredErrorLabel, Slot.squaredErrorLabelSquare] {
      var power = sum(slot)
      power.add(sum(Slot.squaredErrorOfOnes))
      errors.append(power)
    }
    let isFinite = (Slot.squaredError..<Slot.binScores).allSatisfy {
      moments.sum(at: slots + $0) != nil
    }
    let mean = powers[1].value / weight.value
    // Of twelve bits, so that its powers are exact.
    let pivot = isFinite && mean.isFinite ? mean.rounded(bits: 12) : 0
    let centred = (1...4).map { Self.centred(powers, $0, pivot) }
    let centredErrors = (1...2).map { Self.centred(errors, $0, pivot) }
    if isFinite, !(centred + centredErrors).contains(where: \.isNaN) {
      part.takeLabels(pivot, centred, centredErrors)
    } else {
      part.takeLabels(
        0, (Slot.label...Slot.labelFourth).map { moments.value(at: slots + $0) },
        [Slot.squaredErrorLabel, Slot.squaredErrorLabelSquare].map { moments.value(at: slots + $0) }
      )
    }
  }

  /// The sum of w (y - d)^n from the sums of w y^k; NaN where it is out of range.
  private static func centred(_ powers: [ExactSum], _ n: Int, _ d: Double) -> Double {
    let binomials = [[1.0], [1, 1], [1, 2, 1], [1, 3, 3, 1], [1, 4, 6, 4, 1]]
    var result = powers[n]
    var factor = 1.0
    for k in (0..<n).reversed() {
      factor *= -d
      guard factor != 0 else { break }
      guard factor.isFinite, result.add(powers[k], times: binomials[n][k] * factor) else {
        return .nan
      }
    }
    return result.value
  }

  private func takeBins(_ group: Int, _ part: inout Moments) {
    let first = group * Count.count
    let slots = group * Slot.count
    part.outside = counts[first + Count.outside]
    guard part.outside > 0 || (0..<10).contains(where: { counts[first + Count.bins + $0] > 0 })
    else { return }
    part.bins = (0..<10).map { bin in
      var result = CalibrationBin()
      result.tally = tally(first + Count.bins + bin)
      result.label = tally(first + Count.binOnes + bin).weight
      result.score = moments.value(at: slots + Slot.binScores + bin)
      result.squaredError = moments.value(at: slots + Slot.binErrors + bin)
      return result
    }
  }
}

extension Moments {
  /// Takes sums of powers 1 to 4 of labels, as distances from a pivot, and of 1 and 2 times the
  /// squared errors.
  fileprivate mutating func takeLabels(_ pivot: Double, _ powers: [Double], _ errors: [Double]) {
    self.pivot = pivot
    sums[MomentIndex.label] = powers[0]
    sums[MomentIndex.labelSquare] = powers[1]
    sums[MomentIndex.labelCube] = powers[2]
    sums[MomentIndex.labelFourth] = powers[3]
    sums[MomentIndex.squaredErrorLabel] = errors[0]
    sums[MomentIndex.squaredErrorLabelSquare] = errors[1]
  }
}

extension Double {
  /// The number cut to so many significant bits.
  fileprivate func rounded(bits: Int) -> Double {
    Double(bitPattern: bitPattern & ~((1 << UInt64(53 - bits)) - 1))
  }
}
