internal import FairpostNumerics
package import FairpostTransport

/// The order of categories in tables: the rule's for the names it has, by bytes for all others.
package enum CategoryOrder {
  private static let names = [
    ["male"], ["female"], ["hispanic or latino"], ["white"], ["black or african american"],
    ["native hawaiian or pacific islander", "native hawaiian or other pacific islander"],
    ["asian"], ["native american or alaska native", "american indian or alaska native"],
    ["two or more races"],
  ]
  private static let ranks: [String: Int] = {
    var ranks: [String: Int] = [:]
    for (rank, alike) in names.enumerated() { for name in alike { ranks[name] = rank } }
    return ranks
  }()

  /// Where a category stands among those that the rule names; behind them where it is none.
  private static func rank(_ text: ByteText) -> Int {
    ranks[text.description.lowercased()] ?? names.count
  }

  /// Whether one category stands before another.
  package static func isBefore(_ left: GroupKey, _ right: GroupKey) -> Bool {
    for (one, other) in zip(left.parts, right.parts) where one != other {
      let (first, second) = (rank(one), rank(other))
      return first == second ? one < other : first < second
    }
    return left.parts.count < right.parts.count
  }
}
