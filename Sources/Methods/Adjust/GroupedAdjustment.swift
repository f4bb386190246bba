internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

extension CalibrationData {
  /// The attribute of a method that takes no more than one.
  func onlyAttribute(_ method: MethodInfo) throws(AdjustmentError) -> Grouping {
    guard let attribute = attributes.first else { throw .noAttribute }
    guard attributes.count == 1 else {
      throw .tooManyAttributes(AttributeLimit(1), method: method.name)
    }
    return attribute
  }
}

/// What was fitted to one score column, group by group.
protocol FittedScore: Sendable {
  var name: String { get }
  /// The groups' scores, compressed.
  var distributions: [Distribution] { get }
}

/// An adjustment by one attribute, which answers each record by its score and its group.
protocol GroupedAdjustment: Adjustment {
  associatedtype Score: FittedScore
  /// The columns of the attribute.
  var columns: [String] { get }
  /// Its groups, sorted.
  var keys: [GroupKey] { get }
  var scores: [Score] { get }
  /// The threshold of rows of no known group; nil where such rows fail.
  var otherwise: Double? { get }
}

extension GroupedAdjustment {
  var groupColumns: [[String]] { [columns] }
  var groupKeys: [[[ByteText]]] { [keys.map(\.parts)] }
  var scoreColumns: [String] { scores.map(\.name) }
  var idColumn: String? { nil }
  var seed: UInt64 { 0 }
  var dropsRows: Bool { false }

  func setting(against outcome: Outcome) -> String { "otherwise" }

  func calibration(of score: Int) -> CalibrationReference {
    CalibrationReference(
      codes: keys.indices.map { [$0] }, distributions: scores[score].distributions)
  }

  /// The decision of a row of no known group; nil where such rows fail.
  func otherDecision(_ score: Double) -> Double? { otherwise.map { score >= $0 ? 1 : 0 } }

  /// The answers to rows, and what became of each.
  ///
  /// - Parameters:
  ///   - others: the answer to a row of no known group; nil refuses it.
  ///   - passed: what is said of such a row beside its missing or unseen group.
  ///   - known: the answer to a row by its place, score and group.
  @inline(__always)
  func batch(
    _ values: [Double], _ codes: [Int32], others: (Double) -> Double?, passed: Outcome = [],
    known: (_ row: Int, _ score: Double, _ group: Int) -> Double
  ) -> AdjustedBatch {
    var results = [Double](repeating: .nan, count: values.count)
    var outcomes = [Outcome](repeating: [], count: values.count)
    for (row, value) in values.enumerated() {
      let code = codes[row]
      if value.isNaN {
        outcomes[row] = .missingScore
      } else if code >= 0 {
        results[row] = known(row, value, Int(code))
      } else {
        outcomes[row] = code == -1 ? .missingGroup : .unseenGroup
        if let result = others(value) {
          results[row] = result
          outcomes[row].insert(passed)
        } else {
          outcomes[row].insert(.refused)
        }
      }
    }
    return AdjustedBatch(columns: [results], outcomes: outcomes)
  }

  /// Refuses stored scores without a name of their own.
  func checkNames(_ node: JSONNode) throws {
    let names = scores.map(\.name)
    guard !names.isEmpty, StoredNumbers.areDistinct(names), !names.contains("") else {
      throw try node["scores"].wrong("one score or more, each with a name of its own")
    }
  }
}

/// An adjustment that passes or refuses records of no known group, as its map says.
protocol PassingAdjustment: HeadedAdjustment {
  var passesUnseen: Bool { get set }
}

extension PassingAdjustment {
  func setting(against outcome: Outcome) -> String { "unseen" }

  var policies: [PolicyChoice] { [PolicyChoice(unseen: passesUnseen)] }

  func following(_ policy: String, _ value: String) -> any Adjustment {
    var other = self
    other.passesUnseen = value == UnseenRule.pass.rawValue
    return other
  }
}
