public import JSON
public import Numerics
internal import Transport

/// The Wasserstein map as the commands see it.
struct WassersteinAdjustment: Adjustment {
  let map: WassersteinMap
  let idColumn: String?

  var groupColumns: [[String]] { map.attributes.map(\.columns) }
  var groupKeys: [[[ByteText]]] { map.attributes.map { $0.keys.map(\.parts) } }
  var scoreColumns: [String] { map.scores.map(\.name) }
  var seed: UInt64 { map.settings.seed }
  var dropsRows: Bool { map.settings.missingGroup == .drop }

  func outputColumns(of score: String) -> [String] { [ScoreName.derived(score, "fair")] }

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
}
