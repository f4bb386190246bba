internal import FairpostOptions
internal import FairpostPipeline

/// A kind of figure: a name, its options, and an SVG made from a stream.
///
/// A new one is one file here and one line in `plots`.
protocol Plot: Sendable {
  /// Its name, help and options.
  static var spec: MethodSpec { get }
  /// Reads the stream and draws; what is drawn otherwise than asked is said.
  static func svg(
    _ input: Input, _ options: ParsedOptions, _ console: Console
  ) throws -> String
}

/// Every kind of figure, in the order of help.
let plots: [any Plot.Type] = [
  BoundaryPlot.self
]
