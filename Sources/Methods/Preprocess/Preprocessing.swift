package import FairpostLearning

/// What a pre-processing method is given.
package struct PreprocessingRequest: Sendable {
  /// Encoded training rows.
  package var data: LearningData
  /// A hash of each row's record, which decides between equals.
  package var keys: [UInt64]
  /// The code of the protected group, where one is named.
  package var protected: Int32?

  /// A request from its parts.
  package init(
    _ data: LearningData, keys: [UInt64], protected: Int32? = nil
  ) {
    self.data = data
    self.keys = keys
    self.protected = protected
  }
}

/// A way to change training rows before any method learns from them.
///
/// A new one is a file and a line in `preprocessingMethods`.
package protocol PreprocessingMethod: Method {
  /// What the data must have.
  var needs: Set<TrainingNeed> { get }
  /// The rows to learn from instead.
  func apply(_ request: PreprocessingRequest) throws(TrainingError) -> LearningData
}

/// The pre-processing methods, in the order of help; `compare` reads this list.
package let preprocessingMethods: [any PreprocessingMethod.Type] = [
  ReweighPreprocessing.self,
  ResamplePreprocessing.self,
  MassagePreprocessing.self,
]

extension PreprocessingRequest {
  /// The labels of the only task, which must be binary.
  func labels() throws(TrainingError) -> [Double] {
    guard data.tasks.count == 1, case .binary = data.tasks[0].kind else {
      throw .needsOneBinaryTask
    }
    return data.tasks[0].targets
  }

  /// Scores of a logistic regression on the rows themselves, as a ranker.
  func ranks() throws(TrainingError) -> [Double] {
    let fit = try LinearTraining.fit(data: data, penalty: 1)
    return fit.shape.outputs(fit.parameters, data.batch())
  }
}
