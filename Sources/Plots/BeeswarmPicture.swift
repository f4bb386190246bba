package import FairpostCharts
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// Every row's Shapley values, feature by feature.
package struct BeeswarmPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// How many features are drawn.
    package var features = 15
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "features", \.features, in: 1...60, help: "how many features to draw, the largest first",
          section: "Options of beeswarm")
      ])
    }
  }

  package static let info = MethodInfo(
    "beeswarm", summary: "what each feature brings to each row's score (explain)",
    details: [
      "FILE is the output of explain -m MODEL. Each dot is a row. Its position says how much the feature raises or lowers that row's score; its colour is the feature's value, from blue (low) over grey to orange (high), and categories are ordered by name. Features with the largest effect on average are at the top."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  /// The rows of a feature that are drawn.
  private static let most = 1500

  package func chart(_ source: PictureSource) throws -> Chart {
    let input = try source.input()
    var request = TableRequest()
    request.numbers = [try input.column("shap")]
    request.texts = try input.columns(["score", "feature", "value"])
    let table = try input.table(request)
    let (scores, features, values) = (table.texts[0], table.texts[1], table.texts[2])
    guard table.count > 0 else {
      throw Failure(.badData, "\(input.name) has no rows", hint: "explain -m MODEL writes them")
    }
    var notes: [String] = []
    let panels = scores.values.indices.prefix(6).map { score -> Chart.Panel in
      var rows: [Int32: [Int]] = [:]
      for row in 0..<table.count where scores.codes[row] == Int32(score) && features.codes[row] >= 0
      {
        if features.values[Int(features.codes[row])].description == "(base)" { continue }
        if table.numbers[0][row].isFinite { rows[features.codes[row], default: []].append(row) }
      }
      func size(_ rows: [Int]) -> Double {
        rows.reduce(0) { $0 + abs(table.numbers[0][$1]) } / Double(max(rows.count, 1))
      }
      let order = rows.sorted { (-size($0.value), $0.key) < (-size($1.value), $1.key) }
      let shown = order.prefix(settings.features)
      if shown.count < order.count {
        notes.append("the \(shown.count) largest of \(order.count) features are drawn")
      }
      var marks: [Chart.Mark] = [.vertical(0, "")]
      var across: [Double] = []
      for (place, own) in shown.enumerated() {
        let height = Double(shown.count - 1 - place)
        let chosen = Self.thinned(own.value)
        if chosen.count < own.value.count {
          let words =
            "of \(Console.grouped(own.value.count)) rows \(Console.grouped(chosen.count)) are drawn"
          if !notes.contains(words) { notes.append(words) }
        }
        let shades = Self.shades(own.value, values)
        let spans = chosen.map { table.numbers[0][$0] }
        across += spans
        for (point, row) in zip(Self.swarm(spans, around: height), chosen) {
          marks.append(.dots([point], radius: 2, .shade(shades[row] ?? 0.5)))
        }
      }
      return Chart.Panel(
        title: scores.values[score].description,
        x: Chart.Axis("what it brings to the score", around: across, including: nil),
        y: Chart.Axis(
          "", names: shown.reversed().map { features.values[Int($0.key)].description }),
        marks: marks)
    }
    notes.append("blue: a low value of the feature, orange: a high one")
    let count = panels.map(\.y.names.count).max() ?? 1
    return Chart(
      title: "What each feature brings to each row's score", subtitle: input.name,
      panels: Array(panels), notes: notes, columns: 1, height: Double(max(count, 3)) * 32,
      legend: .none)
  }

  /// Rows spread evenly over the values, where there are very many.
  private static func thinned(_ rows: [Int]) -> [Int] {
    guard rows.count > most else { return rows }
    return (0..<most).map { rows[$0 * rows.count / most] }
  }

  /// A feature's value of each row, from 0 for the least to 1 for the greatest, by rank.
  private static func shades(
    _ rows: [Int], _ values: (codes: [Int32], values: [ByteText])
  ) -> [Int: Double] {
    let texts = rows.map {
      values.codes[$0] < 0 ? ByteText("") : values.values[Int(values.codes[$0])]
    }
    var numbers: [Double] = []
    for text in texts {
      if case .number(let number) = NumberText.parse(text.bytes) {
        numbers.append(number)
      } else if !text.bytes.isEmpty {
        numbers = []
        break
      } else {
        numbers.append(.nan)
      }
    }
    var ranks: [Int: Double] = [:]
    if numbers.count == rows.count {
      let known = Set(numbers.filter { !$0.isNaN }).sorted()
      var places: [Double: Int] = [:]
      for (place, value) in known.enumerated() { places[value] = place }
      for (row, number) in zip(rows, numbers) {
        if let place = places[number] {
          ranks[row] = known.count > 1 ? Double(place) / Double(known.count - 1) : 0.5
        }
      }
    } else {
      let names = Set(texts).sorted()
      for (row, text) in zip(rows, texts) {
        if let place = names.firstIndex(of: text) {
          ranks[row] = names.count > 1 ? Double(place) / Double(names.count - 1) : 0.5
        }
      }
    }
    return ranks
  }

  /// Places side by side where values are close, the fullest in the middle of the line.
  private static func swarm(_ values: [Double], around height: Double) -> [Chart.Point] {
    let low = values.min() ?? 0
    let span = max((values.max() ?? 1) - low, .leastNormalMagnitude)
    let bins = 80
    var counts = [Int](repeating: 0, count: bins + 1)
    let places = values.map { Int(($0 - low) / span * Double(bins)) }
    for place in places { counts[place] += 1 }
    let most = Double(max(counts.max() ?? 1, 1))
    var used = [Int](repeating: 0, count: bins + 1)
    return zip(values, places).map { value, place in
      let index = used[place]
      used[place] += 1
      // Up and down by turns, as far as the bin is full.
      let step = Double((index + 1) / 2) * (index % 2 == 0 ? 1 : -1)
      return Chart.Point(value, height + step * min(0.06, 0.8 / most))
    }
  }
}
