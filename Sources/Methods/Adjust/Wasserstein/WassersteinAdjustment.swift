internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// The Wasserstein map as the commands see it.
struct WassersteinAdjustment: Adjustment {
  let map: WassersteinMap
  let idColumn: String?

  var groupColumns: [[String]] { map.attributes.map(\.columns) }
  var groupKeys: [[[ByteText]]] { map.attributes.map { $0.keys.map(\.parts) } }
  var scoreColumns: [String] { map.scores.map(\.name) }
  var seed: UInt64 { map.settings.seed }
  var summary: (any FitSummary)? {
    map.summary.map {
      WassersteinSummary(settings: map.settings, idColumn: idColumn, data: $0)
    }
  }
  var dropsRows: Bool { map.settings.missingGroup == .drop }

  func outputColumns(of score: String) -> [String] {
    WassersteinMethod.outputColumns(of: score)
  }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    var outcomes = [Outcome](repeating: [], count: values.count)
    if steps {
      let columns = map.applySteps(
        score: score, values: values, codes: codes, keys: keys, outcomes: &outcomes)
      return AdjustedBatch(columns: columns, outcomes: outcomes)
    }
    var results = values
    map.apply(
      score: score, values: values, codes: codes, keys: keys, into: &results,
      outcomes: &outcomes)
    return AdjustedBatch(columns: [results], outcomes: outcomes)
  }

  func fittedValues(score: Int, of data: inout CalibrationData, threads: Int) -> [Double]? {
    map.fittedValues(score: score, of: &data, threads: threads)
  }

  func json() -> JSONValue {
    var object: JSONObject = ["id column": idColumn.map { .string($0) } ?? .null]
    if case .object(let rest) = map.json() {
      for (key, value) in rest.members { object.append(key, value) }
    }
    return .object(object)
  }

  init(map: WassersteinMap, idColumn: String?) {
    self.map = map
    self.idColumn = idColumn
  }

  /// Reads a stored one.
  init(_ json: JSONValue) throws {
    let node = JSONNode(json, name: "map")
    idColumn = try node.optional("id column")?.string
    map = try WassersteinMap(node)
    if map.settings.needsID, idColumn == nil {
      throw try node["id column"].wrong("a column's name, since results depend on the record's id")
    }
  }

  func calibration(of score: Int) -> CalibrationReference {
    // The first step sees the scores as they come, in every combination of the attributes.
    guard let step = map.scores[score].steps.first else {
      return CalibrationReference(codes: [], distributions: [])
    }
    if map.settings.smallCell == .marginal, !step.small.isEmpty, map.attributes.count > 1 {
      // Small cells made the attribute's own distributions stand in for all combinations.
      var first: [Int: Distribution] = [:]
      for (codes, entry) in step.entries { first[codes[0]] = entry.ranks }
      let codes = first.keys.sorted()
      return CalibrationReference(
        codes: codes.map { [$0] }, distributions: codes.compactMap { first[$0] })
    }
    let codes = step.entries.keys.sorted { $0.lexicographicallyPrecedes($1) }
    return CalibrationReference(
      codes: codes, distributions: codes.compactMap { step.entries[$0]?.ranks },
      small: step.small.map { ($0.keys, $0.rows) })
  }

  func contradiction() -> String? {
    guard let fault = map.recheck().first else { return nil }
    return switch fault {
    case .outOfOrder(let score): "the functions of \"\(score)\" do not keep the order of scores"
    case .countsDisagree(let score):
      "the certificate of \"\(score)\" states other record counts than the map holds"
    case .distanceDisagrees(let score):
      "the certificate of \"\(score)\" states a distance between groups that the map does not give"
    case .priceDisagrees(let score):
      "the certificate of \"\(score)\" states a price that the map does not have"
    case .meanDisagrees(let score):
      "the certificate of \"\(score)\" states a group mean that the map's distributions deny"
    case .boundDisagrees(let score):
      "the certificate of \"\(score)\" states a bound that the map's sizes and settings do not give"
    case .differsFromData: "what the map states does not follow from the data it holds"
    }
  }
}

extension WassersteinMap {
  /// This map as the adjustment that applies it and writes it down; random draws need the record's id.
  package func adjustment(idColumn: String? = nil) -> any Adjustment {
    WassersteinAdjustment(map: self, idColumn: idColumn)
  }
}
