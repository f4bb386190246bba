/// A figure as plain values: panels side by side, each with axes and marks, under one title and legend.
///
/// A chart knows nothing of what it shows. `SVGDrawing` and `TerminalDrawing` draw it.
package struct Chart: Sendable {
  /// What is shown, in a few words.
  package var title: String
  /// What was measured on what, in a sentence.
  package var subtitle: String
  /// The pictures.
  package var panels: [Panel]
  /// What the series are called, in the order of their numbers.
  package var series: [String]
  /// Remarks below the figure.
  package var notes: [String]
  /// Panels beside each other.
  package var columns: Int
  /// The height of a panel's drawing area.
  package var height: Double
  /// How the legend shows a series.
  package var legend: Legend

  /// A sign of a series in the legend.
  package enum Legend: Sendable { case none, line, area, point }

  /// A chart from its parts.
  package init(
    title: String, subtitle: String = "", panels: [Panel], series: [String] = [],
    notes: [String] = [], columns: Int = 2, height: Double = 240, legend: Legend = .line
  ) {
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
    self.series = series
    self.notes = notes
    self.columns = columns
    self.height = height
    self.legend = legend
  }

  /// One picture with its axes.
  package struct Panel: Sendable {
    /// What it shows, where there are several.
    package var title: String
    /// The horizontal axis.
    package var x: Axis
    /// The vertical axis.
    package var y: Axis
    /// What is drawn, one above the other.
    package var marks: [Mark]

    /// A panel from its parts.
    package init(title: String = "", x: Axis, y: Axis, marks: [Mark]) {
      self.title = title
      self.x = x
      self.y = y
      self.marks = marks
    }
  }

  /// An axis: what is measured along it, and from where to where.
  package struct Axis: Sendable {
    /// What is measured.
    package var label: String
    /// From where to where.
    package var low: Double
    /// To where.
    package var high: Double
    /// Names in place of numbers, the first at 0, the next at 1.
    package var names: [String]
    /// Whether numbers are shares, shown as they are but never outside 0 to 1.
    package var isHidden: Bool

    /// An axis over numbers; one without extent is widened.
    package init(_ label: String, _ low: Double, _ high: Double, isHidden: Bool = false) {
      self.label = label
      let isUsable = low.isFinite && high.isFinite
      let (a, b) = isUsable ? (min(low, high), max(low, high)) : (0, 1)
      let room = a == b ? max(abs(a) * 0.1, 0.5) : 0
      self.low = a - room
      self.high = b + room
      names = []
      self.isHidden = isHidden
    }

    /// An axis over numbers, with a little room at both ends.
    package init(_ label: String, around values: some Sequence<Double>, including: Double? = nil) {
      var low = including ?? .infinity
      var high = including ?? -.infinity
      for value in values where value.isFinite {
        low = min(low, value)
        high = max(high, value)
      }
      let room = high > low ? (high - low) * 0.05 : 0
      self.init(label, low == including ? low : low - room, high == including ? high : high + room)
    }

    /// An axis over names, each in the middle of its place.
    package init(_ label: String, names: [String]) {
      self.label = label
      low = -0.5
      high = Double(max(names.count, 1)) - 0.5
      self.names = names
      isHidden = false
    }
  }

  /// A place.
  package struct Point: Sendable, Equatable {
    /// Along the horizontal axis.
    package var x: Double
    /// Along the vertical axis.
    package var y: Double

    /// A place.
    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// How a mark looks: as its series, or as what stands behind all series.
  package enum Look: Sendable, Equatable {
    /// In the colour, dashes and shape of a series.
    case series(Int)
    /// Quiet, behind.
    case quiet
    /// In the colour of text.
    case ink
    /// As a series, but faint: an area on which others lie.
    case tint(Int)
    /// A place between low and high, from blue to orange.
    case shade(Double)
  }

  /// Something drawn.
  package enum Mark: Sendable {
    /// A line through places.
    case line([Point], Look)
    /// The area between a line and a height.
    case area([Point], from: Double, Look)
    /// A rectangle.
    case box(Point, Point, Look)
    /// Dots of a radius.
    case dots([Point], radius: Double, Look)
    /// A whisker between two places with a short bar at each end.
    case whisker(Point, Point, Look)
    /// A line across the whole panel at an x.
    case vertical(Double, String)
    /// A line across the whole panel at a y.
    case horizontal(Double, String)
    /// A text beside a place.
    case text(Point, String, Anchor)
    /// Many boxes of one look: each a place (its lower left corner) and its size.
    case cells([(corner: Point, width: Double, height: Double)], Look)
  }

  /// Which side of its place a text stands.
  package enum Anchor: String, Sendable { case start, middle, end }
}
