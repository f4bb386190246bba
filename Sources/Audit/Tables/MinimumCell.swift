internal import FairpostTransport

/// Hides rows of few people so that nothing about them can be worked out from the rest.
struct MinimumCell {
  let least: Int

  init(_ least: Int) { self.least = least }

  /// Marks the rows that are not shown.
  func hide(_ tables: inout [AuditTable]) {
    for place in tables.indices { hide(&tables[place]) }
    // A category that is hidden by one column follows by subtraction from the parts of a finer table,
    // and a part from its whole: where just one part of a whole is hidden, the whole is hidden too.
    for fine in tables.indices where tables[fine].columns.count > 1 {
      for coarse in tables.indices where isCoarser(tables[coarse], tables[fine]) {
        hideWholes(&tables[coarse], tables[fine])
      }
    }
  }

  private func isCoarser(_ table: AuditTable, _ fine: AuditTable) -> Bool {
    table.columns.count < fine.columns.count && table.position == fine.position
      && table.period == fine.period && table.columns.allSatisfy { fine.columns.contains($0) }
  }

  private func hideWholes(_ table: inout AuditTable, _ fine: AuditTable) {
    let places = table.columns.compactMap { fine.columns.firstIndex(of: $0) }
    for row in table.rows.indices {
      let parts = fine.rows.filter { part in
        zip(places, table.rows[row].key.parts).allSatisfy { part.key.parts[$0] == $1 }
      }
      if parts.count(where: \.isHidden) == 1 { table.rows[row].isHidden = true }
    }
    hideSecond(&table)
    hideComparison(&table)
  }

  /// Ratios to a hidden benchmark would tell its rate.
  private func hideComparison(_ table: inout AuditTable) {
    guard let place = table.benchmark, table.rows[place].isHidden else { return }
    for row in table.rows.indices {
      table.rows[row].ratio = nil
      table.rows[row].pair = nil
      table.rows[row].fisher = nil
      table.rows[row].holm = nil
      table.rows[row].ratioInterval = nil
      table.rows[row].differenceInterval = nil
      table.rows[row].stratified = nil
    }
  }

  private func hide(_ table: inout AuditTable) {
    for row in table.rows.indices where table.rows[row].counts.n < least {
      table.rows[row].isHidden = true
    }
    hideSecond(&table)
    hideComparison(&table)
  }

  /// One hidden row alone follows from the total: the next smallest is hidden with it.
  private func hideSecond(_ table: inout AuditTable) {
    guard table.rows.count(where: \.isHidden) == 1 else { return }
    // Others are compared with the benchmark: it is hidden last.
    func order(_ place: Int) -> (Int, Int, Int) {
      (place == table.benchmark ? 1 : 0, table.rows[place].counts.n, place)
    }
    let shown = table.rows.indices.filter { !table.rows[$0].isHidden }
    let next = shown.min { order($0) < order($1) }
    if let next { table.rows[next].isHidden = true }
  }
}
