internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// What maps by one attribute have in common: whose groups they know, what becomes of others, and what is drawn.
struct DecisionHead: Sendable, Equatable {
  /// The columns of the attribute.
  let columns: [String]
  /// Its groups, sorted.
  let keys: [GroupKey]
  /// The threshold of rows of no known group; nil where such rows fail.
  let otherwise: Double?
  /// The column of ids, where something is drawn.
  let idColumn: String?
  /// What is drawn is keyed by it; 0 where nothing is.
  let seed: UInt64

  /// A head from its parts; without an id nothing is drawn.
  init(_ attribute: Grouping, otherwise: Double?, idColumn: String?, seed: UInt64) {
    (columns, keys, self.otherwise) = (attribute.columns, attribute.keys, otherwise)
    self.idColumn = idColumn
    self.seed = idColumn == nil ? 0 : seed
  }

  /// The groups' names as options write them.
  var names: [String] { keys.map { $0.parts.map(\.description).joined(separator: ",") } }

  /// What a map says in words of the attribute and of what is drawn.
  var lines: [String] {
    let attribute =
      "attribute      \(columns.joined(separator: ", ")): \(keys.map { Wording.name($0) }.joined(separator: " | "))"
    guard let idColumn else { return [attribute] }
    return [attribute, "random draws   from \(idColumn) and seed \(seed)"]
  }

  // MARK: JSON

  /// Its entries of a map.
  func json() -> JSONObject {
    [
      "columns": .array(columns.map { .string($0) }), "groups": .array(keys.map { $0.json() }),
      "id": idColumn.map { .string($0) } ?? .null, "seed": .string(String(seed)),
      "otherwise": otherwise.map { .number($0) } ?? .null,
    ]
  }

  /// Reads its entries of a map.
  init(_ node: JSONNode) throws {
    let names = try node["columns"]
    columns = try names.strings
    guard !columns.isEmpty, !columns.contains(""), StoredNumbers.areDistinct(columns) else {
      throw names.wrong("the names of one column or more")
    }
    let (columns, groups) = (columns, try node["groups"])
    keys = try groups.array.map { try GroupKey($0) }
    guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }), !keys.isEmpty,
      keys.allSatisfy({ $0.parts.count == columns.count })
    else { throw groups.wrong("sorted groups of as many parts as columns") }
    idColumn = try node.optional("id")?.string
    guard idColumn != "" else { throw try node["id"].wrong("the name of a column") }
    guard let seed = UInt64(try node["seed"].string) else {
      throw try node["seed"].wrong("a whole number as text")
    }
    self.seed = seed
    otherwise = try node.optional("otherwise")?.double
  }
}

/// A map by one attribute, whose head answers for it.
protocol HeadedAdjustment: GroupedAdjustment {
  var head: DecisionHead { get }
}

extension HeadedAdjustment {
  var columns: [String] { head.columns }
  var keys: [GroupKey] { head.keys }
  var otherwise: Double? { head.otherwise }
  var idColumn: String? { head.idColumn }
  var seed: UInt64 { head.seed }
}
