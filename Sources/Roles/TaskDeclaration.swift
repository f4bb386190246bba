package import FairpostNumerics
package import FairpostText

/// A task as every command line declares it: `NAME`, `NAME:regression`, `NAME:multiclass`,
/// `NAME:binary` or `NAME:binary=POSITIVE`.
package struct TaskDeclaration: Equatable, Sendable {
  /// What the labels are said to be.
  package enum Kind: Sendable, Equatable {
    /// Nothing was said: it is found from the labels.
    case undeclared
    case regression
    case multiclass
    /// With the value that counts as 1; nil where the labels are 0 and 1.
    case binary(positive: ByteText?)
  }

  /// The label column, which the task is named by.
  package let name: String
  /// What its labels are.
  package let kind: Kind

  /// A task found in a file.
  package init(name: String, kind: Kind = .undeclared) {
    self.name = name
    self.kind = kind
  }

  /// Reads a declaration.
  ///
  /// A name or a positive value may hold colons: a column that has the whole text as its name is taken
  /// by it, and otherwise the type begins at the first colon behind the name of a column, else at the
  /// first colon that a type follows.
  ///
  /// - Parameter columns: the columns of the file; a task also stands there by its `NAME.score`.
  package init(_ text: String, columns: [String]) throws(UsageError) {
    let isKnown = { (name: String) in
      columns.contains { $0 == name || $0 == "\(name).score" || $0.hasPrefix("\(name).score.") }
    }
    let colons = text.indices.filter { text[$0] == ":" }
    guard let first = colons.first, !isKnown(text) else {
      self.init(name: text)
      return
    }
    var found: TaskDeclaration?
    for place in colons {
      let name = String(text[..<place])
      guard let kind = Self.kind(text[text.index(after: place)...]) else { continue }
      if isKnown(name) {
        self.init(name: name, kind: kind)
        return
      }
      if found == nil { found = TaskDeclaration(name: name, kind: kind) }
    }
    // A known name with a misspelt type is not another name.
    let known = colons.first { isKnown(String(text[..<$0])) }
    if let found, known == nil {
      self = found
      return
    }
    let word = String(text[text.index(after: known ?? first)...])
    let near = nearest(word, in: ["regression", "multiclass", "binary"])
    throw UsageError(
      "\(option: "task") \(text): \"\(word)\" is not a type of task",
      hint: near.map { "did you mean \"\($0)\"?" }
        ?? "the types are regression, multiclass, binary and binary=POSITIVE")
  }

  /// Reads the declarations of a command line; a task given twice is refused.
  package static func all(
    _ texts: [String], columns: [String]
  ) throws(UsageError) -> [TaskDeclaration] {
    var tasks: [TaskDeclaration] = []
    for text in texts {
      let task = try TaskDeclaration(text, columns: columns)
      if tasks.contains(where: { $0.name == task.name }) {
        throw UsageError("\(option: "task") \(task.name) is given twice")
      }
      tasks.append(task)
    }
    return tasks
  }

  private static func kind(_ word: Substring) -> Kind? {
    switch word {
    case "regression": .regression
    case "multiclass": .multiclass
    case "binary": .binary(positive: nil)
    case _ where word.hasPrefix("binary="): .binary(positive: ByteText(String(word.dropFirst(7))))
    default: nil
    }
  }
}
