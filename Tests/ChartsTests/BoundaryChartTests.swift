import FairpostCharts
import Foundation
import FairpostTestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct BoundaryChartTests {
  private func chart(_ decide: (Double, Double) -> Double) -> BoundaryChart {
    var panel = BoundaryChart.Panel(title: "a < b & c")
    for i in 0...10 {
      for j in 0...10 { panel.grid.append((Double(i), Double(j), decide(Double(i), Double(j)))) }
    }
    return BoundaryChart(
      panels: [panel],
      points: [BoundaryChart.Point(x: 2, y: 3, isPositive: true, isMarked: true)],
      axes: ("x", "y"), marked: "new")
  }

  @Test func isWellFormed() throws {
    let rules: [(Double, Double) -> Double] = [{ _, _ in 1 }, { _, _ in 0 }, { $0 > $1 ? 1 : 0 }]
    for rule in rules {
      let text = chart(rule).svg()
      let parser = XMLParser(data: Data(text.utf8))
      #expect(parser.parse())
      #expect(text.contains("a &lt; b &amp; c"))
    }
  }

  /// The shaded area is that of the cells decided 1, whatever their arrangement.
  @Test func shadesTheDecidedCells() throws {
    let text = chart { x, y in x > y ? 1 : 0 }.svg()
    let path = try #require(text.split(separator: "\n").first { $0.contains("#cfe3f3\"/>") })
    let runs = path.split(separator: "M").dropFirst()
    // Rows 0 to 9 each have one run of cells to the right of the diagonal.
    #expect(runs.count == 10)
    var width = 0.0
    for run in runs {
      let parts: [Substring] = run.split(separator: "h")
      guard parts.count > 1 else { continue }
      let digits: Substring = parts[1].prefix { $0.isNumber || $0 == "." }
      width += Double(digits) ?? .nan
    }
    // 55 cells of 121 on a side of 260.
    let expected: Double = 55 * 260 / 11
    #expect(abs(width - expected) < 0.1)
  }

  @Test func emptyDecisionsShadeNothing() {
    let lines = chart { _, _ in 0 }.svg().split(separator: "\n")
    #expect(!lines.contains { $0.hasPrefix("<path") && $0.contains("#cfe3f3") })
  }
}
