internal import FairpostNumerics
internal import FairpostTransport

extension CalibrationSummary {
  /// Why it cannot be merged with another one; nil where it can.
  func conflict(with other: CalibrationSummary) -> String? {
    if scores != other.scores {
      return
        "the scores differ: \(scores.joined(separator: ", ")) and \(other.scores.joined(separator: ", "))"
    }
    let (own, others) = (attributes.map(\.columns), other.attributes.map(\.columns))
    guard own != others else { return nil }
    func words(_ columns: [[String]]) -> String {
      columns.map { $0.joined(separator: ",") }.joined(separator: " and ")
    }
    return "the group columns differ: \(words(own)) and \(words(others))"
  }

  /// The summary of all records of several summaries, exactly and in any order.
  package static func merging(
    _ all: [CalibrationSummary]
  ) throws(AdjustmentError) -> CalibrationSummary {
    guard let first = all.first else { throw .cannotMerge("there is nothing to merge") }
    for other in all {
      if let words = first.conflict(with: other) { throw .cannotMerge(words) }
    }
    let attributes = first.attributes.indices.map { index in
      let keys = Set(all.flatMap { $0.attributes[index].keys }).sorted()
      return Attribute(columns: first.attributes[index].columns, keys: keys)
    }
    let codeOf = attributes.map {
      Dictionary(uniqueKeysWithValues: zip($0.keys, $0.keys.indices))
    }
    var together: [[Int]: [[[Distribution]]]] = [:]
    for summary in all {
      let places = summary.attributes.indices.map { index in
        summary.attributes[index].keys.map { codeOf[index][$0] ?? 0 }
      }
      for cell in summary.cells {
        let codes = cell.codes.enumerated().map { places[$0.offset][$0.element] }
        together[codes, default: []].append(cell.parts)
      }
    }
    var cells: [Cell] = []
    for codes in together.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard var members = together[codes] else { continue }
      if Set(members.flatMap { $0.map(\.count) }).count > 1 {
        // One was divided, by an older version: what it knows is the sum of its parts.
        members = members.map { $0.map { [Distribution.merging($0)] } }
      }
      guard let shape = members.first else { continue }
      cells.append(
        Cell(
          codes: codes,
          parts: shape.indices.map { score in
            shape[score].indices.map { part in
              Distribution.merging(members.map { $0[score][part] })
            }
          }))
    }
    return CalibrationSummary(
      scores: first.scores, attributes: attributes, cells: cells,
      missingScores: first.scores.indices.map { score in
        all.reduce(0) { $0 + $1.missingScores[score] }
      },
      missingGroups: all.reduce(0) { $0 + $1.missingGroups },
      zeroWeights: all.reduce(0) { $0 + $1.zeroWeights },
      isWeighted: all.contains(where: \.isWeighted))
  }
}
