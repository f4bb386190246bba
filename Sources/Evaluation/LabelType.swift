package import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// Labels that the command line declares to be binary, with the value that counts as 1.
package enum LabelType {
  /// Labels of two texts: 1 for the positive one.
  package static func binary(
    _ column: (codes: [Int32], values: [ByteText]), positive: ByteText, task: String,
    _ input: String
  ) throws -> [Double] {
    try check(column.values, positive: positive, task: task, input)
    let code = column.values.firstIndex(of: positive) ?? -1
    return column.codes.map { $0 < 0 ? .nan : ($0 == Int32(code) ? 1 : 0) }
  }

  /// Refuses more values than two, and a positive one that never occurs.
  package static func check(
    _ values: [ByteText], positive: ByteText, task: String, _ input: String
  ) throws {
    guard values.count <= 2 else {
      let list = values.prefix(2).map { "\"\($0)\"" }.joined(separator: ", ")
      throw Failure(
        .badData,
        "\(input): column \"\(task)\" is declared binary but has more than two values: \(list), ...",
        hint:
          "declare \(option: "task") '\(task):multiclass', or select some of the rows with \(option: "rows")"
      )
    }
    guard values.isEmpty || values.contains(positive) else {
      let list = values.map { "\"\($0)\"" }.joined(separator: " and ")
      throw Failure(
        .badData,
        "\(input): column \"\(task)\" never has the positive value \"\(positive)\": its values are \(list)"
      )
    }
  }
}
