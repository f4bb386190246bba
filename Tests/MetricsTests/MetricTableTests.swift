import Foundation
import FairpostMetrics
import FairpostTestSupport
import Testing

/// Each registered metric against its entry; a metric without one fails.
///
/// An entry gives the value by another route and says what leaves nothing to estimate; that the rows'
/// order does not matter is seen here, the other laws in `RegistryLawTests`.
struct MetricTableTests {
  private let table = RegistryLawTests.Table()

  /// The table's rows as plain values.
  private var rows: [PlainRow] {
    table.labels.indices.map { i in
      let second = (table.scores[i] * 7).truncatingRemainder(dividingBy: 1)
      return PlainRow(
        y: table.labels[i], s: table.scores[i], d: table.scores[i] >= 0.4 ? 1 : 0,
        g: table.groups[i], t: second, e: second >= 0.4 ? 1 : 0, c: Int(table.classes[i]),
        p: Int(table.predicted[i]), age: table.ages[i], k: table.blocks[i])
    }
  }

  @Test func everyMetricHasAnEntry() {
    let ids = Set(MetricRegistry.all.map(\.id))
    #expect(ids.subtracting(MetricEntries.all.keys).sorted() == [])
    #expect(Set(MetricEntries.all.keys).subtracting(ids).sorted() == [])
  }

  @Test func values() throws {
    let rows = rows
    let figures = try Dictionary(grouping: table.figures(), by: \.metric)
    for (id, entry) in MetricEntries.all.sorted(by: { $0.key < $1.key }) {
      let own = (figures[id] ?? []).filter { $0.task == entry.task }
      #expect(!own.isEmpty, "\(id)")
      for figure in own {
        let expected = entry.value(rows, figure)
        #expect(
          isClose(figure.value ?? .nan, expected, absolute: 1e-12, relative: 1e-11),
          "\(id) \(figure.groupName ?? "") \(figure.category ?? ""): \(expected)")
      }
    }
  }

  /// The same rows with nothing left in group p to estimate from.
  private func damaged(_ loss: MetricEntry.Loss) -> RegistryLawTests.Table {
    var table = table
    for row in table.groups.indices {
      if loss == .everyScore { table.scores[row] = .nan }
      if loss == .ages { table.ages[row] = .nan }
      guard table.groups[row] == "p" else { continue }
      switch loss {
      case .scores: table.scores[row] = .nan
      case .labels: table.labels[row] = .nan
      case .positives: table.labels[row] = 0
      case .negatives: table.labels[row] = 1
      case .selected: table.scores[row] = 0.01
      case .rejected: table.scores[row] = 0.99
      case .classes: table.predicted[row] = -1
      case .everyScore, .ages: break
      }
    }
    return table
  }

  /// What cannot be estimated has a reason; fairlearn's own names keep its number, flagged.
  @Test func badInput() throws {
    for (loss, entries) in Dictionary(grouping: MetricEntries.all, by: \.value.loss) {
      let figures = try Dictionary(grouping: damaged(loss).figures(), by: \.metric)
      for (id, entry) in entries {
        let own = (figures[id] ?? []).filter { figure in
          figure.task == entry.task && figure.groupName ?? "p" == "p"
        }
        #expect(
          own.contains {
            ($0.value == nil && $0.reason != nil) || $0.flags.contains("fairlearn-degenerate")
          }, "\(id) \(loss)")
      }
    }
  }

  @Test func orderOfRows() throws {
    let turned = try table.taking(Array(table.labels.indices.reversed())).figures()
    func values(_ figures: [Figure]) -> [String: Double] {
      Dictionary(
        figures.map {
          (
            "\($0.metric) \($0.task) \($0.attribute) \($0.groupName ?? "") \($0.category ?? "")",
            $0.value ?? .nan
          )
        }, uniquingKeysWith: { first, _ in first })
    }
    let other = values(turned)
    for (name, value) in values(try table.figures()) {
      #expect(isClose(value, other[name] ?? .infinity, absolute: 1e-12, relative: 1e-11), "\(name)")
    }
  }
}
