import FairpostCharts
import FairpostTestSupport
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ScaleTests {
  @Test(
    arguments: [
      (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (-3.0, 7.0, ["-2", "0", "2", "4", "6"]),
      (0, 0.01, ["0.000", "0.002", "0.004", "0.006", "0.008", "0.010"]),
      (0, 3e7, ["0", "5.0e6", "1.0e7", "1.5e7", "2.0e7", "2.5e7", "3.0e7"]),
    ]) func ticksAreRound(_ low: Double, _ high: Double, _ texts: [String])
  {
    #expect(Scale.ticks(Chart.Axis("", low, high)).map(\.text) == texts)
  }

  @Test(arguments: [(0.0, 0.0), (1e-300, 2e-300), (-1e308, 1e308), (5, 5 + 1e-12), (.nan, 1)])
  func extremeAxesHaveFewTicks(_ low: Double, _ high: Double) {
    let axis = Chart.Axis("", low, high)
    let ticks = Scale.ticks(axis)
    #expect(ticks.count < 20)
    for tick in ticks { #expect(tick.value >= axis.low - 1e-9 * abs(axis.low)) }
    let scale = Scale(axis, from: 0, to: 100)
    for value in [low, high, 0, .infinity, .nan] { #expect(scale(value).isFinite) }
  }
}

@Suite struct DrawingTests {
  private static let hostile = [
    "<script>alert(1)</script>", "a \"b\" & 'c'", "line\nline", "\u{202E}right to left",
    String(repeating: "long ", count: 2000), "\u{1B}[2J", "]]>", "",
  ]

  private func chart(_ names: [String]) -> Chart {
    let places = [Chart.Point(0, 0.1), Chart.Point(0.5, 0.9), Chart.Point(1, 0.2)]
    let x = Chart.Axis(names.first ?? "x", 0, 1)
    let y = Chart.Axis(names.last ?? "y", 0, 1)
    var marks: [Chart.Mark] = [
      .vertical(0.5, names.first ?? ""), .horizontal(0.5, names.last ?? ""),
      .box(Chart.Point(0, 0), Chart.Point(0.2, 0.5), .shade(0.3)),
      .cells([(corner: Chart.Point(0, 0), width: 0.1, height: 0.1)], .tint(1)),
      .whisker(Chart.Point(0.5, 0.1), Chart.Point(0.5, 0.4), .ink),
    ]
    for (series, name) in names.enumerated() {
      marks += [
        .line(places, .series(series)), .area(places, from: 0, .series(series)),
        .dots(places, radius: 4, .series(series)), .text(places[1], name, .middle),
      ]
    }
    return Chart(
      title: names.first ?? "", subtitle: names.joined(separator: " "),
      panels: [
        Chart.Panel(title: names.last ?? "", x: x, y: y, marks: marks),
        Chart.Panel(
          x: Chart.Axis("names", names: names), y: y,
          marks: names.indices.map {
            .box(Chart.Point(Double($0) - 0.3, 0), Chart.Point(Double($0) + 0.3, 0.5), .series($0))
          }),
      ], series: names, notes: names)
  }

  /// Whatever a group is called, the figure is XML, and the name is text.
  @Test(arguments: [Chart.Legend.none, .line, .area, .point])
  func isWellFormed(_ legend: Chart.Legend) throws {
    for names in [Self.hostile, [], ["F"], (0..<40).map { "g\($0)" }] {
      var chart = chart(names)
      chart.legend = legend
      let text = SVGDrawing.text(chart)
      let parser = XMLParser(data: Data(text.utf8))
      #expect(parser.parse())
      #expect(!text.contains("<script"))
      #expect(!text.contains("nan") && !text.contains("inf"))
      #expect(text.utf8.count < 400_000)
    }
  }

  /// Heights of bars are to each other as their values.
  @Test func barsAreInProportion() throws {
    let panel = Chart.Panel(
      x: Chart.Axis("", names: ["a", "b"]), y: Chart.Axis("", 0, 1),
      marks: [
        .box(Chart.Point(-0.3, 0), Chart.Point(0.3, 0.25), .series(0)),
        .box(Chart.Point(0.7, 0), Chart.Point(1.3, 0.75), .series(1)),
      ])
    let text = SVGDrawing.text(Chart(title: "t", panels: [panel], height: 200, legend: .none))
    func height(_ series: Int) throws -> Double {
      let line = try #require(
        text.split(separator: "\n").first { $0.hasPrefix("<rect class=\"f\(series)\"") })
      let digits = try #require(line.split(separator: "height=\"").last?.prefix { $0 != "\"" })
      return try #require(Double(digits))
    }
    #expect(try height(0) == 50)
    #expect(try height(1) == 150)
  }

  @Test func drawsInATerminal() {
    let bars = Chart(
      title: "Rates", subtitle: "8 rows",
      panels: [
        Chart.Panel(
          title: "selection_rate", x: Chart.Axis("sex", names: ["F (4)", "M (4)"]),
          y: Chart.Axis("", 0, 1),
          marks: [
            .box(Chart.Point(-0.3, 0), Chart.Point(0.3, 0.25), .series(0)),
            .whisker(Chart.Point(0, 0.1), Chart.Point(0, 0.5), .ink),
            .box(Chart.Point(0.7, 0), Chart.Point(1.3, 0.75), .series(1)),
          ])
      ], notes: ["a note"], legend: .none)
    let wide = 60 - 5 - 30
    func bar(_ eighths: Int) -> String {
      let signs = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
      let text = String(repeating: "█", count: eighths / 8) + signs[eighths % 8]
      return text + String(repeating: " ", count: wide - text.count)
    }
    #expect(
      TerminalDrawing.text(bars, width: 60) == """
        Rates
        8 rows

        selection_rate
        F (4)  \(bar(50))  0.250 [0.100, 0.500]
        M (4)  \(bar(150))  0.750

        a note

        """)
    for line in TerminalDrawing.text(chart(Self.hostile), width: 60).split(separator: "\n") {
      #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }
  }
}
