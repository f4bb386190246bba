/// What a unit more of each limit is worth: the multipliers that prove an optimum.
struct LimitPrices: Sendable, Equatable {
  /// For each parity and group the price of its upper end.
  var high: [[Double]]
  /// For each parity and group the price of its lower end.
  var low: [[Double]]
  /// For each cap its price.
  var caps: [Double]

  /// No price at all.
  init(_ problem: DecisionProblem) {
    let none = [Double](repeating: 0, count: problem.totals.count)
    high = problem.parity.map { _ in none }
    low = high
    caps = problem.caps.map { _ in 0 }
  }

  /// Prices from their parts.
  init(high: [[Double]], low: [[Double]], caps: [Double]) {
    (self.high, self.low, self.caps) = (high, low, caps)
  }
}

extension DecisionProblem {
  /// A number that no decisions within the limits exceed, whatever the prices are, as long as none is
  /// negative.
  ///
  /// This is weak duality: the limits are taken into the goal at their prices, and then each group is at its
  /// best by itself. One loop over the rules checks it, which is what makes "optimal" a fact that anybody
  /// can compute again.
  ///
  /// - Parameters:
  ///   - level: the F1 that is compared with, see `gain`.
  ///   - rules: for each group what each of its rules decides 1.
  func bound(_ prices: LimitPrices, level: Double, rules: [[LabelWeights]]) -> Double {
    let gain = gain(level: level)
    var bound = gain.constant
    for (parity, (high, low)) in zip(parity, zip(prices.high, prices.low)) {
      let (above, below) = (high.reduce(0, +), low.reduce(0, +))
      // The least rate is free: its own factor must vanish. As it lies between 0 and 1, what rounding
      // leaves of the factor is all that it can add.
      switch parity.limit {
      case .difference(let most): bound += most * above + abs(above - below)
      case .ratio(let share): bound += abs(above / share - below)
      }
    }
    for (cap, price) in zip(caps, prices.caps) { bound += price * cap.sign * cap.value }
    for group in totals.indices {
      let (perNegative, perPositive) = priced(gain, prices, group)
      bound +=
        rules[group].map { perNegative * $0.negatives + perPositive * $0.positives }.max() ?? 0
    }
    return bound
  }

  /// The gain of a group's decisions less what the limits take of it.
  private func priced(
    _ gain: LinearGain, _ prices: LimitPrices, _ group: Int
  ) -> (perNegative: Double, perPositive: Double) {
    var (perNegative, perPositive) = (gain.perNegative, gain.perPositive)
    func take(_ price: Double, _ rate: DecisionRate, _ base: Double) {
      if price == 0 { return }
      if rate.label != 1 { perNegative -= price / base }
      if rate.label != 0 { perPositive -= price / base }
    }
    for (place, parity) in parity.enumerated() {
      take(
        prices.high[place][group] - prices.low[place][group], parity.rate,
        parity.rate.base(totals[group]))
    }
    for (cap, price) in zip(caps, prices.caps) where cap.group == nil || cap.group == group {
      take(price * cap.sign, cap.rate, cap.rate.base(cap.group == nil ? whole : totals[group]))
    }
    return (perNegative, perPositive)
  }
}
