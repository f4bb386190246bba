import Foundation
import FairpostMetrics
import FairpostTestSupport
import Testing
import FairpostTransport

/// fairlearn's own numbers, degenerate cases included.
@Suite(.enabled(if: Shared.isPresent))
struct FairlearnVectorTests {
  static let cases = [
    "c01_two_groups", "c02_three_groups", "c03_five_groups", "c04_weighted",
    "c06_all_predicted_zero", "c07_all_predicted_one", "c08_single_group", "c11_tpr_all_zero",
    "c12_minus_one_labels", "c14_zero_selection_one_group", "c15_no_positives_anywhere",
    "c17_intersection",
  ]

  @Test(arguments: cases) func vector(_ name: String) throws {
    let table = try PlainCSV(path: Shared.path("reference/fairlearn_vectors/\(name).csv"))
    let json = try JSONSerialization.jsonObject(
      with: Data(Shared.bytes("reference/fairlearn_vectors/\(name).json")))
    let reference = try #require(json as? [String: Any])
    var columns = [table.texts("group")]
    if table.header.contains("group2") { columns.append(table.texts("group2")) }
    let weights: RowWeights =
      table.header.contains("weight") ? .survey(table.numbers("weight")) : .none
    let data = try binaryData(
      labels: table.numbers("y_true").map { $0 == 1 ? 1 : 0 },
      decisions: table.numbers("y_pred").map { $0 == 1 ? 1 : 0 },
      group: grouping(Array(["group", "group2"].prefix(columns.count)), columns), weights: weights)
    var options = EvaluationOptions()
    options.noiseDraws = 20
    let figures = Evaluator(data, options: options).figures(MetricRegistry.all)
    let metrics = try #require(reference["metrics"] as? [String: Any])
    #expect(!metrics.isEmpty)
    for (key, value) in metrics {
      let parts = key.split(separator: "|").map(String.init)
      let id =
        parts[0] + (parts[1] == "to_overall" ? "_to_overall" : "")
        + (parts.count > 2 && parts[2] == "mean" ? "_mean" : "")
      let figure = try #require(figures.first(id))
      let expected = number(value)
      if data.attributes[0].keys.count == 1 {
        // There 0 or 1; here one group is compared with nothing.
        #expect(figure.value == nil && figure.reason != nil, "\(id)")
        continue
      }
      if expected.isNaN {
        // There a quotient of zeros; here it is not estimable.
        #expect(figure.value == nil && figure.flags.contains("fairlearn-degenerate"), "\(id)")
        continue
      }
      let found = try #require(figure.value)
      #expect(isClose(found, expected, absolute: 1e-15, relative: 1e-12), "\(id)")
    }
    let groups = try #require(reference["by_group"] as? [String: [String: Any]])
    for (group, values) in groups {
      for (id, value) in values where id != "count" {
        let figure = try #require(figures.first(id, group))
        // Own names say "not estimable" where fairlearn says 0.
        if let found = figure.value {
          #expect(isClose(found, number(value), absolute: 1e-15, relative: 1e-12), "\(id) \(group)")
        } else {
          #expect(number(value) == 0)
          #expect(figure.reason != nil)
        }
      }
    }
  }

  private func number(_ value: Any) -> Double {
    (value as? NSNumber)?.doubleValue ?? (value as? String == "Infinity" ? .infinity : .nan)
  }
}
