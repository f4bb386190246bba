package import FairpostNumerics
package import FairpostPipeline
package import FairpostText

/// What the labels of a column are like: counts of zeros, ones and others, and examples of the others.
package struct LabelFacts: Sendable {
  /// What labels turn out to be.
  package enum Found: Sendable {
    case binary, regression
  }

  /// How many labels are 0.
  package var zeros = 0
  /// How many are 1.
  package var ones = 0
  /// How many are other numbers.
  package private(set) var others = 0
  /// A few of the other numbers, each once.
  package private(set) var otherValues: [Double] = []
  /// A few of the texts that are no numbers, each once.
  package private(set) var texts: [ByteText] = []
  /// The line of the first label that is neither 0 nor 1.
  package private(set) var firstLine: Int?

  /// No labels yet.
  package init() {}

  /// Sees a number that is neither 0 nor 1.
  ///
  /// - Parameter line: its line, counted from where the part that is looked at begins.
  package mutating func seeOther(_ value: Double, line: Int?) {
    others += 1
    if firstLine == nil { firstLine = line }
    if otherValues.count < 4, !otherValues.contains(value) { otherValues.append(value) }
  }

  /// Sees a text that is no number.
  package mutating func seeText(_ text: ByteText) {
    if texts.count < 3, !texts.contains(text) { texts.append(text) }
  }

  /// Sees a number; NaN is no label.
  package mutating func see(_ value: Double, line: Int?) {
    if value == 0 {
      zeros += 1
    } else if value == 1 {
      ones += 1
    } else if !value.isNaN {
      seeOther(value, line: line)
    }
  }

  /// Adds the next part of the same column, whose lines begin behind `line`.
  package mutating func add(_ other: LabelFacts, behind line: Int) {
    zeros += other.zeros
    ones += other.ones
    others += other.others
    if firstLine == nil { firstLine = other.firstLine.map { $0 + line } }
    for value in other.otherValues where otherValues.count < 4 && !otherValues.contains(value) {
      otherValues.append(value)
    }
    for text in other.texts where texts.count < 3 && !texts.contains(text) { texts.append(text) }
  }
}

extension LabelFacts {
  /// The labels that are numbers.
  package var count: Int { zeros + ones + others }

  /// Whether every label is 0 or 1.
  package var areZeroOne: Bool { others == 0 && texts.isEmpty }

  /// Whether this is a column of 0 and 1 with a few strays, rather than numbers some of which are 0 and 1:
  /// both occur, and the others are no more than the rarer of them, or a twentieth of all.
  package var hasStrays: Bool {
    guard others > 0, texts.isEmpty, zeros > 0, ones > 0 else { return false }
    return others <= min(zeros, ones) || 20 * others <= count
  }

  /// Refuses a column of 0 and 1 with strays, counting them.
  package func refuseStrays(task: String, _ input: String) throws(Failure) {
    guard hasStrays else { return }
    let values = otherValues.prefix(3).map { NumberText.text($0) }
    let list = values.joined(separator: ", ") + (otherValues.count > 3 ? ", ..." : "")
    let place = firstLine.map { "\(input):\($0)" } ?? input
    throw Failure(
      .badData,
      "\(place): column \"\(task)\": \(Console.grouped(others)) of \(Console.grouped(count)) labels \(others == 1 ? "is" : "are") neither 0 nor 1: \(list)\(firstLine.map { " (the first on line \($0))" } ?? "")",
      hint:
        "correct them, or declare what the labels are: \(option: "task") '\(task):regression' (numbers), \(option: "task") '\(task):multiclass' (classes)"
    )
  }

  /// What undeclared labels are: binary where all are 0 or 1, else numbers; two other values, and
  /// texts, must be declared.
  package func found(task: String, _ input: String) throws -> Found {
    if areZeroOne { return .binary }
    try refuseStrays(task: task, input)
    let numbers = ((zeros > 0 ? [0.0] : []) + (ones > 0 ? [1.0] : []) + otherValues).sorted()
    var words = numbers.map { NumberText.text($0) }
    words += texts.map(\.description).sorted()
    if words.count == 2 {
      throw UsageError(
        "\(input): column \"\(task)\" has the two values \"\(words[0])\" and \"\(words[1])\": say which is the positive one",
        hint: "\(option: "task") '\(task):binary=\(words[1])'")
    }
    if let text = texts.first {
      throw Failure(
        .badData, "\(input): column \"\(task)\": \"\(text)\" is not a number",
        hint:
          "declare what the labels are: \(option: "task") '\(task):multiclass' or \(option: "task") '\(task):binary=VALUE'"
      )
    }
    return .regression
  }
}

/// The least and the greatest score of a column, and whether all are 0 or 1.
package struct ScoreRange: Sendable {
  /// The least score; infinite where there is none.
  package private(set) var lower = Double.infinity
  /// The greatest score.
  package private(set) var upper = -Double.infinity
  /// Whether every score is 0 or 1.
  package private(set) var isZeroOne = true

  /// No scores yet.
  package init() {}

  /// Sees scores; NaN is none.
  package mutating func see(_ values: [Double]) {
    var (low, high) = (lower, upper)
    for value in values {
      if value < low { low = value }
      if value > high { high = value }
    }
    (lower, upper) = (low, high)
    if isZeroOne { isZeroOne = values.allSatisfy { $0 == 0 || $0 == 1 || $0.isNaN } }
  }

  /// Adds another part.
  package mutating func add(_ other: ScoreRange) {
    lower = min(lower, other.lower)
    upper = max(upper, other.upper)
    isZeroOne = isZeroOne && other.isZeroOne
  }

  /// Whether all scores lie between 0 and 1, as probabilities do.
  package var isProbability: Bool { lower > upper || (lower >= 0 && upper <= 1) }

  /// Whether both 0 and 1 occur and nothing else: what labels look like.
  package var looksLikeLabels: Bool { isZeroOne && lower == 0 && upper == 1 }

  /// What is wrong with a threshold of .5 that nobody asked for on scores that are no probabilities.
  package func refusal(
    column: String, _ input: String, hint: Message
  ) -> Failure {
    Failure(
      .badData,
      "\(input): column \"\(column)\": the scores lie between \(NumberText.text(lower)) and \(NumberText.text(upper)), not between 0 and 1: the default threshold of 0.5 cannot decide",
      hint: hint)
  }

  /// Refuses labels and scores that were exchanged: the "scores" are all 0 and 1, the "labels" are not.
  package func refuseExchanged(
    task: String, score: String, _ input: String
  ) throws(Failure) {
    guard looksLikeLabels else { return }
    throw Failure(
      .badData,
      "\(input): column \"\(score)\", named as the score, holds only 0 and 1, and \"\(task)\", named as the label, holds other numbers: are they exchanged?",
      hint:
        "\(option: "task") \(score) \(option: "score") \(task); or declare \(option: "task") '\(task):regression' if it is meant"
    )
  }
}
