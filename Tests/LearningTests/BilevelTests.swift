import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Foundation
import Testing

/// The search of the Pareto front: vectors, derivatives against differences, what must hold of any data.
@Suite struct BilevelTests {
  /// The toy problem of the vectors: two groups, a logistic model without an intercept.
  private struct Toy {
    let json: [String: Any]
    let risks: GroupRisks

    init() throws {
      let bytes = try Shared.bytes("reference/nash/badr_logreg.json")
      let json = try #require(
        JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
      self.json = json
      let x = ["X1", "X2"].map { json[$0] as? [[Double]] ?? [] }
      let y = ["y1", "y2"].map { json[$0] as? [Double] ?? [] }
      risks = GroupRisks(
        inputs: x.flatMap { $0.flatMap { $0 } }, features: 3, loss: .binaryCrossEntropy,
        targets: y.flatMap { $0 }, weights: [Double](repeating: 1, count: 23),
        codes: x.enumerated().flatMap { group, rows in rows.map { _ in group } }, groups: 2,
        penalty: json["l2_reg"] as? Double ?? 0, hasIntercept: false)
    }

    func numbers(_ key: String) -> [Double] { json[key] as? [Double] ?? [] }
    func object(_ key: String) -> [String: [String: Any]] {
      json[key] as? [String: [String: Any]] ?? [:]
    }
  }

  /// The measures by their names in the vectors, with what those lie above ours for two groups: soft
  /// maxima of equal numbers are not 0 there.
  private static let measures: [(name: String, measure: UpperMeasure, above: Double)] = [
    ("DemographicParity", .demographicParity, 0.693_147_180_559_945_3 + 1e-3),
    ("EqualOpportunity", .equalOpportunity, 2 * 0.693_147_180_559_945_3),
    ("EqualizedOdds", .equalizedOdds, 2 * 0.693_147_180_559_945_3),
    ("DisparateMistreatment", .disparateMistreatment, 0), ("HSIC", .hsic, 0),
    ("IndividualFairness", .individual, 0), ("GroupVariance", .variance, 0),
  ]

  private static func isNear(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  @Test(.enabled(if: Shared.isPresent)) func lowerLevel() throws {
    let toy = try Toy()
    let point = try toy.risks.minimiser(
      toy.numbers("lam"), from: [0, 0, 0, 0])
    #expect(Self.isNear(Array(point.parameters[..<3]), toy.numbers("w_star"), 1e-9))
    #expect(point.parameters[3] == 0)
    #expect(Self.isNear(point.losses, toy.numbers("group_losses_no_reg"), 1e-9))
    let gradients = toy.json["grad_groups"] as? [[Double]] ?? []
    let hessians = toy.json["hess_groups"] as? [[[Double]]] ?? []
    for group in 0..<2 {
      #expect(Self.isNear(Array(point.gradients[group][..<3]), gradients[group], 1e-9))
      var only = [0.0, 0]
      only[group] = 1
      let hessian = toy.risks.hessian(only, at: point)
      for i in 0..<3 {
        #expect(Self.isNear(Array(hessian[4 * i..<4 * i + 3]), hessians[group][i], 1e-9))
        var unit = [0.0, 0, 0, 0]
        unit[i] = 1
        let product = toy.risks.hessianProduct(group, unit, at: point)
        #expect(Self.isNear(Array(product[..<3]), hessians[group][i], 1e-9))
      }
    }
  }

  @Test(.enabled(if: Shared.isPresent)) func hypergradients() throws {
    let toy = try Toy()
    let point = try toy.risks.minimiser(toy.numbers("lam"), from: [0, 0, 0, 0])
    for (name, measure, above) in Self.measures {
      let expected = try #require(toy.object("metrics")[name])
      let objective = UpperObjective(measure)
      let (value, gradient) = objective.evaluate(toy.risks, at: point)
      #expect(abs(value + above - (expected["value"] as? Double ?? .nan)) < 1e-8, "\(name)")
      #expect(
        Self.isNear(Array(gradient[..<3]), expected["grad_w"] as? [Double] ?? [], 1e-8), "\(name)")
      let search = ParetoSearch(toy.risks, objective)
      let model = try search.model(toy.numbers("lam"), from: point.parameters)
      let slopes = try search.slopes(model)
      #expect(
        Self.isNear(slopes, expected["hypergrad_lambda"] as? [Double] ?? [], 1e-8), "\(name)")
      #expect(
        abs(zip(toy.numbers("lam"), slopes).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-10, "\(name)")
      // The best weights and their value.
      let best = try search.best(from: [0, 0, 0, 0])
      let wanted = expected["best_lambda1"] as? Double ?? .nan
      // Where the objective is flat at the bottom, a value within rounding does not fix the place.
      if measure != .equalOpportunity, measure != .demographicParity {
        #expect(abs(best.model.lambda[0] - wanted) < 1e-6, "\(name): \(best.model.lambda[0])")
      }
      #expect(
        best.model.value + above <= (expected["best_value"] as? Double ?? .nan) + 1e-10, "\(name)")
      for (baseline, other) in best.baselines {
        #expect(best.model.value <= other.value, "\(name): \(baseline)")
      }
    }
  }

  /// The released recursion over 25 steps, from its own beginning.
  @Test(.enabled(if: Shared.isPresent)) func singleLoop() throws {
    let toy = try Toy()
    for (name, trace) in toy.object("traces") {
      let measure = try #require(Self.measures.first { $0.name == name }?.measure)
      var loop = SingleLoop()
      loop.innerStep = trace["step_w"] as? Double ?? .nan
      loop.outerStep = trace["step_lambda"] as? Double ?? .nan
      loop.clip = trace["clip"] as? Double ?? .nan
      var state = SingleLoop.State(
        parameters: (trace["w0"] as? [Double] ?? []) + [0], adjoint: [0, 0, 0, 0],
        lambda: [0.5, 0.5])
      let iterates = trace["iterates"] as? [[String: Any]] ?? []
      #expect(iterates.count >= 8)
      var at = 0
      for iterate in iterates {
        let wanted = iterate["t"] as? Int ?? 0
        while at < wanted {
          state = loop.step(state, toy.risks, toy.risks, UpperObjective(measure))
          at += 1
        }
        for (own, key) in [
          (state.parameters, "w"), (state.adjoint, "v"), (state.lambda + [0], "lam"),
        ] {
          let other = iterate[key] as? [Double] ?? []
          #expect(Self.isNear(Array(own.dropLast()), other, 1e-12), "\(name), step \(at), \(key)")
        }
      }
    }
    for (name, run) in toy.object("converged_runs") {
      let measure = try #require(Self.measures.first { $0.name == name }?.measure)
      var loop = SingleLoop()
      loop.innerStep = run["step_w"] as? Double ?? .nan
      loop.outerStep = run["step_lambda"] as? Double ?? .nan
      let start = try toy.risks.minimiser([0.5, 0.5], from: [0, 0, 0, 0])
      var state = SingleLoop.State(
        parameters: start.parameters, adjoint: [0, 0, 0, 0], lambda: [0.5, 0.5])
      for _ in 0..<(run["iters"] as? Int ?? 0) {
        state = loop.step(state, toy.risks, toy.risks, UpperObjective(measure))
      }
      #expect(Self.isNear(state.lambda, run["lam"] as? [Double] ?? [], 1e-6), "\(name)")
      #expect(Self.isNear(Array(state.parameters[..<3]), run["w"] as? [Double] ?? [], 1e-6))
    }
  }

  /// Seeded groups of different size and truth.
  private static func sample(
    _ loss: Loss, groups: Int, rows: Int, seed: UInt64, penalty: Double = 0.05
  ) -> GroupRisks {
    var random = RandomStream(seed: seed, purpose: "bilevel")
    var inputs: [Double] = []
    var targets: [Double] = []
    var codes: [Int] = []
    var weights: [Double] = []
    for row in 0..<rows {
      let group = row < groups ? row : Int(random.uniform() * Double(groups))
      let x = (0..<3).map { _ in random.normal() }
      let z = x[0] - 0.5 * x[1] + Double(group) * (0.7 * x[2] - 0.4) + 0.3 * random.normal()
      inputs += x
      switch loss {
      case .squaredError: targets.append(z)
      case .crossEntropy(let classes):
        targets.append(Double(min(classes - 1, max(0, Int(z + 1.5)))))
      default: targets.append(row < 2 * groups ? Double(row / groups) : z > 0 ? 1 : 0)
      }
      codes.append(group)
      weights.append(0.5 + random.uniform())
    }
    return GroupRisks(
      inputs: inputs, features: 3, loss: loss, targets: targets, weights: weights, codes: codes,
      groups: groups, penalty: penalty)
  }

  /// Every measure, alone and in a mix, by parameters and by weights, against central differences.
  @Test(arguments: [2, 3, 5]) func derivatives(_ groups: Int) throws {
    for loss in [Loss.binaryCrossEntropy, .squaredError, .crossEntropy(classes: 3)] {
      let risks = Self.sample(loss, groups: groups, rows: 80, seed: UInt64(groups))
      let count = risks.layer.end
      var objectives = UpperMeasure.allCases.filter {
        loss == .binaryCrossEntropy || $0.isOfLosses
          || (loss == .squaredError && !$0.needsBinaryLabels)
      }.map { UpperObjective($0, sharpness: 3) }
      objectives.append(try #require(UpperObjective("variance + 0.2 * loss")))
      let start = [Double](repeating: 0.1, count: count)
      let shares = (1...groups).map(Double.init)
      let sum = shares.reduce(0, +)
      let lambda = shares.map { $0 / sum }
      for objective in objectives {
        let point = try risks.minimiser(lambda, from: start)
        let gradient = objective.evaluate(risks, at: point).gradient
        for i in 0..<count {
          func value(_ step: Double) -> Double {
            var moved = point.parameters
            moved[i] += step
            return objective.value(risks, at: risks.point(moved))
          }
          let difference = (value(1e-5) - value(-1e-5)) / 2e-5
          #expect(
            abs(gradient[i] - difference) < 1e-7 * max(1, abs(difference)),
            "\(objective.text), \(loss), \(i)")
        }
        let search = ParetoSearch(risks, objective)
        let model = try search.model(lambda, from: point.parameters)
        let slopes = try search.slopes(model)
        #expect(abs(zip(lambda, slopes).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-9)
        // Along the simplex: one group gains what the last loses.
        for group in 0..<(groups - 1) {
          func value(_ step: Double) throws -> Double {
            var moved = lambda
            moved[group] += step
            moved[groups - 1] -= step
            return try search.model(moved, from: point.parameters).value
          }
          let difference = (try value(1e-5) - value(-1e-5)) / 2e-5
          #expect(
            abs(slopes[group] - slopes[groups - 1] - difference) < 1e-5 * max(1, abs(difference)),
            "\(objective.text), \(loss), group \(group)")
        }
      }
    }
  }

  /// No point of a fine grid is better than what the search finds, nor is any baseline.
  @Test func isNotWorseThanAnything() throws {
    for (seed, measure) in UpperMeasure.allCases.enumerated() {
      for groups in [2, 3] {
        let risks = Self.sample(
          .binaryCrossEntropy, groups: groups, rows: 120, seed: UInt64(10 + seed))
        let search = ParetoSearch(risks, UpperObjective(measure))
        let start = [Double](repeating: 0, count: risks.layer.end)
        let best = try search.best(from: start)
        #expect(best.model.lambda.allSatisfy { $0 >= 0 })
        #expect(abs(best.model.lambda.reduce(0, +) - 1) < 1e-12)
        for (name, other) in best.baselines {
          #expect(best.model.value <= other.value, "\(measure), \(name)")
        }
        for a in 0...20 {
          for b in 0...(groups == 2 ? 0 : 20 - a) {
            let first = Double(a) / 20
            let second = groups == 2 ? 1 - first : Double(b) / 20
            let lambda = groups == 2 ? [first, second] : [first, second, 1 - first - second]
            let other = try search.model(
              lambda.map { max($0, 0) }, from: best.model.point.parameters)
            #expect(
              best.model.value <= other.value + 2e-3 * max(1e-3, abs(other.value)),
              "\(measure), \(groups) groups at \(lambda)")
          }
        }
      }
    }
  }

  /// What the search finds, no model of the front beats for every group; what a penalty finds is
  /// beaten: the paper's claim, for two groups whose truths differ.
  @Test func penaltiesWasteAccuracy() throws {
    let risks = Self.sample(.squaredError, groups: 2, rows: 400, seed: 21, penalty: 1e-3)
    let objective = UpperObjective(.individual)
    let search = ParetoSearch(risks, objective)
    let start = [Double](repeating: 0, count: risks.layer.end)
    let best = try search.best(from: start).model
    let front = try (0...200).map {
      try search.model([Double($0) / 200, 1 - Double($0) / 200], from: best.point.parameters)
    }
    func isBeaten(_ own: [Double]) -> Bool {
      front.contains { other in
        zip(other.point.risks, own).allSatisfy { $0 < $1 - 1e-9 }
      }
    }
    #expect(!isBeaten(best.point.risks))
    for model in front { #expect(!isBeaten(model.point.risks)) }
    // Plain gradient steps from the solution without a penalty, to where nothing falls any more.
    let gamma = 1.0
    var place = try risks.minimiser([0.5, 0.5], from: start).parameters
    for _ in 0..<20_000 {
      let point = risks.point(place)
      let slope = objective.evaluate(risks, at: point).gradient
      for i in place.indices {
        place[i] -=
          0.01
          * (0.5 * point.gradients[0][i] + 0.5 * point.gradients[1][i] + gamma * slope[i])
      }
    }
    let penalised = risks.point(place)
    #expect(objective.value(risks, at: penalised) < best.value)
    #expect(isBeaten(penalised.risks))
    // The rival that beats it most, against the best of the grid.
    let found = try ParetoEfficiency(risks, penalised.parameters)
    let gains = front.map { other in
      zip(penalised.risks, other.point.risks).map { $0 - $1 }.min() ?? 0
    }
    let coarse = gains.max() ?? 0
    #expect(found.waste > coarse - 1e-8 && found.waste < 1.15 * coarse)
    #expect(zip(found.rival, found.risks).allSatisfy { $0 < $1 - found.waste + 1e-9 })
    #expect(found.stationarity > 1e-3)
    for model in [best] + front.enumerated().filter({ $0.offset % 20 == 0 }).map(\.element) {
      let own = try ParetoEfficiency(risks, model.point.parameters)
      #expect(own.waste < 1e-8)
      #expect(own.stationarity < 1e-7)
    }
  }

  /// Groups with other numbers have the same weights under those numbers.
  @Test func namesOfGroupsDecideNothing() throws {
    let risks = Self.sample(.binaryCrossEntropy, groups: 2, rows: 90, seed: 3)
    var inputs = [Double](repeating: 0, count: 90 * 3)
    var random = RandomStream(seed: 3, purpose: "again")
    let targets = (0..<90).map { $0 < 4 ? Double($0 / 2) : random.uniform() < 0.5 ? 1.0 : 0 }
    let codes = (0..<90).map { $0 % 2 }
    for place in inputs.indices { inputs[place] = random.normal() }
    func best(_ codes: [Int]) throws -> [Double] {
      let own = GroupRisks(
        inputs: inputs, features: 3, loss: .binaryCrossEntropy, targets: targets,
        weights: [Double](repeating: 1, count: 90), codes: codes, groups: 2, penalty: 0.05)
      return try ParetoSearch(own, UpperObjective(.individual))
        .best(from: [0, 0, 0, 0]).model.lambda
    }
    let one = try best(codes)
    let other = try best(codes.map { 1 - $0 })
    #expect(abs(one[0] - other[1]) < 1e-6)
    #expect(risks.groups == 2)
  }

  @Test func projections() {
    #expect(Simplex.projection([0.2, 0.8]) == [0.2, 0.8])
    #expect(Simplex.projection([2, 0]) == [1, 0])
    var random = RandomStream(seed: 1, purpose: "simplex")
    for size in 1...6 {
      for _ in 0..<50 {
        let point = (0..<size).map { _ in 2 * random.normal() }
        let near = Simplex.projection(point)
        #expect(near.allSatisfy { $0 >= 0 })
        #expect(abs(near.reduce(0, +) - 1) < 1e-12)
        // Nothing of the simplex is nearer: the gap to every vertex from there is at most a right angle.
        let gap = zip(point, near).map { $0 - $1 }
        for vertex in 0..<size {
          let along = (0..<size).reduce(0.0) {
            $0 + gap[$1] * (($1 == vertex ? 1 : 0) - near[$1])
          }
          #expect(along <= 1e-9)
        }
      }
    }
  }

  @Test(.enabled(if: Shared.isPresent)) func projectionVectors() throws {
    let bytes = try Shared.bytes("reference/nash/dro_xorder.json")
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let cases = try #require(json["simplex_projection"] as? [[String: Any]])
    #expect(!cases.isEmpty)
    for one in cases {
      let point = try #require(one["z"] as? [Double])
      let wanted = try #require(one["p"] as? [Double])
      #expect(Self.isNear(Simplex.projection(point), wanted, 1e-12))
    }
  }

  @Test(.enabled(if: Shared.isPresent)) func robustWeightVectors() throws {
    let bytes = try Shared.bytes("reference/nash/dro_xorder.json")
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let balls:
      [(key: String, ball: RobustBall, radius: String, weights: String, tolerance: Double)] = [
        ("fairdro", .euclidean, "rho", "q", 1e-12),
        ("faal_reverse_kl", .reverseKL, "r", "p", 1e-8), ("kl_dro_forward", .kl, "r", "p", 1e-8),
      ]
    for (key, ball, radius, weights, tolerance) in balls {
      let cases = try #require(json[key] as? [[String: Any]])
      #expect(cases.count >= 2)
      for one in cases {
        let losses = try #require(one["losses"] as? [Double])
        let wanted = try #require(one[weights] as? [Double])
        if let base = one["P"] as? [Double] {
          guard base.allSatisfy({ abs($0 - base[0]) < 1e-12 }) else { continue }
        }
        let own = ball.weights(losses, radius: try #require(one[radius] as? Double))
        #expect(Self.isNear(own, wanted, tolerance), "\(key) \(losses): \(own), not \(wanted)")
      }
    }
  }

  /// What makes the weights the worst of their ball: none in it, drawn at random, weighs losses more.
  @Test(arguments: RobustBall.allCases) func robustWeightsAreTheWorst(_ ball: RobustBall) {
    var random = RandomStream(seed: 8, purpose: "balls")
    func measure(_ q: [Double]) -> Double {
      let count = Double(q.count)
      switch ball {
      case .euclidean: return q.reduce(0) { $0 + ($1 - 1 / count) * ($1 - 1 / count) } * count / 2
      case .kl: return q.reduce(0) { $0 + ($1 > 0 ? $1 * log($1 * count) : 0) }
      case .reverseKL: return q.reduce(0) { $0 - log(max($1, 1e-300) * count) / count }
      }
    }
    for groups in 2...5 {
      let losses = (0..<groups).map { _ in random.uniform() }
      for radius in [0.01, 0.1, 0.4] {
        let worst = ball.weights(losses, radius: radius)
        #expect(abs(worst.reduce(0, +) - 1) < 1e-9)
        #expect(measure(worst) <= radius * (1 + 1e-9))
        let most = zip(worst, losses).reduce(0) { $0 + $1.0 * $1.1 }
        for _ in 0..<200 {
          let draw = (0..<groups).map { _ in -log(random.uniform() + 1e-12) }
          let sum = draw.reduce(0, +)
          let q = draw.map { $0 / sum }
          guard measure(q) <= radius else { continue }
          #expect(zip(q, losses).reduce(0) { $0 + $1.0 * $1.1 } <= most + 1e-9)
        }
      }
      #expect(
        ball.weights([Double](repeating: 0.3, count: groups), radius: 0.1).allSatisfy {
          abs($0 - 1 / Double(groups)) < 1e-12
        })
    }
  }

  @Test func readsMixes() throws {
    let mix = try #require(UpperObjective("dp + 0.2 * loss"))
    #expect(mix.terms.map(\.factor) == [1, 0.2])
    #expect(mix.terms.map(\.measure) == [.demographicParity, .loss])
    #expect(UpperObjective(mix.text) == mix)
    for text in ["", "dp +", "dpp", "-1 * dp", "2 * 3 * dp", "x * dp"] {
      #expect(UpperObjective(text) == nil, "\(text)")
    }
  }
}
