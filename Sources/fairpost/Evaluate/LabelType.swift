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
    return try of(distinct: distinct, isZeroOne: isZeroOne, texts: texts, task: task, input)
  }

  /// The same from the first three values and whether all are 0 or 1.
  static func of(
    distinct: [Double], isZeroOne: Bool, texts: [ByteText], task: String, _ input: String
  ) throws -> TaskKind {
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
    try check(column.values, positive: positive, task: task, input)
    let code = column.values.firstIndex(of: positive) ?? -1
    return column.codes.map { $0 < 0 ? .nan : ($0 == Int32(code) ? 1 : 0) }
  }

  /// Refuses more values than two, and a positive one that never occurs.
  static func check(
    _ values: [ByteText], positive: ByteText, task: String, _ input: String
  ) throws {
    guard values.count <= 2 else {
      let list = values.prefix(2).map { "\"\($0)\"" }.joined(separator: ", ")
      throw Failure(
        .badData,
        "\(input): column \"\(task)\" is declared binary and has more values than two: \(list), ...",
        hint: "declare --task '\(task):multiclass', or take part of the rows with --rows")
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
