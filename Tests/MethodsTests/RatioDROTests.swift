import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Foundation
import Testing

/// The adversary of `rp-dro`: its slopes against differences, and where they end.
@Suite struct RatioDROTests {
  @Test func slopesAreThoseOfTheValue() {
    var random = RandomStream(seed: 4, purpose: "ratios")
    for temperature in [0.01, 0.3, 5] {
      let outputs = (0..<7).map { _ in random.normal() }
      let losses = (0..<7).map { _ in random.uniform() }
      let slopes = LikelihoodRatios.slopes(
        LikelihoodRatios.softmax(outputs), losses, temperature: temperature)
      for place in outputs.indices {
        func value(_ step: Double) -> Double {
          var moved = outputs
          moved[place] += step
          return LikelihoodRatios.value(
            LikelihoodRatios.softmax(moved), losses, temperature: temperature)
        }
        let difference = (value(1e-5) - value(-1e-5)) / 2e-5
        #expect(abs(slopes[place] - difference) < 1e-8)
      }
    }
  }

  /// The best shares are proportional to exp(loss / tau): there all slopes are 0.
  @Test func endsAtTiltedShares() {
    let losses = [0.2, 0.9, 0.4, 0.4]
    let shares = LikelihoodRatios.softmax(losses.map { $0 / 0.3 })
    let slopes = LikelihoodRatios.slopes(shares, losses, temperature: 0.3)
    #expect(slopes.allSatisfy { abs($0) < 1e-12 })
  }
}
