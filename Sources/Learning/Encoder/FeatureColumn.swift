public import FairpostNumerics

/// A column before encoding.
public enum FeatureColumn: Sendable {
  /// Numbers; NaN where missing.
  case numeric([Double])
  /// A code a row into names; -1 where missing.
  case categorical(codes: [Int32], names: [ByteText])

  /// How many rows.
  public var count: Int {
    switch self {
    case .numeric(let values): values.count
    case .categorical(let codes, _): codes.count
    }
  }
}

/// How one column becomes features, fitted on training rows.
public struct ColumnEncoding: Sendable, Hashable {
  /// What becomes of the column.
  public enum Kind: Sendable, Hashable {
    /// (x - mean) / scale; a missing number counts as `fill`, the mean of the training rows.
    case numeric(mean: Double, scale: Double, fill: Double)
    /// One feature a level; with `other`, one more for every level beyond the cap.
    case categorical(levels: [ByteText], other: Bool)
  }

  /// The column.
  public let name: String
  /// What becomes of it.
  public let kind: Kind
  /// Whether a feature says that the value is missing: where training rows had missing values.
  public let missingIndicator: Bool

  /// An encoding from its parts.
  public init(name: String, kind: Kind, missingIndicator: Bool) {
    self.name = name
    self.kind = kind
    self.missingIndicator = missingIndicator
  }

  /// Features of the column.
  public var width: Int {
    let own =
      switch kind {
      case .numeric: 1
      case .categorical(let levels, let other): levels.count + (other ? 1 : 0)
      }
    return own + (missingIndicator ? 1 : 0)
  }

  /// The features' names, for explanations and model files.
  public var featureNames: [String] {
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
public struct EncodingCounts: Sendable, Hashable {
  /// Categories unknown from training, encoded as other, or as no level where there is none.
  public var newCategories: [String: Int] = [:]
  /// Missing values.
  public var missing: [String: Int] = [:]

  /// No counts.
  public init() {}
}

/// Why rows cannot be encoded.
public enum EncodingError: Error, Hashable, Sendable {
  /// A column the model needs is not there.
  case missingColumn(String)
  /// A column that held numbers in training holds categories, or the other way round.
  case wrongKind(column: String)
  /// An infinite value.
  case notFinite(column: String, row: Int)
}
