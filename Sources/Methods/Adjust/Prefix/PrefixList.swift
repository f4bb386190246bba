/// The best list whose every first part holds enough of each group.
///
/// Each place takes the best record left with which the rest can still be filled: at a later place j the numbers
/// that are lacking may be no more than the places up to j. That list is the first of all allowed ones, by the
/// scores from the top down.
enum PrefixList {
  /// The groups of the places, in order.
  ///
  /// - Parameters:
  ///   - minima: for each group the least number in the first 1, 2, ... places; together no more than there are.
  ///   - sizes: how many records each group has.
  ///   - isBefore: whether the next record of one group stands before that of another, by their numbers so far.
  static func groups(
    places: Int, minima: [[Int]], sizes: [Int],
    isBefore: (_ first: (group: Int, taken: Int), _ second: (group: Int, taken: Int)) -> Bool
  ) -> [Int] {
    var taken = sizes.map { _ in 0 }
    var list: [Int] = []
    let asked = minima.indices.filter { (minima[$0].last ?? 0) > 0 }
    /// Whether all later places can be filled once the first `place` hold what is taken.
    func isOpen(_ place: Int) -> Bool {
      for later in place...places {
        var lacking = 0
        for group in asked { lacking += max(0, minima[group][later - 1] - taken[group]) }
        if lacking > later - place { return false }
      }
      return true
    }
    for place in 1...max(places, 1) where place <= places {
      var order = sizes.indices.filter { taken[$0] < sizes[$0] }
      order.sort { isBefore(($0, taken[$0]), ($1, taken[$1])) }
      var chosen = order.first
      for group in order {
        taken[group] += 1
        let holds = isOpen(place)
        taken[group] -= 1
        if holds {
          chosen = group
          break
        }
      }
      guard let chosen else { break }
      taken[chosen] += 1
      list.append(chosen)
    }
    return list
  }
}
