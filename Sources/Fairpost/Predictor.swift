internal import FairpostFiles
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostPipeline
internal import FairpostSettings
internal import FairpostTraining

/// What the columns of rows to learn from are for: every column that is named nowhere is a feature.
public struct LearningRoles: Sendable, Equatable {
  /// The labels, the sensitive attributes, weights and keys.
  public var columns: Columns
  /// Columns that never become features.
  public var excluded: [String] = []
  /// Whether the sensitive columns may be features.
  public var includesGroup = false
  /// Columns of categories, though they look like numbers.
  public var categorical: [String] = []
  /// Columns of numbers, in which a text is a bad value.
  public var numeric: [String] = []
  /// The column that names the task of a row in meta-learning.
  public var taskColumn: String?

  /// Roles of columns, and columns that never become features.
  ///
  /// - Parameters:
  ///   - columns: the labels, the sensitive attributes, weights and keys.
  ///   - excluded: columns that never become features.
  public init(_ columns: Columns, excluding excluded: [String] = []) {
    self.columns = columns
    self.excluded = excluded
  }

  var learning: LearningColumns {
    var learning = LearningColumns()
    learning.roles = columns.roles
    learning.excluded = excluded
    learning.includesGroup = includesGroup
    learning.categorical = categorical
    learning.numeric = numeric
    learning.taskColumn = taskColumn
    return learning
  }
}

/// A trained model: it appends scores to rows.
///
///     let model = try Predictor.train(
///       .file("train.csv"), LearningRoles(Columns(tasks: ["income"], groups: ["sex"])),
///       method: "mlp", settings: ["hidden": [16, 8]])
///     let scores = try model.predict(.file("new.csv")).numbers("income.score")
public struct Predictor: Sendable {
  private let file: ModelFile
  /// What training has to say: rows left out, columns that give the answer away, figures.
  public let notes: [String]

  /// The training methods there are, with their settings.
  public static var methods: [MethodDescription] { trainingMethods.map { MethodDescription($0) } }

  /// Learns a model from labelled rows.
  ///
  /// - Parameters:
  ///   - records: the rows.
  ///   - roles: what the columns are for; those that are named nowhere are features.
  ///   - method: the name of a training method; see ``methods``.
  ///   - settings: what is set of the method.
  ///   - validation: a CSV file of rows to choose the best epoch on.
  ///   - validationShare: the share of the rows kept back for that; nil for the method's own.
  ///   - seed: the seed of every random choice.
  public static func train(
    _ records: Records, _ roles: LearningRoles, method: String, settings: Settings = [:],
    validation: String? = nil, validationShare: Double? = nil, seed: Int = defaultSeed
  ) throws(FairpostError) -> Predictor {
    try answering {
      guard let type = trainingMethods.first(where: { $0.info.name == method }) else {
        throw FairpostError(
          .usage, "there is no training method \"\(method)\"",
          hint: "it is one of \(trainingMethods.map { $0.info.name }.joined(separator: ", "))")
      }
      let learner: any TrainingMethod
      do throws(SettingFault) {
        learner = try type.init(given: settings.given)
      } catch { throw error.usage(.library) }
      var request = LearningRequest()
      request.columns = roles.learning
      request.validation = validation
      request.validationShare = validationShare
      request.seed = UInt64(bitPattern: Int64(seed))
      request.recorded["levels"] = String(request.levels)
      if roles.includesGroup { request.recorded["include-group"] = "yes" }
      if !roles.excluded.isEmpty {
        request.recorded["exclude"] = roles.excluded.joined(separator: ",")
      }
      let listener = Listener()
      let (passes, second) = try records.passes()
      let run = try TrainingRun(
        learner, request, passes, second: second, listener.console, .library)
      return Predictor(file: try run.run(), notes: listener.notes)
    }
  }

  /// The columns that it appends.
  public var scoreNames: [String] { file.model.scoreNames }
  /// The columns that it reads.
  public var features: [String] { file.model.encoder.columns.map(\.name) }
  /// The method that made it.
  public var method: String { file.model.method }
  /// What is in it, in words and numbers: what `fairpost inspect` shows.
  public var description: String { ModelDescription.text(file, "model") }

  /// Reads a model that was saved here or by the program.
  ///
  /// - Parameter path: the file.
  public init(contentsOf path: String) throws(FairpostError) {
    self = try answering { Predictor(file: try ModelFile(path: path), notes: []) }
  }

  private init(file: ModelFile, notes: [String]) {
    self.file = file
    self.notes = notes
  }

  /// Writes the model, whole or not at all.
  ///
  /// - Parameter path: the file.
  public func save(to path: String) throws(FairpostError) {
    try answering {
      let output = try OutputFile.open(path)
      try output.write(try file.bytes())
      try output.commit()
    }
  }

  /// The scores of records: the rows of a table with the scores behind them, or of a file the scores
  /// alone.
  ///
  /// - Parameter records: the rows, with the columns the model reads.
  public func predict(_ records: Records) throws(FairpostError) -> Table {
    try answering {
      let input = try records.input()
      let filter = try filter(input)
      return try records.appending(filter.columnNames, try input.values(of: filter).columns)
    }
  }

  /// Appends scores to a CSV file, whole or not at all; every other column passes as it came.
  ///
  /// - Parameters:
  ///   - records: the rows, with the columns the model reads.
  ///   - path: the file to write.
  ///   - overwrite: whether columns that exist may be replaced.
  public func predict(
    _ records: Records, writing path: String, overwrite: Bool = false
  ) throws(FairpostError) {
    try answering {
      let input = try records.input()
      let filter = try filter(input)
      let output = try OutputFile.open(path)
      _ = try input.filter(filter, to: output, flagColumn: nil, overwrite: overwrite)
      try output.commit()
    }
  }

  private func filter(_ input: Input) throws -> PredictFilter {
    try PredictFilter(
      file.model, input, ModelColumnPolicy(), taskWeights: nil, Listener().console)
  }
}
