/// The looks of series: told apart by colour, by dashes and shape, and in grey by lightness.
enum Palette {
  /// A series: its colour on white and on dark paper, and its dashes.
  struct Series {
    let light: String
    let dark: String
    let dashes: String
  }

  /// Colours that colour-blind people tell apart; neighbours differ in lightness, and every line in
  /// its dashes.
  static let series = [
    Series(light: "#0072b2", dark: "#5cb3f0", dashes: ""),
    Series(light: "#d55e00", dark: "#ff9a4d", dashes: "7 3"),
    Series(light: "#00856b", dark: "#3ecfa8", dashes: "2 3"),
    Series(light: "#b0508c", dark: "#f0a0d0", dashes: "9 3 2 3"),
    Series(light: "#8a6a00", dark: "#e6c34d", dashes: "4 2"),
    Series(light: "#4a4a9e", dark: "#a8a8ff", dashes: "1 2"),
    Series(light: "#555555", dark: "#bbbbbb", dashes: "12 3"),
    Series(light: "#7a3b10", dark: "#d9a37c", dashes: "6 2 1 2 1 2"),
  ]

  static func series(_ number: Int) -> Int {
    ((number % series.count) + series.count) % series.count
  }

  /// The rules of the page: everything that is drawn has one of these classes.
  ///
  /// Plain rules come first, so that programs without media queries draw the light ones.
  static let style: String = {
    var rules = [
      ".fp{background:#fff;font-family:system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}",
      ".fp text{fill:#1c1c1c;font-size:12px}.fp .t{font-size:15px;font-weight:600}",
      ".fp .s{fill:#4d4d4d}.fp .h{font-weight:600}",
      ".fp .paper{fill:#fff}.fp .frame{fill:none;stroke:#8a8a8a}.fp .grid{stroke:#e3e3e3}",
      ".fp .rule{stroke:#6a6a6a;stroke-dasharray:3 3;fill:none}",
      ".fp .lq{stroke:#8a8a8a;fill:none}.fp .fq{fill:#d9d9d9}",
      ".fp .li{stroke:#1c1c1c;fill:none}.fp .fi{fill:#1c1c1c}",
    ]
    var dark = [
      ".fp{background:#16181c}.fp text{fill:#ececec}.fp .s{fill:#b9b9b9}",
      ".fp .paper{fill:#16181c}.fp .frame{stroke:#7d7d7d}.fp .grid{stroke:#33363d}",
      ".fp .rule{stroke:#a0a0a0}.fp .lq{stroke:#8d8d8d}.fp .fq{fill:#44484f}",
      ".fp .li{stroke:#ececec}.fp .fi{fill:#ececec}",
    ]
    for (place, one) in series.enumerated() {
      let dashes = one.dashes.isEmpty ? "" : ";stroke-dasharray:\(one.dashes)"
      rules.append(
        ".fp .l\(place){stroke:\(one.light);fill:none;stroke-width:2\(dashes)}.fp .w\(place){stroke:\(one.light);fill:none;stroke-width:1.6}.fp .f\(place){fill:\(one.light)}"
      )
      dark.append(
        ".fp .l\(place){stroke:\(one.dark)}.fp .w\(place){stroke:\(one.dark)}.fp .f\(place){fill:\(one.dark)}"
      )
    }
    return rules.joined() + "@media (prefers-color-scheme:dark){" + dark.joined() + "}"
  }()

  /// A colour from blue over grey to orange.
  static func shade(_ share: Double) -> String {
    let place = min(max(share.isNaN ? 0.5 : share, 0), 1)
    let ends: [(Double, Double, Double)] = [(0, 114, 178), (150, 150, 150), (213, 94, 0)]
    let (from, to, way) =
      place < 0.5 ? (ends[0], ends[1], place * 2) : (ends[1], ends[2], place * 2 - 1)
    func hex(_ a: Double, _ b: Double) -> String {
      let text = String(Int((a + (b - a) * way).rounded()), radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    return "#" + hex(from.0, to.0) + hex(from.1, to.1) + hex(from.2, to.2)
  }
}
