import Foundation
import FairpostTestSupport
import Testing

/// fairlearn's own numbers through the built program, degenerate cases included.
@Suite(.enabled(if: Shared.isPresent && Program.isBuilt)) struct FairlearnProgramTests {
  static let cases = [
    "c01_two_groups", "c02_three_groups", "c03_five_groups", "c04_weighted",
    "c06_all_predicted_zero", "c07_all_predicted_one", "c08_single_group", "c11_tpr_all_zero",
    "c12_minus_one_labels", "c14_zero_selection_one_group", "c15_no_positives_anywhere",
    "c17_intersection",
  ]

  @Test(arguments: cases) func vector(_ name: String) throws {
    let path = Shared.path("reference/fairlearn_vectors/\(name).csv")
    let header = try PlainCSV(path: path).header
    let json = try JSONSerialization.jsonObject(
      with: Data(Shared.bytes("reference/fairlearn_vectors/\(name).json")))
    let reference = try #require(json as? [String: Any])
    let metrics = try #require(reference["metrics"] as? [String: Any])
    var ids: [String: Double] = [:]
    for (key, value) in metrics {
      let parts = key.split(separator: "|").map(String.init)
      let id =
        parts[0] + (parts[1] == "to_overall" ? "_to_overall" : "")
        + (parts.count > 2 && parts[2] == "mean" ? "_mean" : "")
      ids[id] =
        (value as? NSNumber)?.doubleValue ?? (value as? String == "Infinity" ? .infinity : .nan)
    }
    #expect(!ids.isEmpty)
    // Labels -1 and 1 must say which is the positive one; 0 and 1 need not.
    let task = name.contains("minus_one") ? "y_true:binary=1" : "y_true"
    let group = header.contains("group2") ? "group,group2" : "group"
    let outcome = try Program.run(
      [
        "evaluate", "-q", "--task", task, "--score", "y_pred", "--group", group,
        "--metrics", ids.keys.sorted().joined(separator: ","),
      ] + (header.contains("weight") ? ["--weight", "weight"] : [])
        + (name.contains("minus_one") ? ["--threshold", "0"] : []) + [path])
    #expect(outcome.status == 0, "\(outcome.errorText)")
    var found = 0
    for line in outcome.outputText.split(separator: "\n") {
      // The attribute is the one field with quotes and commas.
      let fields = line.replacingOccurrences(of: "\"\"group\"\",\"\"group2\"\"", with: "")
        .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields[1] == "y_pred", let expected = ids[fields[2]] else { continue }
      found += 1
      let value = Double(fields[6]) ?? .nan
      // fairlearn's NaN is not estimable here, and so is what compares a single group.
      let isSame =
        (fields[6].isEmpty && (expected.isNaN || name.contains("single_group")))
        || abs(value - expected) <= 1e-12 * max(abs(expected), 1e-3)
      #expect(isSame, "\(fields[2]): \(fields[6]) in place of \(expected)")
      if expected.isNaN, !name.contains("single_group") {
        #expect(fields[11].contains("fairlearn-degenerate"))
      }
    }
    #expect(found == ids.count)
  }
}
