package import FairpostNumerics

/// Groups made of a number by cuts: `age=25,40` gives `<25`, `25-40` (25 included, 40 not) and `>=40`.
package struct Bins: Sendable {
  private let cuts: [Double]
  private let labels: [ByteText]

  /// Bins between ascending cuts.
  package init(_ cuts: [Double]) {
    self.cuts = cuts
    var labels: [ByteText] = []
    for place in 0...cuts.count {
      let low = place > 0 ? NumberText.text(cuts[place - 1]) : nil
      let high = place < cuts.count ? NumberText.text(cuts[place]) : nil
      switch (low, high) {
      case (let low?, let high?): labels.append(ByteText("\(low)-\(high)"))
      case (let low?, nil): labels.append(ByteText(">=\(low)"))
      case (nil, let high?): labels.append(ByteText("<\(high)"))
      case (nil, nil): labels.append(ByteText("all"))
      }
    }
    self.labels = labels
  }

  /// The group a value falls into; empty where it is missing.
  package func label(_ value: Double) -> ByteText {
    guard !value.isNaN else { return ByteText([]) }
    var place = 0
    while place < cuts.count, value >= cuts[place] { place += 1 }
    return labels[place]
  }
}
