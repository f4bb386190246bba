/// From how many groups on figures over groups are computed for classes of groups of one size.
enum ManyGroups {
  /// Up to this many groups are simulated one by one, and every pair of them is looked at.
  static let above = 24

  /// Draws of a simulation that draws every group: fewer for very many groups, over which an extreme
  /// or a mean hardly spreads.
  static func draws(_ wanted: Int, groups: Int) -> Int {
    min(wanted, max(100, 640_000 / max(groups, 1)))
  }
}
