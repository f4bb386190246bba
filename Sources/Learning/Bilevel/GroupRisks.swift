package import FairpostNumerics

/// The risks of groups under one linear head: F_a = the mean loss of group a's rows plus
/// penalty/2 |W|^2, with their gradients and Hessians.
///
/// The minimiser w(lambda) of sum_a lambda_a F_a is a Pareto-efficient model for every lambda of the
/// simplex; who searches lambda searches the Pareto front. Rows lie group by group in pieces that
/// do not depend on the number of threads, so no sum does.
package struct GroupRisks: Sendable {
  /// Some rows of one group.
  struct Piece: Sendable {
    let group: Int
    /// Where its rows stand among all, group by group.
    let rows: Range<Int>
    let inputs: [Double]
    let targets: [Double]
    /// Each row's share of its group.
    let shares: [Double]
  }

  /// How many groups there are.
  package let groups: Int
  /// The features.
  package let features: Int
  /// The loss of a row.
  package let loss: Loss
  /// The ridge on weights, not on intercepts.
  package let penalty: Double
  /// Whether there are intercepts; without, they stay 0.
  package let hasIntercept: Bool
  /// Threads to use; no result depends on them.
  package let threads: Int
  /// The rows of all groups, group by group: their places in what was given.
  package let order: [Int]
  /// The group of each of these rows.
  package let codes: [Int]
  /// Their labels.
  package let targets: [Double]
  /// Their weights.
  package let weights: [Double]
  /// The total weight of each group.
  package let totals: [Double]
  /// These rows in the order of their labels.
  let byLabel: [Int]
  let pieces: [Piece]

  private static let most = 8192

  /// Groups of rows; a row without a group (code -1) or of weight 0 takes no part.
  ///
  /// - Parameters:
  ///   - inputs: features, row by row.
  ///   - codes: the rows' groups from 0; every group of `groups` has rows.
  package init(
    inputs: [Double], features: Int, loss: Loss, targets: [Double], weights: [Double],
    codes: [Int], groups: Int, penalty: Double, hasIntercept: Bool = true, threads: Int = 1
  ) {
    self.groups = groups
    self.features = features
    self.loss = loss
    self.penalty = penalty
    self.hasIntercept = hasIntercept
    self.threads = threads
    var members = [[Int]](repeating: [], count: groups)
    for row in codes.indices where codes[row] >= 0 && weights[row] > 0 && !targets[row].isNaN {
      members[codes[row]].append(row)
    }
    var totals: [Double] = []
    var pieces: [Piece] = []
    var first = 0
    for (group, rows) in members.enumerated() {
      let total = rows.reduce(0.0) { $0 + weights[$1] }
      totals.append(total)
      for start in stride(from: 0, to: rows.count, by: Self.most) {
        let own = rows[start..<min(rows.count, start + Self.most)]
        var block: [Double] = []
        block.reserveCapacity(own.count * features)
        for row in own { block += inputs[row * features..<(row + 1) * features] }
        pieces.append(
          Piece(
            group: group, rows: first..<(first + own.count), inputs: block,
            targets: own.map { targets[$0] }, shares: own.map { weights[$0] / total }))
        first += own.count
      }
    }
    order = members.flatMap(\.self)
    self.codes = order.map { codes[$0] }
    self.targets = order.map { targets[$0] }
    self.weights = order.map { weights[$0] }
    let own = order.map { targets[$0] }
    byLabel = own.indices.sorted { (own[$0], $0) < (own[$1], $1) }
    self.totals = totals
    self.pieces = pieces
  }

  /// The head as a layer: weights output by output, then intercepts.
  package var layer: Dense.Layer { Dense.Layer(inputs: features, outputs: loss.width, weights: 0) }
  /// How many rows take part.
  package var rows: Int { targets.count }

  /// What there is to know at some parameters.
  package struct Point: Sendable {
    /// The parameters.
    package let parameters: [Double]
    /// Every row's outputs, in the order of `order`.
    package let outputs: [Double]
    /// Each group's mean loss, without the ridge.
    package let losses: [Double]
    /// Each group's risk, the ridge included.
    package let risks: [Double]
    /// The gradient of each group's risk.
    package let gradients: [[Double]]
  }

  /// Outputs, risks and their gradients.
  package func point(_ parameters: [Double]) -> Point {
    let layer = layer
    let width = loss.width
    var transposed = [Double](repeating: 0, count: layer.inputs * width)
    Dense.transpose(layer, parameters: parameters, into: &transposed)
    let turned = transposed
    let parts = Parallel.map(pieces.count, threads: threads) {
      place -> (outputs: [Double], loss: Double, gradient: [Double]) in
      let piece = pieces[place]
      let count = piece.targets.count
      var outputs = [Double](repeating: 0, count: count * width)
      Dense.forward(
        layer, rows: count, input: piece.inputs, parameters: parameters, transposed: turned,
        into: &outputs)
      var delta = [Double](repeating: 0, count: count * width)
      var sum = 0.0
      for row in 0..<count {
        sum +=
          piece.shares[row]
          * loss.valueAndGradient(
            outputs, row * width, piece.targets[row], piece.shares[row], into: &delta)
      }
      var gradient = [Double](repeating: 0, count: layer.end)
      Dense.addGradient(layer, rows: count, delta: delta, input: piece.inputs, into: &gradient)
      return (outputs, sum, gradient)
    }
    var outputs: [Double] = []
    outputs.reserveCapacity(rows * width)
    var losses = [Double](repeating: 0, count: groups)
    var gradients = [[Double]](
      repeating: [Double](repeating: 0, count: layer.end), count: groups)
    for (piece, part) in zip(pieces, parts) {
      outputs += part.outputs
      losses[piece.group] += part.loss
      Elementwise.add(1, times: part.gradient, to: &gradients[piece.group])
    }
    var ridge = 0.0
    for i in 0..<layer.biases { ridge += penalty / 2 * parameters[i] * parameters[i] }
    for group in 0..<groups {
      for i in 0..<layer.biases { gradients[group][i] += penalty * parameters[i] }
      if !hasIntercept { for i in layer.biases..<layer.end { gradients[group][i] = 0 } }
    }
    return Point(
      parameters: parameters, outputs: outputs, losses: losses, risks: losses.map { $0 + ridge },
      gradients: gradients)
  }

  /// The gradient by the parameters of a function whose derivatives by the outputs are these.
  package func pull(_ delta: [Double]) -> [Double] {
    let layer = layer
    let width = loss.width
    let parts = Parallel.map(pieces.count, threads: threads) { place -> [Double] in
      let piece = pieces[place]
      var gradient = [Double](repeating: 0, count: layer.end)
      Dense.addGradient(
        layer, rows: piece.rows.count,
        delta: Array(delta[piece.rows.lowerBound * width..<piece.rows.upperBound * width]),
        input: piece.inputs, into: &gradient)
      return gradient
    }
    var gradient = [Double](repeating: 0, count: layer.end)
    for part in parts { Elementwise.add(1, times: part, to: &gradient) }
    if !hasIntercept { for i in layer.biases..<layer.end { gradient[i] = 0 } }
    return gradient
  }

  /// The Hessian of sum_a lambda_a F_a, square and row by row.
  package func hessian(_ lambda: [Double], at point: Point) -> [Double] {
    let layer = layer
    let width = loss.width
    let parts = Parallel.map(pieces.count, threads: threads) { place -> [Double] in
      let piece = pieces[place]
      guard lambda[piece.group] != 0 else { return [] }
      return LinearFit.hessian(
        piece.inputs, features, loss, piece.shares.map { $0 * lambda[piece.group] },
        Array(point.outputs[piece.rows.lowerBound * width..<piece.rows.upperBound * width]),
        penalty: 0, isRegular: penalty > 0)
    }
    var hessian = [Double](repeating: 0, count: layer.end * layer.end)
    for part in parts where !part.isEmpty { Elementwise.add(1, times: part, to: &hessian) }
    let ridge = penalty * lambda.reduce(0, +)
    for i in 0..<layer.biases { hessian[i * layer.end + i] += ridge }
    if !hasIntercept {
      for i in layer.biases..<layer.end {
        for j in 0..<layer.end {
          hessian[i * layer.end + j] = 0
          hessian[j * layer.end + i] = 0
        }
        hessian[i * layer.end + i] = 1
      }
    }
    return hessian
  }

  /// A group's Hessian times a direction.
  package func hessianProduct(_ group: Int, _ direction: [Double], at point: Point) -> [Double] {
    let layer = layer
    let width = loss.width
    var transposed = [Double](repeating: 0, count: layer.inputs * width)
    Dense.transpose(layer, parameters: direction, into: &transposed)
    let turned = transposed
    let own = pieces.indices.filter { pieces[$0].group == group }
    let parts = Parallel.map(own.count, threads: threads) { place -> [Double] in
      let piece = pieces[own[place]]
      let count = piece.targets.count
      var tangent = [Double](repeating: 0, count: count * width)
      Dense.forward(
        layer, rows: count, input: piece.inputs, parameters: direction, transposed: turned,
        into: &tangent)
      var bend = [Double](repeating: 0, count: count * width)
      let outputs = Array(
        point.outputs[piece.rows.lowerBound * width..<piece.rows.upperBound * width])
      for row in 0..<count {
        loss.addTangent(outputs, tangent, row * width, piece.shares[row], into: &bend)
      }
      var product = [Double](repeating: 0, count: layer.end)
      Dense.addGradient(layer, rows: count, delta: bend, input: piece.inputs, into: &product)
      return product
    }
    var product = [Double](repeating: 0, count: layer.end)
    for part in parts { Elementwise.add(1, times: part, to: &product) }
    for i in 0..<layer.biases { product[i] += penalty * direction[i] }
    if !hasIntercept { for i in layer.biases..<layer.end { product[i] = 0 } }
    return product
  }
}

extension GroupRisks {
  /// Where the weighted risk is least.
  ///
  /// - Parameters:
  ///   - lambda: the groups' weights, which sum to 1.
  ///   - start: parameters to begin from, such as those of a lambda close by.
  package func minimiser(
    _ lambda: [Double], from start: [Double], tolerance: Double = 1e-11, limit: Int = 100
  ) throws(LinearFit.Failure) -> Point {
    var now = point(start)
    func value(_ point: Point) -> Double { zip(lambda, point.risks).reduce(0) { $0 + $1.0 * $1.1 } }
    func slope(_ point: Point) -> [Double] {
      var gradient = [Double](repeating: 0, count: start.count)
      for (weight, own) in zip(lambda, point.gradients) where weight != 0 {
        Elementwise.add(weight, times: own, to: &gradient)
      }
      return gradient
    }
    func largest(_ gradient: [Double]) -> Double { gradient.reduce(0) { max($0, abs($1)) } }
    var gradient = slope(now)
    for step in 0..<limit {
      let norm = largest(gradient)
      guard norm.isFinite else { throw .notConverged(iterations: step) }
      if norm <= tolerance { return now }
      guard let factor = Cholesky(hessian(lambda, at: now), order: start.count) else {
        throw .singular
      }
      let direction = factor.solve(gradient)
      let descent = Elementwise.dot(direction, gradient)
      var length = 1.0
      while true {
        var place = now.parameters
        Elementwise.add(-length, times: direction, to: &place)
        let next = point(place)
        let nextGradient = slope(next)
        let gained = value(now) - value(next)
        let noise = 1e-14 * abs(value(now))
        if gained >= 1e-4 * length * descent - noise, value(next).isFinite {
          // Where steps only shuffle the rounding, this is as good as the arithmetic gets.
          if descent <= 100 * noise, largest(nextGradient) >= norm / 2 {
            return largest(nextGradient) < norm ? next : now
          }
          (now, gradient) = (next, nextGradient)
          break
        }
        length /= 2
        if length < 1e-12 {
          if norm < 1e-8 { return now }
          throw .notConverged(iterations: step)
        }
      }
    }
    throw .notConverged(iterations: limit)
  }
}

extension GroupRisks {
  /// Some rows of each group, the same number of each as far as it has them: a minibatch whose group
  /// means are unbiased.
  package func drawn(_ count: Int, seed: UInt64, step: Int) -> GroupRisks {
    var random = RandomStream(seed: seed, purpose: "badr rows", index: UInt64(step))
    var chosen: [Int] = []
    var first = 0
    for group in 0..<groups {
      let size = codes[first...].prefix { $0 == group }.count
      let wanted = min(size, max(1, (count + groups - 1 - group) / groups))
      // Floyd's sample without replacement.
      var taken: Set<Int> = []
      for top in (size - wanted)..<size {
        let place = random.below(top + 1)
        taken.insert(taken.contains(place) ? top : place)
      }
      chosen += taken.sorted().map { first + $0 }
      first += size
    }
    var inputs: [Double] = []
    inputs.reserveCapacity(chosen.count * features)
    var piece = 0
    for row in chosen {
      while row >= pieces[piece].rows.upperBound { piece += 1 }
      let place = row - pieces[piece].rows.lowerBound
      inputs += pieces[piece].inputs[place * features..<(place + 1) * features]
    }
    return GroupRisks(
      inputs: inputs, features: features, loss: loss, targets: chosen.map { targets[$0] },
      weights: chosen.map { weights[$0] }, codes: chosen.map { codes[$0] }, groups: groups,
      penalty: penalty, hasIntercept: hasIntercept, threads: 1)
  }
}
