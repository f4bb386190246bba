/// The library product `Fairpost`: what the program does, for Swift programs.
///
/// One import brings the columns a fit takes, the adjustments, the figures and the learners:
///
///     import Kit
///
///     let data = CalibrationData(scores: [("p", scores)], attributes: [grouping])
///     let map = try WassersteinMap(data, settings: WassersteinSettings())
///     map.apply(score: 0, values: scores, codes: [grouping.codes], into: &fair, outcomes: &done)
///     let figures = Evaluator(evaluation).figures([try MetricRegistry.metric("ks")])
///
/// Reading and writing files is left to the caller: a map's text is `Adjustment.json()`.
@_exported public import JSON
@_exported public import Learning
@_exported public import Methods
@_exported public import Metrics
@_exported public import Numerics
@_exported public import Transport
