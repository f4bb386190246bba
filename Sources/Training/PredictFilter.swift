package import FairpostCSV
internal import FairpostFiles
package import FairpostLearning
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText

/// What becomes of rows that differ from those a model learned from.
package struct ModelColumnPolicy: Sendable {
  /// Whether a column that is not there is taken as missing in every row; else it is an error.
  package var takesMissingColumns = false
  /// Whether a category that training rows did not have is an error; else it is one of the others.
  package var refusesNewCategories = false

  /// The usual policy.
  package init() {}
}

/// The filter under `predict`: features in, scores behind them.
package struct PredictFilter: RowFilter {
  package let columnNames: [String]
  package let flagNames = ["missing", "new-category"]

  private let model: Model
  private let conditions: [Double]
  private let columns: [Column]
  private let refusesNew: Bool

  /// A column of the model in this stream; nil where the stream lacks it.
  fileprivate struct Column: Sendable {
    let encoding: ColumnEncoding
    let reference: ColumnReference?
    let levels: [[ByteText]]
  }

  /// What a worker keeps: the levels' tables and the network's room.
  package struct Worker {
    package var tables: [TupleTable]
    package var workspace: Workspace
  }

  /// Looks up the columns the model reads.
  package init(
    _ model: Model, _ input: Input, _ policy: ModelColumnPolicy, taskWeights: [Double]?,
    _ console: Console
  ) throws {
    self.model = model
    refusesNew = policy.refusesNewCategories
    columnNames = model.scoreNames
    conditions = try Self.conditions(model, taskWeights)
    for (place, range) in TaskWeightGrid.ranges(model).enumerated()
    where place < conditions.count && !range.contains(conditions[place]) {
      console.note(
        "the weight \(NumberText.text(conditions[place])) of task \(model.tasks[place].name) is outside the range the model learned, \(NumberText.text(range.lowerBound)) to \(NumberText.text(range.upperBound))"
      )
    }
    var lacking: [String] = []
    columns = try model.encoder.columns.map { encoding in
      var levels: [[ByteText]] = []
      if case .categorical(let known, _) = encoding.kind { levels = known.map { [$0] } }
      var reference: ColumnReference?
      do { reference = try input.column(encoding.name) } catch {
        guard policy.takesMissingColumns else { throw error }
        lacking.append(encoding.name)
      }
      return Column(encoding: encoding, reference: reference, levels: levels)
    }
    if !lacking.isEmpty {
      console.note("treated as missing in every row: \(lacking.joined(separator: ", "))")
    }
  }

  /// The task weights a conditioned network predicts for.
  private static func conditions(
    _ model: Model, _ given: [Double]?
  ) throws(UsageError) -> [Double] {
    guard let given else { return model.conditions }
    guard model.shape.conditions > 0 else {
      throw UsageError(
        "\(option: "task-weights"): the model is not conditioned on task weights (train yoto)")
    }
    guard given.count == model.shape.conditions else {
      throw UsageError(
        "\(option: "task-weights") needs \(model.shape.conditions) numbers, for \(model.tasks.map(\.name).joined(separator: ", "))"
      )
    }
    return given
  }

  package func makeWorker() -> Worker {
    Worker(
      tables: columns.map { TupleTable(width: 1, known: $0.levels) },
      workspace: Workspace(shape: model.shape))
  }

  package func process(
    _ batch: inout FairpostPipeline.Batch, _ worker: inout Worker
  ) throws -> [OutputColumn.Values] {
    let rows = batch.count
    var features: [String: FeatureColumn] = [:]
    for (place, column) in columns.enumerated() {
      switch column.encoding.kind {
      case .numeric:
        let values =
          column.reference.map { batch.numbers($0) } ?? [Double](repeating: .nan, count: rows)
        for row in values.indices where values[row].isNaN { batch.flag(row, 0) }
        features[column.encoding.name] = .numeric(values)
      case .categorical(let levels, _):
        let codes =
          column.reference.map { batch.groups([$0], &worker.tables[place]) }
          ?? [Int32](repeating: -1, count: rows)
        note(codes, column, in: &batch)
        features[column.encoding.name] = .categorical(codes: codes, names: levels)
      }
    }
    var counts = EncodingCounts()
    let inputs: [Double]
    do throws(EncodingError) {
      inputs = try model.encoder.encode(features, rows: rows, counts: &counts)
    } catch { throw Failure(.internalFault, "\(error.message)") }
    batch.tally("missing values", counts.missing.values.reduce(0, +))
    let scores = model.scores(
      inputs: inputs, rows: rows, conditions: conditions, workspace: &worker.workspace)
    let width = columnNames.count
    for row in 0..<rows where !batch.isLeftOut(row) {
      for place in 0..<width where !scores[row * width + place].isFinite {
        batch.note(row, columnNames[place], "the score is not a finite number")
      }
    }
    return (0..<width).map { place in
      .numbers((0..<rows).map { scores[$0 * width + place] })
    }
  }

  /// Counts and flags categories that training rows did not have.
  private func note(_ codes: [Int32], _ column: Column, in batch: inout FairpostPipeline.Batch) {
    var new = 0
    for row in codes.indices where codes[row] < 0 && !batch.isLeftOut(row) {
      if codes[row] == -1 {
        batch.flag(row, 0)
        continue
      }
      // With a level "other", training rows had more categories than are kept by name.
      if refusesNew, let reference = column.reference, !column.hasOther {
        batch.note(
          row, reference.name,
          "the category \"\(batch.text(row, reference))\" did not occur in the training rows (see --new-category)"
        )
      }
      new += 1
      batch.flag(row, 1)
    }
    batch.tally("values with categories that did not occur in the training rows", new)
  }
}

extension PredictFilter {
  /// Serves clients with a model, read again when it is asked for.
  package static func serve(
    _ service: ServiceSettings, _ settings: InputSettings, path: String,
    _ policy: ModelColumnPolicy, taskWeights: [Double]?, flag: String?, overwrite: Bool,
    _ console: Console
  ) throws {
    // What is said once of a stream would be said of every client.
    let silent = Console(command: "", isQuiet: true)
    try SocketService(
      service, settings, flag: flag, overwrite: overwrite,
      load: { try ModelFile(path: path).model },
      columns: { $0.encoder.columns.map(\.name) + $0.scoreNames },
      make: { try PredictFilter($0, $1, policy, taskWeights: taskWeights, silent) }
    ).run(console)
  }
}

extension PredictFilter.Column {
  fileprivate var hasOther: Bool {
    if case .categorical(_, let other) = encoding.kind { other } else { false }
  }
}
