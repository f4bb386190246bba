/// The names of score columns: `income.score`, for a class c `income.score.c`, or another tool's name.
package enum ScoreName {
  /// Whether a column is a score by its name.
  package static func isScore(_ name: String) -> Bool {
    name.hasSuffix(".score") || parts(name) != nil
  }

  /// The task and the class of a column `TASK.score.CLASS`.
  package static func parts(_ name: String) -> (task: String, label: String)? {
    let mark = Array(".score.".utf8)
    let bytes = Array(name.utf8)
    guard bytes.count > mark.count else { return nil }
    // The last place the mark stands in, so that a task may hold dots.
    for start in stride(from: bytes.count - mark.count - 1, through: 1, by: -1)
    where bytes[start..<(start + mark.count)].elementsEqual(mark) {
      return (
        String(decoding: bytes[..<start], as: UTF8.self),
        String(decoding: bytes[(start + mark.count)...], as: UTF8.self)
      )
    }
    return nil
  }

  /// The column made from a score column: `income.fair` from `income.score`, `p.fair` from `p`.
  package static func derived(_ score: String, _ word: String) -> String {
    if score.hasSuffix(".score") { return String(score.dropLast("score".utf8.count)) + word }
    if let (task, label) = parts(score) { return "\(task).\(word).\(label)" }
    return "\(score).\(word)"
  }
}
