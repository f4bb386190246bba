extension RandomAccessCollection where Index == Int {
  /// The first place from which on a condition holds, by halving; the end where it holds nowhere.
  ///
  /// - Precondition: once the condition holds it holds for every later element.
  @inlinable
  package func firstPlace(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
