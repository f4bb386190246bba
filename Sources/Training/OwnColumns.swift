internal import FairpostEvaluation

/// Columns that fairpost itself writes, told by their names: none of them is a feature unless named.
///
/// A score holds what a model learned from the labels, a massaged label is a label, a weight of
/// `reweigh` is made from label and group: learning from them is learning from the answer.
package enum OwnColumns {
  /// What is written beside a column NAME: `NAME.score`, for a class `NAME.score.CLASS`.
  private static let endings = ["score", "fair", "decision", "massaged"]
  /// The columns of `reweigh` and `split`, as they are called unless told otherwise.
  private static let wholeNames = ["weight", "split"]

  /// Whether fairpost writes columns of this name.
  package static func contains(_ name: String) -> Bool {
    wholeNames.contains(name) || stem(name) != nil
  }

  /// The column beside which a column of this name is written; nil where there is none.
  package static func stem(_ name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = parts.indices.dropFirst().last(where: { endings.contains(String(parts[$0])) })
    else { return nil }
    let stem = parts[..<place].joined(separator: ".")
    return stem.isEmpty ? nil : stem
  }
}
