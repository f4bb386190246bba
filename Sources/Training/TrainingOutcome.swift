package import FairpostLearning
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText

/// How a trained model does on the rows it learned from and on those that were held out, with the
/// constant predictor and a linear model beside it.
package struct TrainingOutcome {
  package let model: Model
  package let training: LearningData
  package let validation: LearningData?
  /// Whether the weights are meant to be adapted to a task before they predict.
  package let adapts: Bool
  private let onTraining: [TrainingSummary.TaskFigure]
  private let onValidation: [TrainingSummary.TaskFigure]

  /// Predicts both parts.
  package init(model: Model, training: LearningData, validation: LearningData?, adapts: Bool) {
    self.model = model
    self.training = training
    self.validation = validation
    self.adapts = adapts
    onTraining = TrainingSummary.figures(model, training, training: training)
    onValidation =
      validation.map { TrainingSummary.figures(model, $0, training: training) } ?? []
  }

  /// Losses this many times as large as that of a model that knows nothing are no model's.
  private static let byFar = 10.0

  /// Refuses a model that is worse than knowing nothing by far: its steps have left the valley.
  package func refuseDivergence(_ name: String) throws(Failure) {
    for (figures, place) in [(onTraining, "training"), (onValidation, "validation")] {
      for figure in figures {
        guard let loss = figure.loss, let least = figure.ignorance else { continue }
        if loss.isFinite, adapts || loss <= Self.byFar * least { continue }
        throw Failure(
          .badData,
          "\(name): column \"\(figure.task)\": the network has diverged: its \(figure.lossName) on the \(place) rows is \(TrainingSummary.text(loss)), that of the constant predictor \(TrainingSummary.text(figure.constantLoss ?? .nan))",
          hint:
            "lower the step size (\(option: "rate"), \(option: "inner-rate"), \(option: "outer-rate")) or set \(option: "clip"); columns of very different scales need standardising, which is the default"
        )
      }
    }
  }

  /// What should be known before the figures.
  package var warnings: [String] {
    guard !adapts else { return [] }
    let figures = onValidation.isEmpty ? onTraining : onValidation
    let place = onValidation.isEmpty ? "training" : "validation"
    return figures.compactMap { figure in
      guard let loss = figure.loss, let constant = figure.constantLoss, loss > constant else {
        return nil
      }
      return
        "WORSE THAN A CONSTANT for \(figure.task): \(figure.lossName) \(TrainingSummary.text(loss)) on the \(place) rows, the constant predictor has \(TrainingSummary.text(constant))"
    }
  }

  /// The figures of both parts, a line for each task and part.
  package var lines: [String] {
    onTraining.map { "on the training rows: \($0.task): \($0.words)" }
      + onValidation.map { "on the validation rows: \($0.task): \($0.words)" }
  }

  // MARK: A linear model

  /// Work that a linear model may cost: rows x features^2 of one step.
  private static let mostWork = 4e8

  /// How `train linear` does on the validation rows, and whether the network is worse.
  ///
  /// - Parameter keys: a hash of every training row's record, to choose rows by where all would take
  ///   too long.
  package func linearLines(keys: [UInt64], seed: UInt64) -> [String] {
    guard let validation else { return [] }
    var rows = training
    var words = "train linear"
    let width = Double(training.features + 1)
    let most = Int(Self.mostWork / (width * width))
    if training.rows > most {
      let hash = StableHash(seed: seed, purpose: "train.linear")
      let hashes = keys.map { hash($0) }
      let limit = hashes.sorted()[most]
      rows = training.selecting(hashes.indices.filter { hashes[$0] < limit })
      words = "train linear on \(Console.grouped(rows.rows)) of the training rows"
    }
    let fit: (shape: NetworkShape, parameters: [Double])
    do throws(TrainingError) {
      fit = try LinearTraining.fit(data: rows, penalty: 1)
    } catch {
      return ["on the validation rows: train linear has no solution to compare with"]
    }
    var linear = model
    linear.shape = fit.shape
    linear.parameters = fit.parameters
    linear.conditions = []
    var lines: [String] = []
    for (own, other) in zip(
      onValidation, TrainingSummary.figures(linear, validation, training: training))
    {
      guard let loss = own.loss, let theirs = other.loss else { continue }
      lines.append("on the validation rows: \(own.task): \(words): \(other.shortWords)")
      guard loss > theirs else { continue }
      let isClear = own.isClearlyWorse(than: other)
      lines.append(
        "WORSE THAN LINEAR for \(own.task): \(own.lossName) \(TrainingSummary.text(loss)) against \(TrainingSummary.text(theirs)) on the validation rows\(isClear ? "" : ", a difference that chance may explain")"
      )
    }
    return lines
  }
}
