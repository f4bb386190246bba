import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

@Suite struct DecideLawTests {
  /// A random problem: one to six groups, ties, weights, every kind of limit and goal.
  static func problem(_ seed: Int) -> DecisionCase {
    var stream = RandomStream(seed: UInt64(seed), purpose: "tests.decide")
    let groups = 1 + stream.below(6)
    let steps = [3, 8, 40, 1 << 20][stream.below(4)]
    let count = groups * (4 + stream.below(40))
    var rows = DecisionRows(
      scores: [], labels: [], groups: [], names: (0..<groups).map { "g\($0)" })
    for row in 0..<count {
      let group = row < 2 * groups ? row % groups : stream.below(groups)
      let label = row < 2 * groups ? row / groups : stream.below(2)
      let quality = Double(group) / Double(groups) + 0.2
      let score = stream.uniform() + quality * (Double(label) - 0.3) + 0.1 * Double(group)
      rows.scores.append((score * Double(steps)).rounded() / Double(steps))
      rows.labels.append(Double(label))
      rows.groups.append(group)
    }
    switch stream.below(3) {
    case 1: rows.weights = (0..<count).map { _ in Double(1 + stream.below(5)) }
    case 2: rows.weights = (0..<count).map { _ in 0.1 + stream.uniform() }
    default: break
    }
    var problem = DecisionCase(rows: rows)
    let rates = ["selection_rate", "tpr", "fpr"]
    for rate in rates where stream.below(2) == 0 {
      let isRatio = stream.below(4) == 0
      let limit = [0, 0.02, 0.1, 0.3][stream.below(4)]
      problem.parity.append(
        DecisionCase.Parity(
          rate: rate, tolerance: isRatio ? nil : limit, ratio: isRatio ? 1 - limit : nil))
    }
    if problem.parity.isEmpty || stream.below(4) == 0 {
      problem.caps.append(
        DecisionCase.Cap(
          rate: rates[stream.below(3)], isUpper: true, value: 0.1 + 0.5 * stream.uniform(),
          group: stream.below(2) == 0 ? "g0" : nil, isOverall: false))
    }
    if stream.below(5) == 0 {
      problem.caps.append(
        DecisionCase.Cap(
          rate: "selection_rate", isUpper: true, value: 0.3, group: nil, isOverall: true))
    }
    if stream.below(5) == 0 {
      problem.caps.append(
        DecisionCase.Cap(
          rate: "tpr", isUpper: false, value: 0.05, group: nil, isOverall: false))
    }
    problem.objective = ["accuracy", "balanced_accuracy", "f1", "cost"][stream.below(4)]
    if problem.objective == "cost" {
      problem.costs = (0..<4).map { _ in Double(stream.below(9)) - 3 }
    }
    problem.flip = stream.below(4) == 0
    return problem
  }

  /// The raw rows prove it: the limits hold, and the prices bound every threshold's gain by the value.
  @Test(arguments: 0..<400)
  func theOptimumIsProvedByTheRawRows(_ seed: Int) throws {
    let problem = Self.problem(seed)
    _ = try problem.prove(problem.fit(), "case \(seed)")
  }

  /// Every pair of mixtures of two thresholds on a fine grid, for two groups: none is better.
  @Test(arguments: 0..<40)
  func noMixtureOnAGridIsBetter(_ seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), purpose: "tests.decide.grid")
    var rows = DecisionRows(scores: [], labels: [], groups: [], names: ["a", "b"])
    for row in 0..<16 {
      rows.scores.append(Double(stream.below(4)) / 4)
      rows.labels.append(Double(row < 4 ? row / 2 : stream.below(2)))
      rows.groups.append(row % 2)
    }
    var problem = DecisionCase(rows: rows)
    let tolerance = [0, 0.05, 0.2][seed % 3]
    problem.parity = (seed % 2 == 0 ? ["selection_rate"] : ["tpr", "fpr"]).map {
      DecisionCase.Parity(rate: $0, tolerance: tolerance, ratio: nil)
    }
    let value = try problem.prove(problem.fit(), "case \(seed)")
    // What each mixture does to a group: its rates and its gain.
    let mixtures = (0..<2).map { group -> [(rates: [Double], gain: Double)] in
      var found: [(rates: [Double], gain: Double)] = []
      let thresholds = [0, 0.25, 0.5, 0.75, 1]
      for (place, low) in thresholds.enumerated() {
        for high in thresholds[place...] {
          for share in 0...20 {
            let chances = rows.scores.map {
              $0 >= high ? 1 : $0 >= low ? Double(share) / 20 : 0
            }
            found.append(
              (
                problem.parity.map { rows.rate($0.rate, group: group, chances) },
                (rows.sum(group: group, label: 1) { chances[$0] }
                  - rows.sum(group: group, label: 0) { chances[$0] }) / 16
              ))
          }
        }
      }
      return found
    }
    let constant = rows.sum(group: nil, label: 0) / 16
    var best = 0.0
    for first in mixtures[0] {
      for second in mixtures[1]
      where zip(first.rates, second.rates).allSatisfy({ abs($0 - $1) <= tolerance + 1e-12 }) {
        best = max(best, constant + first.gain + second.gain)
      }
    }
    #expect(best <= value + 1e-9)
    // "Nobody" is on the grid, so that the comparison is not empty.
    #expect(best >= constant)
  }

  @Test(arguments: 0..<60)
  func orderWeightsNamesAndScalesAreNoMatter(_ seed: Int) throws {
    var problem = Self.problem(seed)
    // Numbers that grow under exp and stay apart.
    problem.rows.weights = problem.rows.weights.map { $0.map { ($0 * 8).rounded(.up) } }
    let map = try problem.fit().json().written()
    let value = try problem.prove(problem.fit(), "case \(seed)")
    var stream = RandomStream(seed: UInt64(seed), purpose: "tests.decide.order")
    let rows = problem.rows
    // Rows in another order: the same bytes.
    var other = problem
    let order = stream.permutation(rows.scores.count)
    other.rows.scores = order.map { rows.scores[$0] }
    other.rows.labels = order.map { rows.labels[$0] }
    other.rows.groups = order.map { rows.groups[$0] }
    other.rows.weights = rows.weights.map { weights in order.map { weights[$0] } }
    #expect(try other.fit().json().written() == map)
    // A row of weight w is w rows.
    if let weights = rows.weights {
      let repeated = weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) }
      other.rows.scores = repeated.map { rows.scores[$0] }
      other.rows.labels = repeated.map { rows.labels[$0] }
      other.rows.groups = repeated.map { rows.groups[$0] }
      other.rows.weights = nil
      #expect(try abs(other.prove(other.fit(), "case \(seed), repeated") - value) < 1e-12)
    }
    // Scores on another scale.
    other = problem
    other.rows.scores = rows.scores.map { 3 * $0 * abs($0) + 7 * $0 - 100 }
    #expect(try abs(other.prove(other.fit(), "case \(seed), scaled") - value) < 1e-12)
    // Groups in another order.
    if problem.caps.isEmpty {
      other = problem
      other.rows.groups = rows.groups.map { rows.names.count - 1 - $0 }
      #expect(try abs(other.prove(other.fit(), "case \(seed), renamed") - value) < 1e-12)
    }
  }

  @Test(arguments: 0..<60)
  func moreToleranceIsNeverWorseAndGainsLess(_ seed: Int) throws {
    var problem = Self.problem(seed)
    problem.caps = []
    if problem.objective == "f1" { problem.objective = "accuracy" }
    let rates = problem.parity.isEmpty ? ["tpr", "fpr"] : problem.parity.map(\.rate)
    var values: [Double] = []
    for step in 0...8 {
      problem.parity = rates.map {
        DecisionCase.Parity(rate: $0, tolerance: Double(step) / 8, ratio: nil)
      }
      values.append(try problem.prove(problem.fit(), "case \(seed), step \(step)"))
    }
    for step in 1...8 { #expect(values[step] >= values[step - 1] - 1e-12) }
    for step in 1..<8 {
      #expect(values[step + 1] - values[step] <= values[step] - values[step - 1] + 1e-12)
    }
  }

  /// Over many seeds a record's decisions have the mean that the map says, and one record alone gets what
  /// it gets among others.
  @Test func lotsAreFairAndKeyedByTheRecord() throws {
    var problem = Self.problem(3)
    problem.parity = ["tpr", "fpr"].map {
      DecisionCase.Parity(rate: $0, tolerance: 0, ratio: nil)
    }
    problem.caps = []
    problem.flip = false
    let chances = try problem.chances(JSONNode(problem.fit().json(), name: "map"))
    let rows = problem.rows
    let hash = StableHash(seed: 1, purpose: "record")
    let keys = rows.scores.indices.map { hash(UInt64($0)) }
    let draws = 1000
    var means = [Double](repeating: 0, count: rows.scores.count)
    for seed in 0..<draws {
      var request = FitRequest(rows.data)
      request.idColumn = "id"
      request.seed = UInt64(seed)
      let adjustment = try DecideMethod(given: problem.words).fit(request).adjustment
      let codes = rows.groups.map { Int32($0) }
      let decided = adjustment.apply(
        score: 0, values: rows.scores, codes: [codes], keys: keys, steps: false
      ).columns[0]
      for row in decided.indices { means[row] += decided[row] / Double(draws) }
      let row = seed % rows.scores.count
      let alone = adjustment.apply(
        score: 0, values: [rows.scores[row]], codes: [[codes[row]]], keys: [keys[row]],
        steps: false)
      #expect(alone.columns[0][0] == decided[row])
      // The same record never loses by a higher score.
      let higher = adjustment.apply(
        score: 0, values: [rows.scores[row] + 0.3], codes: [[codes[row]]], keys: [keys[row]],
        steps: false)
      #expect(higher.columns[0][0] >= decided[row])
    }
    #expect(chances.contains { $0 > 0.01 && $0 < 0.99 })
    for (mean, chance) in zip(means, chances) {
      let deviation = (chance * (1 - chance) / Double(draws)).squareRoot()
      #expect(abs(mean - chance) <= 5 * deviation + 1e-9)
    }
  }

  /// Against all pairs and triples of thresholds: no lottery with the same rates is smaller.
  @Test(arguments: 0..<120)
  func noLotteryIsSmaller(_ seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), purpose: "tests.decide.lottery")
    var problem = Self.problem(seed)
    let kept = problem.rows.scores.indices.filter { problem.rows.groups[$0] == 0 }.prefix(24)
    let rows = problem.rows
    problem.rows = DecisionRows(
      scores: kept.map { rows.scores[$0] }, labels: kept.map { rows.labels[$0] },
      groups: kept.map { _ in 0 }, weights: rows.weights.map { list in kept.map { list[$0] } },
      names: ["g0"])
    // A point of the hull: a mixture of the chances of random thresholds.
    var chances = kept.map { _ in 0.0 }
    var rest = 1.0
    for turn in 0..<3 {
      let share = turn == 2 ? rest : rest * stream.uniform()
      rest -= share
      let threshold = rows.scores[kept[stream.below(kept.count)]]
      for (place, row) in kept.enumerated() where rows.scores[row] >= threshold {
        chances[place] += share
      }
    }
    let rates = ["fpr", "tpr"].map { problem.rows.rate($0, group: 0, chances) }
    (problem.parity, problem.flip, problem.objective, problem.costs) = ([], false, "accuracy", [])
    problem.caps = zip(["fpr", "tpr"], rates).flatMap { rate, value in
      [true, false].map {
        .init(rate: rate, isUpper: $0, value: value, group: nil, isOverall: false)
      }
    }
    let fitted = try problem.chances(JSONNode(problem.fit().json(), name: "map"))
    #expect(problem.excess(fitted) <= 1e-9)
    let share =
      problem.rows.sum(group: nil, label: nil) {
        fitted[$0] > 1e-12 && fitted[$0] < 1 - 1e-12 ? 1 : 0
      } / problem.rows.sum(group: nil, label: nil)
    let least = problem.rows.smallestLottery(fpr: rates[0], tpr: rates[1])
    #expect(abs(share - least) < 1e-9, "\(share), not \(least)")
  }

  @Test func whatCannotBeIsSaid() throws {
    var problem = Self.problem(1)
    problem.objective = "accuracy"
    problem.costs = []
    problem.flip = false
    problem.parity = []
    problem.caps = [
      .init(rate: "tpr", isUpper: false, value: 0.9, group: nil, isOverall: false),
      .init(rate: "selection_rate", isUpper: true, value: 0.1, group: "g0", isOverall: false),
    ]
    do {
      _ = try problem.fit()
      Issue.record("limits that conflict were met")
    } catch AdjustmentError.unusable(let words) {
      #expect(words.contains("selection_rate of g0 at most 0.1"))
      #expect(words.contains("tpr of g0 at least 0.9"))
      #expect(!words.contains("tpr of g1 at least 0.9"))
    }
    // A lottery without an id.
    problem.caps = []
    problem.parity = ["tpr", "fpr"].map {
      DecisionCase.Parity(rate: $0, tolerance: 0, ratio: nil)
    }
    do {
      _ = try DecideMethod(given: problem.words).fit(FitRequest(problem.rows.data))
      Issue.record("lots were drawn without ids")
    } catch AdjustmentError.needsLots(let share) {
      #expect(share > 0 && share <= 1)
    }
    // A group without a label that its rate is about; demographic parity needs none.
    for row in problem.rows.scores.indices where problem.rows.groups[row] == 0 {
      problem.rows.labels[row] = 0
    }
    #expect(throws: AdjustmentError.self) { try problem.fit() }
    problem.parity = [DecisionCase.Parity(rate: "selection_rate", tolerance: 0, ratio: nil)]
    _ = try problem.prove(problem.fit(), "a group without positives")
  }

  /// A map in which a number was replaced is refused, contradicts itself, or still works.
  @Test func changedMapsAreRefusedOrWork() throws {
    var stream = RandomStream(seed: 5, purpose: "tests.decide.mutation")
    var found = 0
    let cases = NumberMutation.cases(600)
    for number in 0..<cases {
      let problem = Self.problem(number % 7)
      let json = try problem.fit().json()
      let place = stream.below(NumberMutation.count(json))
      let changed = NumberMutation.replacing(
        place, of: json, by: HostileNumber.all[stream.below(HostileNumber.all.count)])
      let adjustment: any Adjustment
      do { adjustment = try DecideMethod.read(changed) } catch {
        #expect(error is JSONError, "case \(number): \(error)")
        found += 1
        continue
      }
      if adjustment.contradiction() != nil { found += 1 }
      _ = adjustment.description()
      let batch = adjustment.apply(
        score: 0, values: problem.rows.scores,
        codes: [problem.rows.groups.map { Int32($0) }],
        keys: problem.rows.scores.indices.map { UInt64($0) }, steps: false)
      #expect(batch.columns[0].allSatisfy { $0 == 0 || $0 == 1 }, "case \(number)")
    }
    #expect(found > cases / 2)
  }
}
