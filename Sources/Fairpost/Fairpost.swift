/// The library product `Fairpost`: what the program does, for Swift programs.
///
/// One import brings the columns a fit takes, the adjustments, the figures and the learners:
///
///     import Fairpost
///
///     let data = CalibrationData(scores: [("p", scores)], attributes: [grouping])
///     let map = try WassersteinMap(data, settings: WassersteinSettings())
///     map.apply(score: 0, values: scores, codes: [grouping.codes], into: &fair, outcomes: &done)
///     let figures = Evaluator(evaluation).figures([try MetricRegistry.metric("ks")])
///
/// Reading and writing files is left to the caller: a map's text is `Adjustment.json()`.
@_exported public import FairpostJSON
@_exported public import FairpostLearning
@_exported public import FairpostMethods
@_exported public import FairpostMetrics
@_exported public import FairpostNumerics
@_exported public import FairpostTransport
