internal import Options

/// A task as a command line names it: `NAME`, `NAME:TYPE` or `NAME:binary=POSITIVE`.
struct TaskChoice: Equatable {
  /// What the command line says of the type.
  enum Kind: Equatable {
    /// To be found in the labels.
    case unknown
    case binary(positive: String?)
    case multiclass
    case regression
  }

  let name: String
  let kind: Kind

  /// The option.
  static let option = OptionSpec(
    "task", "t", .text("COL[:TYPE]"),
    help:
      "a label column to predict; TYPE is binary, binary=POSITIVE, multiclass or regression, found in the labels where it is not given; repeat for several tasks",
    repeated: true, required: true, section: "Columns")

  /// Reads one; a column whose whole name has a colon is taken at its name.
  init(_ text: String, columns: [String]) throws(UsageError) {
    guard !columns.contains(text), let colon = text.lastIndex(of: ":") else {
      name = text
      kind = .unknown
      return
    }
    // A positive value may hold colons: the type begins at the first colon behind a column's name.
    let colons = text.indices.filter { text[$0] == ":" }
    let place = colons.first { columns.contains(String(text[..<$0])) } ?? colons.first ?? colon
    name = String(text[..<place])
    let type = String(text[text.index(after: place)...])
    switch type {
    case "binary": kind = .binary(positive: nil)
    case "multiclass": kind = .multiclass
    case "regression": kind = .regression
    default:
      guard type.hasPrefix("binary=") else {
        throw UsageError(
          "--task \(text): \"\(type)\" is no type of a task",
          hint: "it is binary, binary=POSITIVE, multiclass or regression")
      }
      kind = .binary(positive: String(type.dropFirst("binary=".count)))
    }
  }
}
