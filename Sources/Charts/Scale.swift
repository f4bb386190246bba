internal import FairpostText

/// Numbers of an axis as places on a page, and its round numbers.
package struct Scale: Sendable {
  private let low: Double
  private let span: Double
  private let from: Double
  private let length: Double

  /// A scale that puts an axis between two places.
  package init(_ axis: Chart.Axis, from: Double, to: Double) {
    low = axis.low
    span = max(axis.high - axis.low, .leastNormalMagnitude)
    self.from = from
    length = to - from
  }

  /// The place of a number; what lies outside is put at the edge.
  package func callAsFunction(_ value: Double) -> Double {
    let share = (value - low) / span
    return from + length * min(max(share.isNaN ? 0 : share, -0.02), 1.02)
  }

  /// A few round numbers of an axis, with their texts.
  package static func ticks(_ axis: Chart.Axis, most: Int = 6) -> [(value: Double, text: String)] {
    if !axis.names.isEmpty {
      return axis.names.enumerated().map { (Double($0), $1) }
    }
    let rough = (axis.high - axis.low) / Double(max(most, 2))
    guard rough > 0, rough.isFinite else { return [] }
    var power = 1.0
    var exponent = 0
    while power * 10 <= rough, exponent < 400 {
      power *= 10
      exponent += 1
    }
    while power > rough, exponent > -400 {
      power /= 10
      exponent -= 1
    }
    let step =
      [1.0, 2, 5, 10].first { $0 * power >= rough * 0.999 }.map { $0 * power } ?? power * 10
    if step >= power * 10 { exponent += 1 }
    let first = (axis.low / step - 1e-9).rounded(.up)
    let last = (axis.high / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 50 else { return [] }
    return (0...Int(last - first)).map { place in
      let value = (first + Double(place)) * step
      return (value, text(value, decimals: max(0, -exponent)))
    }
  }

  /// A number with so many decimals, large and tiny ones by their power of ten.
  package static func text(_ value: Double, decimals: Int) -> String {
    let size = abs(value)
    guard size.isFinite else { return "\(value)" }
    if size >= 1e6 || decimals > 6 {
      if value == 0 { return "0" }
      var power = 0
      var rest = size
      while rest >= 10 {
        rest /= 10
        power += 1
      }
      while rest < 1 {
        rest *= 10
        power -= 1
      }
      return (value < 0 ? "-" : "") + fixed(rest, 1) + "e\(power)"
    }
    return (value < 0 && (size * scale(decimals)).rounded() > 0 ? "-" : "") + fixed(size, decimals)
  }

  private static func scale(_ decimals: Int) -> Double {
    (0..<decimals).reduce(1.0) { power, _ in power * 10 }
  }

  /// A positive number with so many decimals.
  private static func fixed(_ value: Double, _ decimals: Int) -> String {
    let whole = Int((value * scale(decimals)).rounded())
    guard decimals > 0 else { return String(whole) }
    let digits = String(whole)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}
