internal import FairpostNumerics

/// The meta-gradient of many tasks that take one inner step each from the same parameters.
///
/// The inner step changes a layer's weights by a product of few rows: with the support rows' inputs
/// h and derivatives d = dS/dz of the layer, W_i = W - rate d' h. So no task needs weights of its own:
///
///     z = q W_i' = q W' - rate (q h') d          rows q of the query
///     e W_i = e W - rate (e d') h                going back
///     h V' = (h q') e                            along the query gradient V = e' q
///
/// All products with W are done for the rows of all tasks at once, and what is a task's own is a
/// square of K x K numbers (`Stretches`). The result is that of `MetaGradient` with one step up to
/// rounding; nothing is left out.
package struct OneStepMetaGradient: Sendable {
  /// The network's shape, a plain one.
  package let shape: NetworkShape
  /// The inner step size.
  package let rate: Double
  /// Whether the Hessians are there.
  package let order: MetaOrder
  /// What the adapted networks gave for the query rows of the last call.
  package private(set) var queryOutputs: [Double] = []

  private var capacity = (support: -1, query: -1, tasks: -1)
  /// Activations of hidden layers: support rows at the start, query rows adapted.
  private var active: [[Double]] = []
  private var queryActive: [[Double]] = []
  private var outputs: [Double] = []
  /// dS/dz of every layer, and times -rate.
  private var deltas: [[Double]] = []
  private var scaledDeltas: [[Double]] = []
  /// dQ/dz of every layer, and times -rate.
  private var queryDeltas: [[Double]] = []
  private var scaledQueryDeltas: [[Double]] = []
  /// dS/da of hidden layers, where the activation bends.
  private var upstream: [[Double]] = []
  /// -rate R a of hidden layers, then of the outputs; -rate R dS/dz.
  private var tangents: [[Double]] = []
  private var deltaTangents: [[Double]] = []
  /// q h' + 1 (the bias) and -rate e d' of every layer, task by task.
  private var inputSquares: [[Double]] = []
  private var deltaSquares: [[Double]] = []

  /// A meta-gradient for a shape without conditioning.
  package init(shape: NetworkShape, rate: Double, order: MetaOrder) {
    precondition(shape.conditions == 0)
    self.shape = shape
    self.rate = rate
    self.order = order
  }

  /// Adds the sum over tasks of the query objective's gradient to `gradient`, and the values of the
  /// query's sums to `values`.
  ///
  /// - Parameter transposed: the weights of every layer as `Dense.transpose` leaves them.
  package mutating func addGradient(
    support: EpisodeRows, query: EpisodeRows, _ parameters: [Double], transposed: [[Double]],
    into gradient: inout [Double], values: inout [Double]
  ) {
    precondition(support.tasks == query.tasks)
    reserve(support, query)
    adapt(support, parameters, transposed)
    evaluate(support, query, parameters, transposed, &values)
    goBack(support, query, parameters)
    for l in shape.layers.indices {
      Dense.addGradient(
        shape.layers[l], rows: query.count, delta: queryDeltas[l], input: queryInput(l, query),
        into: &gradient)
    }
    if order == .second { addBend(support, query, parameters, transposed, &gradient) }
  }

  // MARK: Steps

  /// The support rows forward and back: what the inner step is made of.
  private mutating func adapt(
    _ support: EpisodeRows, _ parameters: [Double], _ transposed: [[Double]]
  ) {
    let rows = support.count
    for (l, layer) in shape.layers.enumerated() {
      if l < shape.hidden.count {
        Dense.forward(
          layer, rows: rows, input: input(l, support), parameters: parameters,
          transposed: transposed[l], into: &active[l])
        Self.activate(shape.activation, rows * layer.outputs, &active[l])
      } else {
        Dense.forward(
          layer, rows: rows, input: input(l, support), parameters: parameters,
          transposed: transposed[l], into: &outputs)
      }
    }
    var unused: [Double] = []
    support.gradient(
      outputs: outputs, width: shape.outputs, values: &unused, wantsValues: false,
      delta: &deltas[shape.hidden.count])
    for l in stride(from: shape.hidden.count, to: 0, by: -1) {
      let count = rows * shape.hidden[l - 1]
      Dense.backward(
        shape.layers[l], rows: rows, delta: deltas[l], parameters: parameters,
        into: &deltas[l - 1])
      if shape.activation == .tanh { upstream[l - 1] = deltas[l - 1] }
      Self.timesSlope(shape.activation, active[l - 1], count, &deltas[l - 1])
    }
    for (l, layer) in shape.layers.enumerated() {
      Elementwise.scale(-rate, deltas[l], count: rows * layer.outputs, into: &scaledDeltas[l])
    }
  }

  /// The query rows through the adapted weights, and the query's derivatives at the outputs.
  private mutating func evaluate(
    _ support: EpisodeRows, _ query: EpisodeRows, _ parameters: [Double],
    _ transposed: [[Double]], _ values: inout [Double]
  ) {
    let rows = query.count
    for (l, layer) in shape.layers.enumerated() {
      let from = queryInput(l, query)
      Stretches.innerProducts(
        query.tasks, rows: query.rows, others: support.rows, width: layer.inputs, from,
        input(l, support), plus: 1, into: &inputSquares[l])
      if l < shape.hidden.count {
        Dense.forward(
          layer, rows: rows, input: from, parameters: parameters, transposed: transposed[l],
          into: &queryActive[l])
        Stretches.addProducts(
          query.tasks, rows: query.rows, others: support.rows, width: layer.outputs,
          inputSquares[l], scaledDeltas[l], into: &queryActive[l])
        Self.activate(shape.activation, rows * layer.outputs, &queryActive[l])
      } else {
        Dense.forward(
          layer, rows: rows, input: from, parameters: parameters, transposed: transposed[l],
          into: &queryOutputs)
        Stretches.addProducts(
          query.tasks, rows: query.rows, others: support.rows, width: layer.outputs,
          inputSquares[l], scaledDeltas[l], into: &queryOutputs)
      }
    }
    query.gradient(
      outputs: queryOutputs, width: shape.outputs, values: &values, wantsValues: true,
      delta: &queryDeltas[shape.hidden.count])
  }

  /// The query's derivatives from the outputs to the first layer, through the adapted weights.
  private mutating func goBack(
    _ support: EpisodeRows, _ query: EpisodeRows, _ parameters: [Double]
  ) {
    for l in stride(from: shape.hidden.count, to: 0, by: -1) {
      let layer = shape.layers[l]
      Stretches.innerProducts(
        query.tasks, rows: query.rows, others: support.rows, width: layer.outputs,
        queryDeltas[l], scaledDeltas[l], plus: 0, into: &deltaSquares[l])
      Dense.backward(
        layer, rows: query.count, delta: queryDeltas[l], parameters: parameters,
        into: &queryDeltas[l - 1])
      Stretches.addProducts(
        query.tasks, rows: query.rows, others: support.rows, width: layer.inputs,
        deltaSquares[l], active[l - 1], into: &queryDeltas[l - 1])
      Self.timesSlope(
        shape.activation, queryActive[l - 1], query.count * layer.inputs, &queryDeltas[l - 1])
    }
  }

  /// Adds -rate times the support's Hessian times each task's query gradient, by Pearlmutter's
  /// R-operator along -rate times that gradient.
  private mutating func addBend(
    _ support: EpisodeRows, _ query: EpisodeRows, _ parameters: [Double],
    _ transposed: [[Double]], _ gradient: inout [Double]
  ) {
    let rows = support.count
    let last = shape.hidden.count
    for (l, layer) in shape.layers.enumerated() {
      let count = rows * layer.outputs
      Elementwise.scale(
        -rate, queryDeltas[l], count: query.count * layer.outputs, into: &scaledQueryDeltas[l])
      if l > 0 {
        Dense.forward(
          layer, rows: rows, input: tangents[l - 1], parameters: parameters,
          transposed: transposed[l], into: &tangents[l], withBias: false)
      } else {
        Elementwise.clear(&tangents[0], count: count)
      }
      Stretches.addProducts(
        query.tasks, rows: query.rows, others: support.rows, width: layer.outputs,
        inputSquares[l], transposed: true, scaledQueryDeltas[l], into: &tangents[l])
      if l < last { Self.timesSlope(shape.activation, active[l], count, &tangents[l]) }
    }
    support.tangent(
      outputs: outputs, tangents: tangents[last], width: shape.outputs,
      into: &deltaTangents[last])
    for l in stride(from: last, through: 0, by: -1) {
      let layer = shape.layers[l]
      Dense.addGradient(
        layer, rows: rows, delta: deltaTangents[l], input: input(l, support), into: &gradient)
      guard l > 0 else { break }
      Dense.addGradient(
        layer, rows: rows, delta: deltas[l], input: tangents[l - 1], into: &gradient,
        withBias: false)
      Dense.backward(
        layer, rows: rows, delta: deltaTangents[l], parameters: parameters,
        into: &deltaTangents[l - 1])
      Stretches.addProducts(
        query.tasks, rows: query.rows, others: support.rows, width: layer.inputs,
        deltaSquares[l], transposed: true, queryActive[l - 1], into: &deltaTangents[l - 1])
      let count = rows * layer.inputs
      Self.timesSlope(shape.activation, active[l - 1], count, &deltaTangents[l - 1])
      if shape.activation == .tanh {
        // d f''(z) R z, with f'' = -2 t f' and R a = f' R z.
        for i in 0..<count {
          deltaTangents[l - 1][i] -= 2 * active[l - 1][i] * upstream[l - 1][i] * tangents[l - 1][i]
        }
      }
    }
  }

  // MARK: Parts

  private func input(_ l: Int, _ support: EpisodeRows) -> [Double] {
    l == 0 ? support.inputs : active[l - 1]
  }

  private func queryInput(_ l: Int, _ query: EpisodeRows) -> [Double] {
    l == 0 ? query.inputs : queryActive[l - 1]
  }

  private static func activate(_ activation: Activation, _ count: Int, _ z: inout [Double]) {
    switch activation {
    case .relu: Elementwise.relu(&z, count: count)
    case .tanh: Elementwise.tanh(&z, count: count)
    case .identity: break
    }
  }

  /// Times f'(z), given a = f(z).
  private static func timesSlope(
    _ activation: Activation, _ a: [Double], _ count: Int, _ delta: inout [Double]
  ) {
    switch activation {
    case .relu: Elementwise.keepPositive(a, count: count, in: &delta)
    case .tanh: Elementwise.timesTanhSlope(a, count: count, in: &delta)
    case .identity: break
    }
  }

  private mutating func reserve(_ support: EpisodeRows, _ query: EpisodeRows) {
    let wanted = (support.count, query.count, query.tasks)
    guard wanted != capacity else { return }
    capacity = wanted
    func room(_ rows: Int, _ widths: [Int]) -> [[Double]] {
      widths.map { [Double](repeating: 0, count: rows * $0) }
    }
    let all = shape.hidden + [shape.outputs]
    active = room(support.count, shape.hidden)
    queryActive = room(query.count, shape.hidden)
    outputs = [Double](repeating: 0, count: support.count * shape.outputs)
    queryOutputs = [Double](repeating: 0, count: query.count * shape.outputs)
    deltas = room(support.count, all)
    scaledDeltas = deltas
    upstream = active
    tangents = deltas
    deltaTangents = deltas
    queryDeltas = room(query.count, all)
    scaledQueryDeltas = queryDeltas
    let square = query.tasks * query.rows * support.rows
    inputSquares = all.map { _ in [Double](repeating: 0, count: square) }
    deltaSquares = inputSquares
  }
}
