internal import FairpostNumerics

/// Where a record's class and group probabilities stand among the columns that are read.
struct BlindColumns: Sendable, Equatable {
  /// What is known of the groups.
  enum Groups: Sendable, Equatable {
    /// A column for each group.
    case shares
    /// A column for each group and class, group by group.
    case joint
    /// The record's own group.
    case known
  }

  /// The columns of the classes' scores: one, of class 1, or one for each class.
  let scores: [String]
  /// The columns of the groups, where there are some.
  let others: [String]
  let kind: Groups
  let groups: Int
  let classes: Int

  /// All columns that are read, in order.
  var all: [String] { scores + others }

  /// The probability of each class.
  func classes(_ values: [Double]) -> [Double] {
    scores.count == 1 ? [1 - values[0], values[0]] : Array(values[0..<classes])
  }

  /// The probabilities of the events of a problem; `code` is the record's group where that is known.
  func events(_ values: [Double], code: Int, isJoint: Bool) -> [Double] {
    switch kind {
    case .shares: return Array(values[scores.count...])
    case .joint:
      let own = values[scores.count...]
      guard !isJoint else { return Array(own) }
      return (0..<groups).map { group in
        let start = own.startIndex + group * classes
        return own[start..<start + classes].reduce(0, +)
      }
    case .known:
      let own = classes(values)
      return (0..<groups).flatMap { group -> [Double] in
        guard isJoint else { return [group == code ? 1 : 0] }
        return own.map { group == code ? $0 : 0 }
      }
    }
  }

  /// What is wrong with a record's probabilities, and at which column; nil where they can be.
  func fault(_ values: [Double]) -> (column: Int, words: String)? {
    for (place, value) in values.enumerated() where value < 0 || value > 1 {
      return (place, "the probability \(NumberText.text(value)) is not between 0 and 1")
    }
    guard !values.contains(where: \.isNaN) else { return nil }
    func shown(_ sum: Double) -> String { NumberText.text((sum * 1e9).rounded() / 1e9) }
    if scores.count > 1 {
      let sum = values[..<scores.count].reduce(0, +)
      if abs(sum - 1) > 1e-6 {
        return (0, "the probabilities of the \(classes) classes sum to \(shown(sum)), not to 1")
      }
    }
    guard !others.isEmpty else { return nil }
    let sum = values[scores.count...].reduce(0, +)
    if abs(sum - 1) > 1e-6 {
      let what = kind == .joint ? "groups and classes" : "groups"
      return (
        scores.count,
        "the probabilities of the \(what) (\(others.prefix(6).joined(separator: ", "))\(others.count > 6 ? ", ..." : "")) sum to \(shown(sum)), not to 1"
      )
    }
    if kind == .joint {
      let own = classes(values)
      for label in 0..<classes {
        let sum = (0..<groups).reduce(0) { $0 + values[scores.count + $1 * classes + label] }
        guard abs(sum - own[label]) > 1e-6 else { continue }
        let place = scores.count == 1 ? 0 : label
        return (
          place,
          "the probability of the class is \(shown(own[label])), over the groups it sums to \(shown(sum))"
        )
      }
    }
    return nil
  }
}

/// How columns of group probabilities are named: `race=p_*`, or `race=p_*_*` for group and class.
package struct BlindPattern: Sendable, Equatable {
  /// What the attribute is called.
  let name: String
  /// The pattern between its stars: two parts, or three.
  let parts: [String]

  /// As it was written.
  var text: String { "\(name)=\(parts.joined(separator: "*"))" }

  /// Whether the columns are of group and class.
  var isJoint: Bool { parts.count == 3 }

  /// Reads `NAME=PATTERN`.
  init(_ text: String) throws(SettingFault.Problem) {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let parts =
      sides.count == 2 ? sides[1].split(separator: "*", omittingEmptySubsequences: false) : []
    guard sides.count == 2, !sides[0].isEmpty, (2...3).contains(parts.count),
      parts.count == 2 || !parts[1].isEmpty
    else {
      throw .wrongForm(
        "expected NAME=PATTERN, with a star for the group and, for columns of group and class, a second star for the class: race=p_* or race=p_*_*"
      )
    }
    (name, self.parts) = (String(sides[0]), parts.map(String.init))
  }

  /// The groups and their columns in a header, groups sorted.
  ///
  /// Of columns of group and class all classes of one group stand after the other.
  func columns(
    in header: [String], classes: [String], without scores: [String]
  ) throws(SettingFault) -> (groups: [String], columns: [String]) {
    let own = header.filter { !scores.contains($0) }
    func middle(_ column: String, _ tail: String) -> String? {
      guard column.hasPrefix(parts[0]), column.hasSuffix(tail),
        column.utf8.count > parts[0].utf8.count + tail.utf8.count
      else { return nil }
      return String(column.dropFirst(parts[0].count).dropLast(tail.count))
    }
    let tails = isJoint ? classes.map { parts[1] + $0 + parts[2] } : [parts[1]]
    let groups = Set(own.flatMap { column in tails.compactMap { middle(column, $0) } }).sorted()
    guard !groups.isEmpty else {
      throw SettingFault(
        "blind", text,
        .wrongForm(
          "no column has such a name\(isJoint ? ", with the classes \(classes.joined(separator: ", "))" : "")"
        ))
    }
    let columns = groups.flatMap { group in tails.map { parts[0] + group + $0 } }
    if let absent = columns.first(where: { !own.contains($0) }) {
      throw SettingFault("blind", text, .wrongForm("there is no column \"\(absent)\""))
    }
    return (groups, columns)
  }
}
