import Foundation
import FairpostJSON
import FairpostMetrics
import FairpostTestSupport
import Testing

/// Exposure, skew and NDKL against the reference.
@Suite(.enabled(if: Shared.isPresent)) struct RankingVectorTests {
  /// The value of a metric, by group ("" for all).
  private func values(_ id: String, _ groups: [String]) throws -> [String: Double] {
    let count = groups.count
    let data = try EvaluationData(
      count: count,
      tasks: [
        TaskColumns(
          name: "y", kind: .binary, labels: [],
          scores: [
            ScoreColumn(name: "s", values: (0..<count).map { Double(count - $0) })
          ])
      ], attributes: [grouping(["g"], [groups])])
    var options = EvaluationOptions()
    options.noiseDraws = 0
    let figures = try Evaluator(data, options: options).figures([MetricRegistry.metric(id)])
    let known = figures.compactMap { figure in
      figure.value.map { (figure.groupName ?? "", $0) }
    }
    return Dictionary(known, uniquingKeysWith: { first, _ in first })
  }

  @Test func measures() throws {
    let bytes = try Shared.bytes("reference/decisions/f_ranking.json")
    var seen = 0
    for node in try JSONNode(JSONValue(reading: bytes, limit: 1 << 28), name: "f").array {
      guard try node["kind"].string == "measures" else { continue }
      let groups = try node["groups_in_rank_order"].strings
      let expected = try node["expected"]
      let exposure = try values("exposure", groups)
      for (name, value) in try expected["exposure"].object.members {
        let wanted = try JSONNode(value, name: "v").double
        #expect(abs((exposure[name] ?? .nan) - wanted) <= 1e-9)
      }
      let ratio = try values("exposure_ratio", groups)[""] ?? .nan
      #expect(try abs(ratio - expected["exposure_ratio"].double) <= 1e-9)
      // The desired shares of the reference are those of the list only in some cases.
      let shares = Dictionary(grouping: groups, by: { $0 }).mapValues {
        Double($0.count) / Double(groups.count)
      }
      let desired = try node["desired"].object.members.map {
        ($0.key, try JSONNode($0.value, name: "d").double)
      }
      let isOwn = desired.allSatisfy { abs(($1) - (shares[$0] ?? 0)) < 1e-12 }
      for (places, list) in try expected["skew"].object.members {
        let found = try values("skew@\(places)", groups)
        for (name, value) in try JSONNode(list, name: "s").object.members {
          let node = JSONNode(value, name: "v")
          guard !node.isNull else {
            #expect(found[name] == nil)
            continue
          }
          let wish = desired.first { $0.0 == name }?.1 ?? .nan
          // A skew against other shares differs by the logarithm of what the shares differ by.
          let own = (found[name] ?? .nan) + log((shares[name] ?? .nan) / wish)
          let wanted = try node.double
          #expect(abs(own - wanted) <= 1e-9)
        }
      }
      if isOwn {
        seen += 1
        let ndkl = try values("ndkl", groups)[""] ?? .nan
        #expect(try abs(ndkl - expected["ndkl"].double) <= 1e-9)
      }
    }
    #expect(seen >= 2)
  }
}
