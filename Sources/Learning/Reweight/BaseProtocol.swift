/// How cells' losses become one loss where nobody bargains.
package enum BaseProtocol: String, Sendable, Hashable, CaseIterable {
  /// The mean of all cells: Ren and others, Learning to Reweight Examples (ICML 2018).
  case ltr
  /// The worst group's loss minus the best group's: Yan and others, FORML (2022).
  case forml
  /// The worst group's loss: Sagawa and others, group DRO (ICLR 2020), in its meta-learning form.
  case gdro

  /// What each cell's loss counts.
  func coefficients(_ cells: ValidationCells, losses: [Double]) -> [Double] {
    let groupLosses = cells.byGroup(losses)
    /// The mean over the cells of one group.
    func mean(_ place: Int) -> [Double] {
      let own = cells.cells.map { $0.group == cells.groups[place] ? 1.0 : 0 }
      let count = own.reduce(0, +)
      return own.map { $0 / count }
    }
    // The first of equals, so that a result does not depend on the order of a search.
    var worst = 0
    var best = 0
    for place in groupLosses.indices {
      if groupLosses[place] > groupLosses[worst] { worst = place }
      if groupLosses[place] < groupLosses[best] { best = place }
    }
    switch self {
    case .ltr: return losses.map { _ in 1 / Double(losses.count) }
    case .gdro: return mean(worst)
    case .forml: return zip(mean(worst), mean(best)).map { $0 - $1 }
    }
  }
}
