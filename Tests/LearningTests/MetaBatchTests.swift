import Foundation
import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Many tasks together give what each gives by itself.
@Suite struct MetaBatchTests {
  /// A pool of tasks for a network with one or two outputs.
  struct Pool {
    let shape: NetworkShape
    let tasks: [MetaTask]
    let supports: [EpisodeRows]
    let queries: [EpisodeRows]

    init(_ shape: NetworkShape, tasks count: Int, support: Int, query: Int) {
      self.shape = shape
      var stream = RandomStream(seed: 4, purpose: "test.pool", index: 0)
      func part(_ rows: Int) -> EpisodeRows {
        let y = (0..<rows).map { _ in Double(stream.below(2)) }
        let two = shape.outputs == 2
        return EpisodeRows(
          tasks: 1, rows: rows, inputs: (0..<rows * shape.inputs).map { _ in stream.normal() },
          sums: [
            LossSum(
              loss: two ? .crossEntropy(classes: 2) : .binaryCrossEntropy, targets: y,
              weights: y.map { _ in 1 / Double(rows) }),
            LossSum(
              loss: two ? .negativeSoftmaxProbability : .negativeProbability, targets: y,
              weights: y.map { _ in stream.uniform() / Double(rows) }),
          ], coefficients: [1, 0.7])
      }
      supports = (0..<count).map { _ in part(support) }
      queries = (0..<count).map { _ in part(query) }
      func alone(_ rows: EpisodeRows) -> (Batch, Objective) {
        (Batch(rows: rows.rows, inputs: rows.inputs), Objective(rows.sums, .linear([1, 0.7])))
      }
      tasks = zip(supports, queries).map { support, query in
        MetaTask(
          support: alone(support).0, supportObjective: alone(support).1, query: alone(query).0,
          queryObjective: alone(query).1)
      }
    }

    /// The sum of one engine's gradients, task by task.
    func oneByOne(_ parameters: [Double], rate: Double, steps: Int, order: MetaOrder)
      -> (loss: Double, gradient: [Double])
    {
      var engine = MetaGradient(shape: shape, rate: rate, steps: steps, order: order)
      var gradient = [Double](repeating: 0, count: parameters.count)
      let loss = tasks.reduce(0) { $0 + engine.addGradient($1, parameters, into: &gradient) }
      return (loss, gradient)
    }

    func together(
      _ parameters: [Double], rate: Double, steps: Int, order: MetaOrder, threads: Int
    ) -> (loss: Double, gradient: [Double]) {
      var engine = MetaBatch(
        shape: shape, rate: rate, steps: steps, order: order, tasks: tasks.count,
        support: supports[0], query: queries[0])
      var gradient = [Double](repeating: 0, count: parameters.count)
      var values = [0.0, 0.0]
      let (supports, queries) = (supports, queries)
      ThreadTeam.with(threads: threads) { team in
        engine.addGradient(parameters, team: team, into: &gradient, values: &values) {
          range, support, query in
          fillRows(&support, supports[range])
          fillRows(&query, queries[range])
        }
      }
      return (values[0] + 0.7 * values[1], gradient)
    }
  }

  @Test(arguments: [Activation.relu, .tanh, .identity], [[], [7], [20, 20]])
  func oneStep(_ activation: Activation, _ hidden: [Int]) {
    for outputs in 1...2 {
      let shape = NetworkShape(
        inputs: 5, hidden: hidden, outputs: outputs, activation: activation)
      let pool = Pool(shape, tasks: 37, support: 5, query: 3)
      let theta = shape.initialParameters(seed: 3)
      for order in MetaOrder.allCases {
        let expected = pool.oneByOne(theta, rate: 0.4, steps: 1, order: order)
        let found = pool.together(theta, rate: 0.4, steps: 1, order: order, threads: 1)
        #expect(isClose(found.loss, expected.loss, relative: 1e-13))
        #expect(relativeDeviation(found.gradient, expected.gradient) < 1e-12)
      }
    }
  }

  @Test(arguments: [1, 3]) func threadsDoNotMatter(_ steps: Int) {
    let shape = NetworkShape(inputs: 6, hidden: [8, 4], outputs: 2, activation: .tanh)
    let pool = Pool(shape, tasks: 50, support: 4, query: 4)
    let theta = shape.initialParameters(seed: 5)
    let one = pool.together(theta, rate: 0.2, steps: steps, order: .second, threads: 1)
    for threads in 2...3 {
      let more = pool.together(theta, rate: 0.2, steps: steps, order: .second, threads: threads)
      #expect(more.loss == one.loss && more.gradient == one.gradient)
    }
    let expected = pool.oneByOne(theta, rate: 0.2, steps: steps, order: .second)
    #expect(relativeDeviation(one.gradient, expected.gradient) < 1e-12)
  }

  /// Sixty outer steps against JAX: every loss to ten digits.
  @Test func trajectory() throws {
    let bytes = try Fixture.bytes("learning/trajectory.json")
    let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
    func numbers(_ name: String) -> [Double] {
      (json[name] as? [NSNumber] ?? []).map(\.doubleValue)
    }
    func number(_ name: String) -> Double { (json[name] as? NSNumber)?.doubleValue ?? .nan }
    let features = Int(number("features"))
    let shots = Int(number("shots"))
    let gamma = number("gamma")
    let (x, y, a) = (numbers("X"), numbers("y"), numbers("a"))
    func rows(_ task: Int, _ first: Int) -> EpisodeRows {
      let range = task * 2 * shots + first..<task * 2 * shots + first + shots
      let members = a[range].reduce(0, +)
      return EpisodeRows(
        tasks: 1, rows: shots,
        inputs: Array(x[range.lowerBound * features..<range.upperBound * features]),
        sums: [
          LossSum(
            loss: .crossEntropy(classes: 2), targets: Array(y[range]),
            weights: range.map { _ in 1 / Double(shots) }),
          LossSum(
            loss: .negativeSoftmaxProbability, targets: Array(y[range]),
            weights: a[range].map { $0 / members }),
        ], coefficients: [1, gamma])
    }
    let shape = NetworkShape(
      inputs: features, hidden: numbers("hidden").map { Int($0) }, outputs: 2)
    var parameters = numbers("start")
    try #require(parameters.count == shape.parameterCount)
    let batches = (json["batches"] as? [[NSNumber]] ?? []).map { $0.map(\.intValue) }
    let losses = numbers("losses")
    try #require(batches.count == 60 && losses.count == 60)
    var engine = MetaBatch(
      shape: shape, rate: number("rate"), steps: 1, order: .second, tasks: batches[0].count,
      support: rows(0, 0), query: rows(0, 0))
    var outer = Optimiser(.usualAdam, rate: number("outer_rate"), count: parameters.count)
    ThreadTeam.with(threads: 2) { team in
      for (batch, expected) in zip(batches, losses) {
        let supports = batch.map { rows($0, 0) }
        let queries = batch.map { rows($0, shots) }
        var gradient = parameters.map { _ in 0.0 }
        var values = [0.0, 0.0]
        engine.addGradient(parameters, team: team, into: &gradient, values: &values) {
          range, support, query in
          fillRows(&support, supports[range])
          fillRows(&query, queries[range])
        }
        let count = Double(batch.count)
        outer.step(&parameters, gradient: gradient.map { $0 / count })
        #expect(abs((values[0] + gamma * values[1]) / count - expected) < 1e-10)
      }
    }
  }
}

/// Puts the rows of single tasks one after another.
private func fillRows(_ rows: inout EpisodeRows, _ tasks: ArraySlice<EpisodeRows>) {
  rows.inputs = tasks.flatMap(\.inputs)
  for k in rows.sums.indices {
    rows.sums[k].targets = tasks.flatMap { $0.sums[k].targets }
    rows.sums[k].weights = tasks.flatMap { $0.sums[k].weights }
  }
}
