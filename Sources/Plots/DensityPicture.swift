package import FairpostCharts
package import FairpostMethods
internal import FairpostNumerics

/// Where each group's scores lie: smoothed densities, one panel for each score.
package struct DensityPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The width of the smoothing; nil for one that follows from the scores.
    package var bandwidth: Double?
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .number(
          "bandwidth", \.bandwidth, in: 1e-12...1e12,
          help: "the width of the smoothing (a normal curve's deviation)",
          section: "Options of density")
      ])
    }
  }

  package static let info = MethodInfo(
    "density", summary: "the distribution of each group's scores, before and after an adjustment",
    details: [
      "Draws a panel for each score column: p beside p.fair, where both exist. Curves are smoothed by a normal curve; scores between 0 and 1 are mirrored at these ends, so that no density is lost beyond them."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let scores = try GroupedScores(source)
    try scores.refuseEmpty()
    return try chart(of: scores)
  }

  /// The chart of scores that are read already.
  func chart(of scores: GroupedScores) throws -> Chart {
    let (low, high) = scores.range
    let isShare = low == 0 && high == 1
    var top = 0.0
    var notes = scores.notes
    var curves: [[(series: Int, points: [Chart.Point])]] = []
    for sheet in scores.sheets {
      curves.append(
        sheet.groups.map { group in
          let curve = Density(
            group.scores, group.weights, low: low, high: high, bandwidth: settings.bandwidth,
            isMirrored: isShare)
          top = max(top, curve.heights.max() ?? 0)
          return (group.series, curve.points)
        })
    }
    // A group of one value would make all others flat.
    let sorted = curves.joined().compactMap { $0.points.map(\.y).max() }.sorted()
    let usual = sorted.isEmpty ? top : sorted[sorted.count / 2]
    if top > 6 * usual {
      top = 3 * usual
      notes.append("curves that rise higher than the panel are cut off")
    }
    return Chart(
      title: "Scores by group", subtitle: scores.words,
      panels: zip(scores.sheets, curves).map { sheet, curves in
        Chart.Panel(
          title: sheet.title, x: Chart.Axis("score", low, high),
          y: Chart.Axis("density", 0, top * 1.05),
          marks: curves.map { .area($0.points, from: 0, .series($0.series)) }
            + curves.map { .line($0.points, .series($0.series)) })
      }, series: scores.names, notes: notes)
  }
}

/// A smoothed density on a regular grid.
struct Density {
  let low: Double
  let step: Double
  let heights: [Double]

  /// The curve's places.
  var points: [Chart.Point] {
    heights.enumerated().map { Chart.Point(low + Double($0.offset) * step, $0.element) }
  }

  private static let places = 257

  /// - Parameter isMirrored: whether nothing can lie outside the ends.
  init(
    _ values: [Double], _ weights: [Double], low: Double, high: Double, bandwidth: Double?,
    isMirrored: Bool
  ) {
    let total = weights.reduce(0, +)
    let span = high > low ? high - low : 1
    // Room for the tails beside the ends, which are folded back where nothing can lie there.
    let step = span / Double(Self.places - 1)
    var mean = 0.0
    for (value, weight) in zip(values, weights) { mean += weight / total * value }
    var square = 0.0
    var squares = 0.0
    for (value, weight) in zip(values, weights) {
      square += weight / total * (value - mean) * (value - mean)
      squares += weight * weight
    }
    let effective = max(total * total / max(squares, .leastNormalMagnitude), 1)
    let sorted = values.sorted()
    let quarter =
      sorted[sorted.count * 3 / 4 == sorted.count ? sorted.count - 1 : sorted.count * 3 / 4]
      - sorted[sorted.count / 4]
    var spread = square.squareRoot()
    if quarter > 0 { spread = min(spread, quarter / 1.34) }
    let width = max(
      bandwidth ?? 0.9 * spread / Elementwise.exponential(Elementwise.logarithm(effective) / 5),
      0.75 * step)
    let reach = min(Int((4 * width / step).rounded(.up)), 4 * Self.places)
    let kernel = (0...reach).map { place -> Double in
      let z = Double(place) * step / width
      return Elementwise.exponential(-z * z / 2) / (width * 2.5066282746310002)
    }
    // Each value is shared out between the two places beside it.
    var mass = [Double](repeating: 0, count: Self.places)
    for (value, weight) in zip(values, weights) {
      let place = min(max((value - low) / step, 0), Double(Self.places - 1))
      let lower = min(Int(place), Self.places - 2)
      let rest = place - Double(lower)
      mass[lower] += (1 - rest) * weight / total
      mass[lower + 1] += rest * weight / total
    }
    var heights = [Double](repeating: 0, count: Self.places)
    let last = Self.places - 1
    for (from, share) in mass.enumerated() where share > 0 {
      for distance in -reach...reach {
        var place = from + distance
        if place < 0 || place > last {
          guard isMirrored else { continue }
          // A path back and forth between the ends.
          place = abs(place) % (2 * last)
          if place > last { place = 2 * last - place }
        }
        heights[place] += share * kernel[abs(distance)]
      }
    }
    // What lies beyond an end is folded onto the places beside it, and the end itself has no other side.
    if isMirrored {
      heights[0] *= 2
      heights[last] *= 2
    }
    self.low = low
    self.step = step
    self.heights = heights
  }
}
