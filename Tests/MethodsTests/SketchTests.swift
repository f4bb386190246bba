import FairpostNumerics
import FairpostTransport
import Testing

import FairpostMethods

/// What a sketch promises, on inputs made to break it.
struct SketchTests {
  private enum Shape: CaseIterable {
    case sorted, reversed, ties, heavyTails, oneValue, tiny, signs, hugeRange
  }

  private func scores(_ shape: Shape, _ count: Int, _ stream: inout RandomStream) -> [Double] {
    var values = (0..<count).map { _ -> Double in
      let u = stream.uniform()
      switch shape {
      case .sorted, .reversed: return u
      case .ties: return (u * 7).rounded() / 7
      case .heavyTails: return 1 / (u * u * u + 1e-9)
      case .oneValue: return 0.3
      case .tiny: return u * 1e-300
      case .signs: return u - 0.5
      case .hugeRange: return Elementary.exp((u - 0.5) * 600)
      }
    }
    if shape == .sorted { values.sort() }
    if shape == .reversed { values.sort(by: >) }
    return values
  }

  private func summary(
    _ values: [Double], _ codes: [Int32], _ settings: WassersteinSettings
  ) throws -> CalibrationSummary {
    try CalibrationSummary(
      CalibrationData(
        scores: [("s", values)],
        attributes: [
          Grouping(columns: ["g"], keys: [GroupKey(["a"]), GroupKey(["b"])], codes: codes)
        ]),
      settings: settings)
  }

  /// No score is moved by more than its share, order is kept, and what is rounded once stays.
  @Test func roundingIsBounded() {
    var stream = RandomStream(seed: 3, purpose: "sketch", index: 0)
    for shape in Shape.allCases {
      for digits in [4, 8, 12, 30, 52] {
        let values = scores(shape, 300, &stream).sorted()
        let rounded = values.map { Sketch.rounded($0, digits: digits, within: nil) }
        for (value, result) in zip(values, rounded) {
          #expect(abs(result - value) <= Sketch.error(digits: digits) * abs(value))
          #expect(Sketch.rounded(result, digits: digits, within: nil) == result)
        }
        #expect(zip(rounded, rounded.dropFirst()).allSatisfy { $0 <= $1 })
      }
    }
  }

  /// Over thousands of inputs: parts merge to the whole in any order, a summary is no larger than it may
  /// be, and the map moves each record to between the ends of what the exact map says of its rounded
  /// score's ranks, but for the rounding itself.
  @Test func mapsStayWithinTheirPromise() throws {
    var stream = RandomStream(seed: 4, purpose: "sketch", index: 0)
    for trial in 0..<2400 {
      let shape = Shape.allCases[trial % Shape.allCases.count]
      let digits = 4 + trial % 9
      let count = 20 + trial % 60
      let values = scores(shape, count, &stream)
      let codes = (0..<count).map { Int32($0 < 2 ? $0 : stream.uniform() < 0.4 ? 0 : 1) }
      var settings = WassersteinSettings()
      settings.sketch = digits
      settings.knots = nil
      settings.certificate = false
      let whole = try summary(values, codes, settings)
      let cut = count / 3
      let one = try summary(Array(values[..<cut]), Array(codes[..<cut]), settings)
      let two = try summary(Array(values[cut...]), Array(codes[cut...]), settings)
      #expect(try CalibrationSummary.merging([two, one]) == whole)
      let map = try WassersteinMap(whole, settings: settings)
      // The exact barycentre, by sorting.
      let own = [0, 1].map { group in
        values.indices.filter { codes[$0] == group }.map { values[$0] }.sorted()
      }
      let shares = own.map { Double($0.count) / Double(count) }
      func barycentre(_ place: Double) -> Double {
        zip(own, shares).reduce(0) { sum, part in
          let index = min(
            max(Int((place * Double(part.0.count)).rounded(.up)) - 1, 0), part.0.count - 1)
          return sum + part.1 * part.0[index]
        }
      }
      let largest = values.map(abs).max() ?? 0
      let slack = 2 * Sketch.error(digits: digits) * largest + 1e-12 * largest
      var outcomes = [Outcome](repeating: [], count: count)
      var results = values.map { Sketch.rounded($0, digits: digits, within: nil) }
      map.apply(
        score: 0, values: results, codes: [codes], keys: nil, into: &results, outcomes: &outcomes)
      for row in values.indices {
        let sample = own[Int(codes[row])]
        let rounded = Sketch.rounded(values[row], digits: digits, within: nil)
        let alike = sample.indices.filter {
          Sketch.rounded(sample[$0], digits: digits, within: nil) == rounded
        }
        let low = Double(try #require(alike.first)) / Double(sample.count)
        let high = Double(try #require(alike.last) + 1) / Double(sample.count)
        let ends = (barycentre(low + 1e-9), barycentre(high))
        #expect(
          results[row] >= ends.0 - slack && results[row] <= ends.1 + slack,
          "trial \(trial), row \(row): \(results[row]) not in \(ends) +- \(slack)")
      }
    }
  }
}
