package import FairpostNumerics

/// A column before encoding.
package enum FeatureColumn: Sendable {
  /// Numbers; NaN where missing.
  case numeric([Double])
  /// A code a row into names; -1 where missing.
  case categorical(codes: [Int32], names: [ByteText])

  /// How many rows.
  package var count: Int {
    switch self {
    case .numeric(let values): values.count
    case .categorical(let codes, _): codes.count
    }
  }
}

/// How one column becomes features, fitted on training rows.
package struct ColumnEncoding: Sendable, Hashable {
  /// What becomes of the column.
  package enum Kind: Sendable, Hashable {
    /// (x - mean) / scale; a missing number counts as `fill`, the mean of the training rows.
    case numeric(mean: Double, scale: Double, fill: Double)
    /// One feature a level; with `other`, one more for every level beyond the cap.
    case categorical(levels: [ByteText], other: Bool)
  }

  /// The column.
  package let name: String
  /// What becomes of it.
  package let kind: Kind
  /// Whether a feature says that the value is missing: where training rows had missing values.
  package let missingIndicator: Bool

  /// An encoding from its parts.
  package init(name: String, kind: Kind, missingIndicator: Bool) {
    self.name = name
    self.kind = kind
    self.missingIndicator = missingIndicator
  }

  /// Features of the column.
  package var width: Int {
    let own =
      switch kind {
      case .numeric: 1
      case .categorical(let levels, let other): levels.count + (other ? 1 : 0)
      }
    return own + (missingIndicator ? 1 : 0)
  }

  /// The features' names, for explanations and model files.
  package var featureNames: [String] {
    var names: [String]
    switch kind {
    case .numeric: names = [name]
    case .categorical(let levels, let other):
      names = levels.map { "\(name)=\($0)" }
      if other { names.append("\(name)=(other)") }
    }
    if missingIndicator { names.append("\(name)=(missing)") }
    return names
  }
}

/// What the encoder met that training rows had not shown, by column.
package struct EncodingCounts: Sendable, Hashable {
  /// Categories unknown from training, encoded as other, or as no level where there is none.
  package var newCategories: [String: Int] = [:]
  /// Missing values.
  package var missing: [String: Int] = [:]

  /// No counts.
  package init() {}
}

/// Why rows cannot be encoded.
package enum EncodingError: Error, Hashable, Sendable {
  /// A column the model needs is not there.
  case missingColumn(String)
  /// A column that held numbers in training holds categories, or the other way round.
  case wrongKind(column: String)
  /// An infinite value.
  case notFinite(column: String, row: Int)
}
