/// Quantiles that were sought before: groups of one size and one count ask for the same ones.
///
/// A table of one place for each hash of the question; a question that falls on a place taken by
/// another takes it over. What is found is what would be computed.
final class QuantileMemo: Sendable {
  private struct Entry {
    var question: (Double, Double, Double)
    var answer: Double
  }

  private static let places = 1 << 16
  private let known = Guarded<[Entry]>([])

  /// The answer to a question of three numbers, computed where it is not known.
  func value(_ p: Double, _ a: Double, _ b: Double, _ compute: () -> Double) -> Double {
    let place = Self.place(p, a, b)
    let found = known.withLock { entries -> Double? in
      guard !entries.isEmpty, entries[place].question == (p, a, b) else { return nil }
      return entries[place].answer
    }
    if let found { return found }
    let answer = compute()
    known.withLock { entries in
      if entries.isEmpty {
        let none = Entry(question: (.nan, .nan, .nan), answer: .nan)
        entries = [Entry](repeating: none, count: Self.places)
      }
      entries[place] = Entry(question: (p, a, b), answer: answer)
    }
    return answer
  }

  private static func place(_ p: Double, _ a: Double, _ b: Double) -> Int {
    // Whole numbers differ in their high bits alone, which are brought down before each product.
    var hash: UInt64 = 0
    for number in [p, a, b] {
      hash ^= number.bitPattern
      hash = (hash ^ (hash &>> 32)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash &>> 29
    }
    return Int(truncatingIfNeeded: hash & UInt64(places - 1))
  }
}
