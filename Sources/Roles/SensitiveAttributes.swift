internal import FairpostNumerics
package import FairpostText
package import FairpostTransport

/// The sensitive attributes of `--group`, each a column or an intersection of several.
package enum SensitiveAttributes {
  /// The attributes as given; a column named twice in one, or an attribute named twice, is refused.
  package static func checked(_ attributes: [[String]]) throws(UsageError) -> [[String]] {
    for attribute in attributes {
      try refuseRepeats(attribute, option: "group")
    }
    for (place, attribute) in attributes.enumerated() {
      let isThere = attributes[..<place].contains { Set($0) == Set(attribute) }
      if isThere {
        throw UsageError("\(option: "group") \(attribute.joined(separator: ",")) is given twice")
      }
    }
    return attributes
  }

  /// Refuses a list of columns that names one twice.
  package static func refuseRepeats(
    _ columns: [String], option: String
  ) throws(UsageError) {
    for (place, column) in columns.enumerated() where columns[..<place].contains(column) {
      throw UsageError(
        "--\(option) \(columns.joined(separator: ",")): the column \"\(column)\" appears twice")
    }
  }
}

/// The protected values of `--protected COL=VALUE` and `--protected COL,COL=VALUE,VALUE`.
package struct ProtectedValues: Sendable {
  /// One option: the columns with their values, and as it was written.
  private struct Entry {
    let columns: [String]
    let values: [String]
    let text: String
  }
  private let entries: [Entry]

  /// Reads them; a second value for a column is refused, since only one could hold.
  package init(_ texts: [String]) throws(UsageError) {
    var entries: [Entry] = []
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw UsageError("\(option: "protected") \(text): expected COL=VALUE")
      }
      let columns = columnNames(String(text[..<equals]))
      try SensitiveAttributes.refuseRepeats(columns, option: "protected")
      let value = String(text[text.index(after: equals)...])
      let values = columns.count == 1 ? [value] : columnNames(value)
      guard values.count == columns.count else {
        throw UsageError("\(option: "protected") \(text): expected \(columns.count) values")
      }
      if let earlier = entries.first(where: { Set($0.columns) == Set(columns) }) {
        throw UsageError(
          "\(option: "protected") \(earlier.text) and \(option: "protected") \(text): \(columns.joined(separator: ",")) has two protected values",
          hint:
            "name one, or combine the columns: \(option: "group") a,b \(option: "protected") a,b=VALUE,VALUE"
        )
      }
      entries.append(Entry(columns: columns, values: values, text: text))
    }
    self.entries = entries
  }

  /// Whether none is named.
  package var isEmpty: Bool { entries.isEmpty }

  /// The columns named, in the order of the command line.
  package var columns: [String] {
    var columns: [String] = []
    for column in entries.flatMap(\.columns) where !columns.contains(column) {
      columns.append(column)
    }
    return columns
  }

  /// The protected group of an attribute: of its columns together, or else of each by itself.
  ///
  /// - Returns: nil where no value is named for it, or for a part of it only.
  package func key(_ attribute: [String]) -> GroupKey? {
    if let whole = entries.first(where: { Set($0.columns) == Set(attribute) }) {
      return GroupKey(
        attribute.compactMap { column in
          zip(whole.columns, whole.values).first { $0.0 == column }.map { ByteText($0.1) }
        })
    }
    var parts: [ByteText] = []
    for column in attribute {
      guard let own = entries.first(where: { $0.columns == [column] }) else { return nil }
      parts.append(ByteText(own.values[0]))
    }
    return GroupKey(parts)
  }

  /// Refuses values of columns that are no attribute.
  package func check(_ attributes: [[String]]) throws(UsageError) {
    for entry in entries {
      let isWhole = attributes.contains { Set($0) == Set(entry.columns) }
      let isPart =
        entry.columns.count == 1
        && attributes.contains { $0.contains(entry.columns[0]) && key($0) != nil }
      if isWhole || isPart { continue }
      let name = entry.columns.joined(separator: ",")
      let partial = attributes.first { $0.contains(entry.columns[0]) }
      if entry.columns.count == 1, let partial {
        throw UsageError(
          "\(option: "protected"): name a value for each of \(partial.joined(separator: ", "))")
      }
      let near = nearest(name, in: attributes.map { $0.joined(separator: ",") })
      throw UsageError(
        "\(option: "protected") \(entry.text): \"\(name)\" is not an attribute of \(option: "group")",
        hint: near.map { "did you mean \"\($0)\"?" })
    }
  }

  /// The words that name the protected values: `protected sex=F`.
  package static func words(_ attribute: [String], _ key: GroupKey) -> String {
    "protected \(attribute.joined(separator: ","))=\(key.parts.map(\.description).joined(separator: ","))"
  }
}
