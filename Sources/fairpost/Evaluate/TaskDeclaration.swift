internal import CSV
internal import Numerics
internal import Options

/// A task as the command line declares it: `NAME`, `NAME:regression`, `NAME:multiclass`, `NAME:binary=POSITIVE`.
struct TaskDeclaration: Equatable {
  /// What the labels are said to be.
  enum Kind: Sendable, Equatable {
    /// Nothing was said: numbers, and binary where all are 0 or 1.
    case undeclared
    case regression
    case multiclass
    /// With the value that counts as 1; nil where the labels are 0 and 1.
    case binary(positive: ByteText?)
  }

  let name: String
  let kind: Kind

  /// Reads a declaration; a column whose name holds the colon is taken by its name.
  init(_ text: String, header: Header) throws(UsageError) {
    let colon = text.firstIndex(of: ":")
    guard !header.contains(text), let colon else {
      name = text
      kind = .undeclared
      return
    }
    // The last colon that is followed by a type, so that a name may hold colons.
    for place in text.indices.reversed() where text[place] == ":" {
      let word = text[text.index(after: place)...]
      let before = String(text[..<place])
      switch word {
      case "regression": (name, kind) = (before, .regression)
      case "multiclass": (name, kind) = (before, .multiclass)
      case "binary": (name, kind) = (before, .binary(positive: nil))
      case _ where word.hasPrefix("binary="):
        (name, kind) = (before, .binary(positive: ByteText(String(word.dropFirst(7)))))
      default: continue
      }
      return
    }
    let word = String(text[text.index(after: colon)...])
    let near = nearest(word, in: ["regression", "multiclass", "binary"])
    throw UsageError(
      "--task \(text): \"\(word)\" is no type of task",
      hint: near.map { "did you mean \"\($0)\"?" }
        ?? "the types are regression, multiclass, binary and binary=POSITIVE")
  }
}
