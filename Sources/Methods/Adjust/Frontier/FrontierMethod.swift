/// A place on the curve of an adjustment's knob.
package struct FrontierStep: Sendable {
  /// The value of the setting.
  package let setting: Double
  /// The adjustment under it.
  package let adjustment: any Adjustment
  /// What the method maximises comes to on the records of the fit, where it maximises something.
  package var value: Double?
  /// What the setting is worth there: how fast the value rises with it.
  package var price: Double?
  /// The share of the records whose result depends on a lot.
  package var lots: Double?

  /// A place from its parts.
  package init(
    setting: Double, adjustment: any Adjustment, value: Double? = nil, price: Double? = nil,
    lots: Double? = nil
  ) {
    self.setting = setting
    self.adjustment = adjustment
    self.value = value
    self.price = price
    self.lots = lots
  }
}

/// A method with a setting that trades fairness for performance.
package protocol FrontierMethod: AdjustmentMethod {
  /// The setting.
  static var knob: String { get }
  /// The adjustments along the curve, for the only score of the records.
  ///
  /// - Parameter steps: how many values to take where the curve has no breakpoints of its own.
  func frontier(_ request: FitRequest, steps: Int) throws -> [FrontierStep]
}

extension FrontierMethod {
  /// The adjustments under evenly spaced values of the knob.
  func evenly(
    _ range: ClosedRange<Double>, _ steps: Int, _ fit: (Double) throws -> any Adjustment
  ) rethrows -> [FrontierStep] {
    try (0...steps).map { step in
      let share = Double(step) / Double(steps)
      let value = range.lowerBound + share * (range.upperBound - range.lowerBound)
      return FrontierStep(setting: value, adjustment: try fit(value))
    }
  }
}

extension WassersteinMethod: FrontierMethod {
  package static var knob: String { "epsilon" }

  package func frontier(_ request: FitRequest, steps: Int) throws -> [FrontierStep] {
    var request = request
    request.wantsCertificate = false
    return try evenly(0...1, steps) { epsilon in
      var settings = settings
      settings.epsilons = [epsilon]
      return try WassersteinMethod(settings).fit(request).adjustment
    }
  }
}

extension RejectOptionMethod: FrontierMethod {
  package static var knob: String { "threshold" }

  package func frontier(_ request: FitRequest, steps: Int) throws -> [FrontierStep] {
    let values = request.data.scores[0].values.filter { !$0.isNaN }
    return try evenly((values.min() ?? 0)...(values.max() ?? 1), steps) { threshold in
      var settings = settings
      settings.threshold = threshold
      return try RejectOptionMethod(settings).fit(request).adjustment
    }
  }
}
