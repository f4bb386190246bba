/// The number of insertions, deletions, replacements and swaps of neighbours that lead from one
/// word to another, no part of a word edited twice (Damerau-Levenshtein, optimal string alignment).
///
/// - Complexity: O(product of the lengths).
package func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.unicodeScalars)
  let b = Array(b.unicodeScalars)
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [Int](repeating: i, count: b.count + 1)
    for j in 1...b.count {
      let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}

/// The candidate that a mistyped word most likely means, or nil where none is near.
///
/// Case does not count. Near is at most one edit in three letters; failing that, a candidate that
/// begins with the word. Of equally near candidates the first is taken.
package func nearest(_ word: String, in candidates: some Sequence<String>) -> String? {
  let lowered = word.lowercased()
  let length = lowered.unicodeScalars.count
  guard length > 0 else { return nil }
  var best: (name: String, distance: Int)?
  var longer: String?
  for candidate in candidates where candidate != word {
    let other = candidate.lowercased()
    let otherLength = other.unicodeScalars.count
    let allowed = max(1, max(length, otherLength) / 3)
    if length > 1, other.hasPrefix(lowered), longer == nil { longer = candidate }
    // Long names cost the product of their lengths; a difference in length is an edit each.
    guard abs(length - otherLength) <= allowed, otherLength <= 256 else { continue }
    let distance = editDistance(lowered, other)
    // A word of which every letter was replaced is not near.
    guard distance <= allowed, distance < max(length, otherLength) else { continue }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  return best?.name ?? longer
}
