package import FairpostCharts
package import FairpostEvaluation
package import FairpostMethods
package import FairpostPipeline

/// A kind of figure: what it reads, and the chart it makes of that.
///
/// A new one is a file here and a line in `pictures`; options, help and completions follow from its
/// settings.
package protocol Picture: Method {
  /// Reads and draws.
  func chart(_ source: PictureSource) throws -> Chart
}

/// Where a figure's numbers come from, and what the columns are for.
package struct PictureSource {
  /// The path of the file; "-" is standard input.
  package let path: String
  /// How CSV is read.
  package let settings: InputSettings
  /// Tasks, scores, groups and weights.
  package let request: EvaluationRequest
  /// What is said to people.
  package let console: Console
  private let opened: Input?
  /// The rows there are, where that is known: of very many a share is drawn.
  let rows: Int?

  /// A stream that is open already, of so many rows.
  package init(_ input: Input, rows: Int, request: EvaluationRequest, console: Console) {
    self.rows = rows
    path = input.name
    settings = input.settings
    self.request = request
    self.console = console
    opened = input
  }

  /// A source from its parts.
  package init(
    path: String, settings: InputSettings, request: EvaluationRequest, console: Console
  ) {
    self.path = path
    self.settings = settings
    self.request = request
    self.console = console
    opened = nil
    rows = nil
  }

  /// The stream.
  package func input() throws -> Input { try opened ?? Input(path, settings) }
}

/// Every kind of figure, in the order of help.
package let pictures: [any Picture.Type] = [
  DensityPicture.self,
  CDFPicture.self,
  ROCPicture.self,
  CalibrationPicture.self,
  BarsPicture.self,
  MapPicture.self,
  TradeoffPicture.self,
  LogPicture.self,
  BeeswarmPicture.self,
  WaterfallPicture.self,
  BoundaryPicture.self,
]
