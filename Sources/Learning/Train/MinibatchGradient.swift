internal import FairpostNumerics

/// The gradient of a minibatch, on several threads with the same result as on one.
///
/// Rows are taken in chunks small enough for a processor's cache; chunks are dealt to at most
/// sixteen pieces, every piece is summed in order, and the pieces' sums are added in order. What is
/// a chunk and what a piece depends on the number of rows alone.
///
/// A minibatch's objective estimates that of all rows without bias: each task's sum is divided by the
/// weight that so many rows have on average, not by the weight of the labels that happen to be among
/// them, which for a rarely labelled task would give the more to a row the fewer there are.
struct MinibatchGradient {
  private let shape: NetworkShape
  private let data: LearningData
  private let taskWeights: [Double]
  /// The mean weight of a row in each task, 0 where it has no label.
  private let shares: [Double]
  private var pieces: [Guarded<Piece>] = []
  private var transposed: [[Double]]
  private static let chunk = 64
  private static let mostPieces = 16

  init(shape: NetworkShape, data: LearningData, taskWeights: [Double]) {
    self.shape = shape
    self.data = data
    self.taskWeights = taskWeights.isEmpty ? data.tasks.map { _ in 1 } : taskWeights
    let used = Double(data.weights.reduce(0) { $1 > 0 ? $0 + 1 : $0 })
    shares = data.tasks.map { task in
      task.targets.indices.reduce(0.0) {
        task.targets[$1].isNaN ? $0 : $0 + data.weights[$1]
      } / max(used, 1)
    }
    transposed = shape.layers.map { [Double](repeating: 0, count: $0.inputs * $0.outputs) }
  }

  /// An estimate of the sum over tasks of weighted mean losses, with its gradient added to
  /// `gradient`.
  ///
  /// - Parameters:
  ///   - rowWeights: a factor for each of the rows; empty for 1.
  ///   - conditions: what each row is conditioned on, the weights of its tasks; empty for none.
  ///   - masks: what dropout leaves of each hidden layer; empty for none.
  mutating func add(
    _ rows: [Int], _ parameters: [Double], rowWeights: [Double] = [], conditions: [Double],
    masks: [[Double]], team: ThreadTeam, into gradient: inout [Double]
  ) -> Double {
    for (l, layer) in shape.layers.enumerated() {
      Dense.transpose(layer, parameters: parameters, into: &transposed[l])
    }
    let chunks = (rows.count + Self.chunk - 1) / Self.chunk
    let dealt = (chunks + Self.mostPieces - 1) / Self.mostPieces * Self.chunk
    let count = (rows.count + dealt - 1) / max(dealt, 1)
    while pieces.count < count { pieces.append(Guarded(Piece(shape))) }
    let step = Step(
      data: data, rows: rows, totals: shares.map { $0 * Double(rows.count) },
      taskWeights: taskWeights, parameters: parameters,
      transposed: transposed, rowWeights: rowWeights, conditions: conditions, masks: masks,
      chunk: Self.chunk)
    let working = pieces
    team.run(count) { index in
      let range = index * dealt..<min((index + 1) * dealt, rows.count)
      working[index].withLock { $0.work(step, range) }
    }
    var value = 0.0
    for index in 0..<count {
      pieces[index].withLock { piece in
        value += piece.value
        Elementwise.add(1, times: piece.gradient, to: &gradient)
      }
    }
    return value
  }
}

/// What all pieces of a minibatch read.
private struct Step: Sendable {
  let data: LearningData
  let rows: [Int]
  /// What each task's sum is divided by.
  let totals: [Double]
  let taskWeights: [Double]
  let parameters: [Double]
  let transposed: [[Double]]
  let rowWeights: [Double]
  let conditions: [Double]
  let masks: [[Double]]
  let chunk: Int

  /// The tasks' sums over some of the rows.
  func objective(_ range: Range<Int>) -> Objective {
    var sums: [LossSum] = []
    var coefficients: [Double] = []
    let offsets = data.offsets
    for (t, task) in data.tasks.enumerated() where totals[t] > 0 {
      var targets: [Double] = []
      var weights: [Double] = []
      targets.reserveCapacity(range.count)
      weights.reserveCapacity(range.count)
      for at in range {
        let row = rows[at]
        let target = task.targets[row]
        var given = conditions.isEmpty ? 1 : conditions[at * data.tasks.count + t]
        if !rowWeights.isEmpty { given *= rowWeights[at] }
        targets.append(target)
        weights.append(target.isNaN ? 0 : data.weights[row] / totals[t] * given)
      }
      sums.append(
        LossSum(loss: task.kind.loss, output: offsets[t], targets: targets, weights: weights))
      coefficients.append(taskWeights[t])
    }
    return Objective(sums, .linear(coefficients))
  }
}

/// Some of a minibatch's rows at work, with the room for it.
private struct Piece: Sendable {
  var value = 0.0
  var gradient: [Double]
  private var engine: Differentiator
  private var batch = Batch(rows: 0, inputs: [])

  init(_ shape: NetworkShape) {
    engine = Differentiator(shape: shape)
    gradient = [Double](repeating: 0, count: shape.parameterCount)
  }

  mutating func work(_ step: Step, _ range: Range<Int>) {
    value = 0
    Elementwise.clear(&gradient)
    let features = step.data.features
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step.chunk) {
      let rows = first..<min(first + step.chunk, range.upperBound)
      batch.rows = rows.count
      let room = step.chunk * features
      if batch.inputs.count < room { batch.inputs = [Double](repeating: 0, count: room) }
      Dense.gather(step.rows[rows], of: step.data.inputs, width: features, into: &batch.inputs)
      func part(_ numbers: [Double], _ width: Int) -> [Double] {
        Array(numbers[rows.lowerBound * width..<rows.upperBound * width])
      }
      if !step.conditions.isEmpty {
        batch.conditions = part(step.conditions, step.data.tasks.count)
      }
      let masks = zip(step.masks, engine.shape.hidden).map { part($0, $1) }
      value += engine.addGradient(
        step.objective(rows), step.parameters, batch, masks: masks, transposed: step.transposed,
        into: &gradient)
    }
  }
}
