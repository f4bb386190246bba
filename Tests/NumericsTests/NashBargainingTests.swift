import FairpostNumerics
import FairpostTestSupport
import Foundation
import Testing

@Suite struct NashBargainingTests {
  /// A set of gradients, each a list of numbers of the same length.
  typealias Gradients = [[Double]]

  static func gram(_ gradients: Gradients) -> [Double] {
    gradients.flatMap { a in gradients.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  static func weights(_ gradients: Gradients) -> [Double]? {
    guard
      case .agreement(let weights, _) = NashBargaining.solve(
        gram: gram(gradients), players: gradients.count)
    else { return nil }
    return weights
  }

  static func direction(_ gradients: Gradients, _ weights: [Double]) -> [Double] {
    gradients[0].indices.map { place in
      zip(gradients, weights).reduce(0) { $0 + $1.0[place] * $1.1 }
    }
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Random gradients; all lean the same way by `bias`, so that some sets agree and some do not.
  static func random(
    players: Int, length: Int, bias: Double, _ stream: inout RandomStream
  ) -> Gradients {
    (0..<players).map { _ in
      (0..<length).map { $0 == 0 ? stream.normal() + bias : stream.normal() }
    }
  }

  @Test(.enabled(if: Shared.isPresent)) func reference() throws {
    let bytes = try Shared.bytes("reference/nash/nbs_gram.json")
    let cases = try #require(
      JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]])
    #expect(cases.count == 11)
    for one in cases {
      let name = one["name"] as? String ?? ""
      let gram = (one["M"] as? [[Double]] ?? []).flatMap { $0 }
      let players = one["K"] as? Int ?? 0
      let outcome = NashBargaining.solve(gram: gram, players: players)
      if one["feasible"] as? Bool == true {
        guard case .agreement(let weights, let residual) = outcome else {
          Issue.record("\(name): \(outcome)")
          continue
        }
        let expected = (one["alpha_20digits"] as? [String] ?? []).compactMap { Double($0) }
        try #require(expected.count == players)
        for (own, other) in zip(weights, expected) {
          #expect(isClose(own, other, relative: 1e-10), "\(name): \(own), not \(other)")
        }
        #expect(residual < 1e-12)
      } else if name == "inf_k3_zero_gradient" {
        #expect(outcome == .zeroGradient(player: 1))
      } else {
        guard case .conflict(let certificate, let norm) = outcome else {
          Issue.record("\(name): \(outcome)")
          continue
        }
        let expected = one["unit_columns_min_norm_lambda"] as? [Double] ?? []
        #expect(largestDifference(certificate, expected) < 1e-7)
        #expect(norm < 1e-6)
      }
    }
  }

  /// Corollary 3.3 and the definition: |d|^2 = K, and a_k <g_k, d> = 1, so every player gains.
  @Test func everyPlayerGains() throws {
    var stream = RandomStream(seed: 1, purpose: "bargaining")
    for players in [1, 2, 3, 5, 10, 25, 50] {
      let gradients = Self.random(players: players, length: players + 5, bias: 2, &stream)
      let weights = try #require(Self.weights(gradients))
      let direction = Self.direction(gradients, weights)
      #expect(isClose(Self.dot(direction, direction), Double(players), relative: 1e-10))
      for (gradient, weight) in zip(gradients, weights) {
        #expect(weight > 0)
        #expect(isClose(weight * Self.dot(gradient, direction), 1, absolute: 1e-10))
      }
    }
  }

  /// a_k >= 1 / (sqrt(K) |g_k|), and sum a_k <= sqrt(K) / rho for any rho below every |G l|.
  @Test func bounds() throws {
    var stream = RandomStream(seed: 2, purpose: "bargaining")
    for _ in 0..<20 {
      let players = 2 + stream.below(8)
      let gradients = Self.random(players: players, length: 12, bias: 1, &stream)
      guard let weights = Self.weights(gradients) else { continue }
      let root = Double(players).squareRoot()
      for (gradient, weight) in zip(gradients, weights) {
        let norm = Self.dot(gradient, gradient).squareRoot()
        #expect(weight * root * norm >= 1 - 1e-12)
      }
      // <G l, d> >= min_k <g_k, d> for every mean l, so |G l| >= min_k 1 / (a_k sqrt(K)).
      let rho = 1 / ((weights.max() ?? 1) * root)
      #expect(weights.reduce(0, +) <= root / rho * (1 + 1e-12))
    }
  }

  @Test func closedFormOfTwo() throws {
    var stream = RandomStream(seed: 3, purpose: "bargaining")
    for _ in 0..<50 {
      let gradients = Self.random(players: 2, length: 3, bias: 0, &stream)
      let norms = gradients.map { Self.dot($0, $0).squareRoot() }
      let cosine = Self.dot(gradients[0], gradients[1]) / norms[0] / norms[1]
      let weights = try #require(Self.weights(gradients))
      for (norm, weight) in zip(norms, weights) {
        #expect(isClose(weight, 1 / (norm * (1 + cosine).squareRoot()), relative: 1e-9))
      }
    }
  }

  /// Multiplying gradients by 1e-8 to 1e8 divides the weights and leaves the direction.
  @Test func scales() throws {
    var stream = RandomStream(seed: 4, purpose: "bargaining")
    let gradients = Self.random(players: 17, length: 20, bias: 2, &stream)
    let plain = try #require(Self.weights(gradients))
    // Whole powers of two are exact: the two problems are the same to the last bit.
    let factors = (0..<17).map { pow(2.0, Double(($0 - 8) * 3)) }
    #expect(factors[0] < 1e-7 && factors[16] > 1e7)
    let scaled = zip(gradients, factors).map { gradient, factor in gradient.map { $0 * factor } }
    let weights = try #require(Self.weights(scaled))
    for k in 0..<17 { #expect(isClose(weights[k] * factors[k], plain[k], relative: 1e-10)) }
    for scale in [1e-8, 1e8] {
      let all = try #require(Self.weights(gradients.map { $0.map { $0 * scale } }))
      for k in 0..<17 { #expect(isClose(all[k] * scale, plain[k], relative: 1e-10)) }
    }
  }

  @Test func orderOfPlayers() throws {
    var stream = RandomStream(seed: 5, purpose: "bargaining")
    let gradients = Self.random(players: 9, length: 6, bias: 2, &stream)
    let plain = try #require(Self.weights(gradients))
    let order = stream.permutation(9)
    let weights = try #require(Self.weights(order.map { gradients[$0] }))
    for (place, player) in order.enumerated() {
      #expect(isClose(weights[place], plain[player], relative: 1e-10))
    }
  }

  /// More players than dimensions, and players who want the same: equal gradients, equal weights.
  @Test func dependentGradients() throws {
    var stream = RandomStream(seed: 6, purpose: "bargaining")
    let base = Self.random(players: 25, length: 4, bias: 6, &stream)
    let weights = try #require(Self.weights(base + base))
    for k in 0..<25 { #expect(isClose(weights[k], weights[k + 25], relative: 1e-10)) }
    let direction = Self.direction(base + base, weights)
    #expect(isClose(Self.dot(direction, direction), 50, relative: 1e-10))
    // A player who counts twice pulls as two: the equations of 25 with 2 a_k in place of a_k.
    for (k, gradient) in base.enumerated() {
      #expect(isClose(weights[k] * Self.dot(gradient, direction), 1, absolute: 1e-9))
    }
  }

  /// A set agrees just where a half-plane holds all its gradients: in two dimensions, where the
  /// largest gap between neighbouring angles is more than half a turn.
  @Test func agreementInThePlane() {
    var stream = RandomStream(seed: 7, purpose: "bargaining")
    var agreed = 0
    for _ in 0..<300 {
      let players = 2 + stream.below(4)
      let angles = (0..<players).map { _ in 2 * Double.pi * stream.uniform() }
      let sorted = angles.sorted()
      var gap = sorted[0] + 2 * .pi - sorted[players - 1]
      for (a, b) in zip(sorted, sorted.dropFirst()) { gap = max(gap, b - a) }
      let gradients = angles.map { [cos($0), sin($0)] }
      switch NashBargaining.solve(gram: Self.gram(gradients), players: players) {
      case .agreement:
        agreed += 1
        #expect(gap > .pi)
      case .conflict(let certificate, let norm):
        #expect(gap <= .pi + 1e-5)
        let mean = Self.direction(gradients, certificate)
        #expect(certificate.allSatisfy { $0 >= 0 })
        #expect(isClose(certificate.reduce(0, +), 1, absolute: 1e-12))
        #expect(Self.dot(mean, mean).squareRoot() < 2e-6)
        #expect(norm <= 1e-6)
      case let other: Issue.record("\(other)")
      }
    }
    #expect(agreed > 100 && agreed < 290)
  }

  @Test func namesThePlayer() {
    #expect(
      NashBargaining.solve(gram: [1, 0, 0, 0, 0, 0, 0, 0, 1], players: 3)
        == .zeroGradient(player: 1))
    #expect(
      NashBargaining.solve(gram: [1, 0, 0, .nan], players: 2) == .notFinite(player: 1))
    #expect(
      NashBargaining.solve(gram: [1, .infinity, .infinity, 1], players: 2)
        == .notFinite(player: 1))
    #expect(
      NashBargaining.solve(gram: [1, 2, 2, 1], players: 2)
        == .notInnerProducts(first: 0, second: 1))
    #expect(
      NashBargaining.solve(gram: [1, 0, 0, 1e-30], players: 2, smallest: 1e-12)
        == .zeroGradient(player: 1))
  }

  /// Near conflict the solution is still found, and at conflict it is told from it.
  @Test func nearConflict() throws {
    for angle in [1e-2, 1e-3, 1e-4, 1e-5] {
      let gradients: Gradients = [[1, 0], [-cos(angle), sin(angle)]]
      let weights = try #require(Self.weights(gradients))
      // 1 + cos of (half a turn - angle) = 2 sin(angle / 2)^2.
      let expected = 1 / (2.0.squareRoot() * sin(angle / 2))
      #expect(isClose(weights[0], expected, relative: 1e-16 / (angle * angle) * 100))
    }
    #expect(Self.weights([[1, 0], [-cos(1e-7), sin(1e-7)]]) == nil)
  }

  /// With steps of at most 1 / (C K a_k) every loss falls by half the step over a_k at the least.
  @Test(.enabled(if: Shared.isPresent)) func guaranteedDecrease() throws {
    let bytes = try Shared.bytes("reference/nash/pareto_quadratic.json")
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let matrices = json["A"] as? [[[Double]]] ?? []
    let centres = json["c"] as? [[Double]] ?? []
    let trajectory = json["trajectory"] as? [[String: Any]] ?? []
    #expect(trajectory.count == 21)
    func gradient(_ player: Int, _ x: [Double]) -> [Double] {
      matrices[player].map { row in
        zip(row, zip(x, centres[player])).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
      }
    }
    func loss(_ player: Int, _ x: [Double]) -> Double {
      0.5 * Self.dot(gradient(player, x), zip(x, centres[player]).map { $0 - $1 })
    }
    for one in trajectory {
      let x = one["x"] as? [Double] ?? []
      let step = one["step"] as? Double ?? .nan
      let expected = one["alpha"] as? [Double] ?? []
      let gradients = (0..<4).map { gradient($0, x) }
      let weights = try #require(Self.weights(gradients))
      // Near the end the gradients all but cancel, and rounding of their products shows.
      let rho = one["rho_unit"] as? Double ?? .nan
      let tolerance = max(1e-10, 1e-14 / (rho * rho))
      for k in 0..<4 { #expect(isClose(weights[k], expected[k], relative: tolerance)) }
      let direction = Self.direction(gradients, weights)
      let next = zip(x, direction).map { $0 - step * $1 }
      #expect(largestDifference(next, one["x_next"] as? [Double] ?? []) < 1e-8)
      for k in 0..<4 {
        let fall = loss(k, x) - loss(k, next)
        #expect(fall >= step / (2 * weights[k]) * (1 - 1e-9))
      }
    }
  }
}
