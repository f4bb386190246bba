internal import Metrics
internal import Numerics
internal import Options
internal import Pipeline

/// What labels are, found from their values where the command line does not say.
enum LabelType {
  /// Numbers: binary where all are 0 or 1; two other values must be declared.
  static func of(
    _ values: [Double], texts: [ByteText], task: String, _ input: String
  ) throws -> TaskKind {
    var distinct: [Double] = []
    var isZeroOne = true
    for value in values where !value.isNaN {
      if value != 0, value != 1 { isZeroOne = false }
      if distinct.count < 3, !distinct.contains(value) { distinct.append(value) }
      if !isZeroOne, distinct.count > 2 { break }
    }
    if texts.isEmpty, isZeroOne { return .binary }
    let words =
      distinct.sorted().map { NumberText.text($0) } + texts.map(\.description).sorted()
    if words.count == 2 {
      throw UsageError(
        "\(input): column \"\(task)\" has the two values \"\(words[0])\" and \"\(words[1])\": say which is the positive one",
        hint: "--task '\(task):binary=\(words[1])'")
    }
    if let text = texts.first {
      throw Failure(
        .badData, "\(input): column \"\(task)\": \"\(text)\" is not a number",
        hint:
          "declare what the labels are: --task '\(task):multiclass' or --task '\(task):binary=VALUE'"
      )
    }
    return .regression
  }

  /// Labels of two texts: 1 for the positive one.
  static func binary(
    _ column: (codes: [Int32], values: [ByteText]), positive: ByteText, task: String,
    _ input: String
  ) throws -> [Double] {
    let values = column.values
    guard values.count <= 2 else {
      let list = values.prefix(6).map { "\"\($0)\"" }.joined(separator: ", ")
      throw Failure(
        .badData,
        "\(input): column \"\(task)\" is declared binary and has \(values.count) values: \(list)\(values.count > 6 ? ", ..." : "")",
        hint: "declare --task '\(task):multiclass', or take part of the rows with --rows")
    }
    guard let code = values.firstIndex(of: positive) else {
      let list = values.map { "\"\($0)\"" }.joined(separator: " and ")
      throw Failure(
        .badData,
        "\(input): column \"\(task)\" never has the positive value \"\(positive)\": its values are \(list)"
      )
    }
    return column.codes.map { $0 < 0 ? .nan : ($0 == Int32(code) ? 1 : 0) }
  }
}
