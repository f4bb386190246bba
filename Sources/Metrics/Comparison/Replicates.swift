internal import FairpostNumerics

/// The mean of a figure over replicates (seeds), with Student's interval.
package struct ReplicateMean: Sendable, Equatable {
  /// How many replicates have a value.
  package var count: Int
  /// Their mean.
  package var mean: Double
  /// The lower bound; nil with fewer than two values.
  package var lower: Double?
  /// The upper bound; nil with fewer than two values.
  package var upper: Double?

  /// The mean of some values, nil where there are none.
  ///
  /// - Parameters:
  ///   - tail: one minus the confidence level.
  ///   - overlap: test rows over training rows where each replicate divides the same rows anew. Such
  ///     replicates are not independent, and the variance s²/n becomes s² (1/n + overlap): the
  ///     corrected resampled t of Nadeau and Bengio, Machine Learning 52 (2003). With 0 it is
  ///     Student's own interval.
  package init?(_ values: [Double], tail: Double = 0.05, overlap: Double = 0) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let size = Double(count)
    mean = values.reduce(0, +) / size
    guard count > 1 else { return }
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    let error = (squares / (size - 1) * (1 / size + overlap)).squareRoot()
    let half = Tails.studentQuantile(1 - tail / 2, degrees: size - 1) * error
    lower = mean - half
    upper = mean + half
  }

  /// The mean of paired differences `values[i] - references[i]`, over the pairs that are whole.
  package init?(
    _ values: [Double?], minus references: [Double?], tail: Double = 0.05, overlap: Double = 0
  ) {
    let differences = zip(values, references).compactMap { value, reference in
      value.flatMap { own in reference.map { own - $0 } }
    }
    self.init(differences, tail: tail, overlap: overlap)
  }

  /// Whether the interval lies above 0 (+1), below (-1) or holds it (0); nil without an interval.
  package var sign: Int? {
    guard let lower, let upper else { return nil }
    return lower > 0 ? 1 : upper < 0 ? -1 : 0
  }
}
