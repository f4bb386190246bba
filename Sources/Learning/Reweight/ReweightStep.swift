package import FairpostNumerics

/// One outer step of learning rows' weights (Ren and others 2018; Nash meta-learning 2024).
///
/// The shadow point is where momentum and decay alone would lead. A row's hypergradient for a cell is
/// minus the rate times the inner product of the cell's validation gradient there with the row's
/// gradient here. The players' hypergradients are combined into one direction e, the rows get the
/// weights max(0, -e) brought to norm 1, and a step is taken along the weighted sum of their
/// gradients.
///
/// Rows are cut into pieces that stay in a processor's cache; what a piece is depends on the number
/// of rows alone, and pieces are added in order, so that no result depends on the number of threads.
package struct ReweightStep {
  /// The parameters.
  package var parameters: [Double]
  /// What momentum remembers of the steps before.
  package var buffer: [Double]
  /// The last minibatch's weights, in the order of its rows.
  package private(set) var weights: [Double] = []
  /// The last minibatch's hypergradients, row by row, a number for each cell.
  package private(set) var hypergradients: [Double] = []
  /// The last combined direction e.
  package private(set) var direction: [Double] = []
  private let shape: NetworkShape
  private let data: LearningData
  private let settings: ReweightSettings
  private let cells: ValidationCells?
  private var influence: Influence?
  private var pieces: [Guarded<ReweightPiece>] = []
  private var gradient: [Double]
  private static let piece = 64

  /// Ready for the first step.
  ///
  /// - Parameters:
  ///   - cells: the validation cells; nil for a rule that needs none.
  ///   - buffer: what momentum remembers; nothing if nil.
  package init(
    shape: NetworkShape, data: LearningData, cells: ValidationCells?, settings: ReweightSettings,
    parameters: [Double], buffer: [Double]? = nil
  ) {
    self.shape = shape
    self.data = data
    self.cells = cells
    self.settings = settings
    self.parameters = parameters
    self.buffer = buffer ?? [Double](repeating: 0, count: parameters.count)
    gradient = [Double](repeating: 0, count: parameters.count)
    influence = cells.map { Influence(shape: shape, cells: $0, loss: settings.loss) }
  }

  /// Takes a step on some rows.
  ///
  /// - Parameters:
  ///   - bargains: whether the players bargain in this step.
  ///   - stream: what dropout draws from.
  package mutating func take(
    _ rows: [Int], bargains: Bool, team: ThreadTeam, stream: inout RandomStream
  ) -> ReweightReport {
    var report = ReweightReport()
    prepare(rows, &stream)
    if var influence {
      influence.prepare(shadow(), masks: masks(influence.rows, &stream))
      self.influence = influence
    }
    let (shape, data, parameters) = (shape, data, parameters)
    let influence = influence
    let count = Self.count(rows.count)
    let working = pieces
    team.run(count) { index in
      working[index].withLock { $0.forward(shape, data, parameters, influence) }
    }
    collect(rows, &report)
    if let cells { weigh(cells, rows, bargains, &report) } else { weighLargest(rows) }
    normalise(rows)
    if let cells { finish(cells, rows, &report) }
    report.nonzero =
      Double(weights.reduce(0) { $1 > 0 ? $0 + 1 : $0 }) / Double(max(rows.count, 1))
    descend(rows, team, &stream)
    return report
  }

  private static func count(_ rows: Int) -> Int { (rows + piece - 1) / piece }

  /// Where momentum and decay alone would lead.
  private func shadow() -> [Double] {
    var point = parameters
    for i in point.indices {
      point[i] -=
        settings.rate * (settings.momentum * buffer[i] + settings.decay * parameters[i])
    }
    return point
  }

  // MARK: Rows

  /// Deals rows and dropout to pieces.
  private mutating func prepare(_ rows: [Int], _ stream: inout RandomStream) {
    let count = Self.count(rows.count)
    while pieces.count < count {
      pieces.append(Guarded(ReweightPiece(shape, rows: Self.piece, cells: cells?.cells.count ?? 0)))
    }
    for index in 0..<count {
      let own = rows[index * Self.piece..<min((index + 1) * Self.piece, rows.count)]
      let masks = masks(own.count, &stream)
      pieces[index].withLock { $0.take(own, masks) }
    }
  }

  /// What dropout leaves of each hidden layer.
  private func masks(_ rows: Int, _ stream: inout RandomStream) -> [[Double]] {
    guard settings.dropout > 0 else { return [] }
    return shape.hidden.map { width in
      DropoutMask.draw(rows * width, share: settings.dropout, &stream)
    }
  }

  /// Gathers the pieces' losses and hypergradients.
  private mutating func collect(_ rows: [Int], _ report: inout ReweightReport) {
    hypergradients.removeAll(keepingCapacity: true)
    var total = 0.0
    for index in 0..<Self.count(rows.count) {
      pieces[index].withLock { piece in
        for loss in piece.losses { total += loss }
        hypergradients += piece.products[..<(piece.rows.count * (cells?.cells.count ?? 0))]
      }
    }
    for i in hypergradients.indices { hypergradients[i] *= -settings.rate }
    report.trainingLoss = total / Double(max(rows.count, 1))
    report.cellLosses = influence?.losses ?? []
  }

  // MARK: Weights

  /// The inner products of all cells' hypergradients; a row that weighs more counts more.
  private func gram(_ rows: [Int], _ count: Int) -> [Double] {
    var gram = [Double](repeating: 0, count: count * count)
    for (at, row) in rows.enumerated() {
      let weight = data.weights[row]
      for k in 0..<count {
        let own = weight * hypergradients[at * count + k]
        for l in 0...k { gram[k * count + l] += own * hypergradients[at * count + l] }
      }
    }
    for k in 0..<count {
      for l in 0..<k { gram[l * count + k] = gram[k * count + l] }
    }
    return gram
  }

  /// Combines the hypergradients into one direction and takes its negative part as weights.
  private mutating func weigh(
    _ cells: ValidationCells, _ rows: [Int], _ bargains: Bool, _ report: inout ReweightReport
  ) {
    let count = cells.cells.count
    let gram = gram(rows, count)
    let players = cells.shares(of: settings.players)
    /// Whether a combination of cells is no gain for some player, and each cell's gain.
    func gains(_ coefficients: [Double]) -> (conflicts: Bool, cells: [Double]) {
      let gains = (0..<count).map { k in
        (0..<count).reduce(0) { $0 + gram[k * count + $1] * coefficients[$1] }
      }
      let conflicts = players.contains { shares in
        zip(shares, gains).reduce(0) { $0 + $1.0 * $1.1 } <= 0
      }
      return (conflicts, gains)
    }
    var coefficients = settings.base.coefficients(cells, losses: report.cellLosses)
    var (conflicts, own) = gains(coefficients)
    report.conflictsBefore = conflicts
    if bargains {
      if let agreed = agreement(players, gram, count) {
        report.outcome = .agreed(agreed)
        coefficients = (0..<count).map { cell in
          players.indices.reduce(0) { $0 + agreed[$1] * players[$1][cell] }
        }
        (conflicts, own) = gains(coefficients)
      } else {
        report.outcome = .nothing
      }
    }
    report.conflicts = conflicts
    let square = zip(coefficients, own).reduce(0) { $0 + $1.0 * $1.1 }
    let norm = max(square, 0).squareRoot()
    report.utilities = own.map { norm > 0 ? $0 / norm : 0 }
    direction = rows.indices.map { at in
      (0..<count).reduce(0) { $0 + hypergradients[at * count + $1] * coefficients[$1] }
    }
    weights = direction.map { max(0, -$0) }
  }

  /// The players' weights; nil where they cannot agree.
  private func agreement(_ players: [[Double]], _ cellGram: [Double], _ count: Int) -> [Double]? {
    var gram = cellGram
    if settings.players == .group {
      gram = players.flatMap { one in
        players.map { other in
          var sum = 0.0
          for k in 0..<count where one[k] != 0 {
            for l in 0..<count where other[l] != 0 {
              sum += one[k] * other[l] * cellGram[k * count + l]
            }
          }
          return sum
        }
      }
    }
    let outcome = NashBargaining.solve(gram: gram, players: players.count, smallest: 1e-12)
    guard case .agreement(let weights, _) = outcome else { return nil }
    return weights
  }

  /// Weight 1 for the rows with the largest losses.
  private mutating func weighLargest(_ rows: [Int]) {
    guard case .largest(let share) = settings.rule else { return }
    var losses: [Double] = []
    for index in 0..<Self.count(rows.count) {
      pieces[index].withLock { losses += $0.losses }
    }
    let order = losses.indices.sorted {
      losses[$0] != losses[$1] ? losses[$0] > losses[$1] : $0 < $1
    }
    weights = losses.map { _ in 0 }
    for at in order.prefix(Int(share * Double(rows.count))) { weights[at] = 1 }
  }

  /// Brings the weights to their norm; weights that are all 0 stay so.
  private mutating func normalise(_ rows: [Int]) {
    var sum = 0.0
    for (at, row) in rows.enumerated() {
      switch settings.norm {
      case .l2: sum += data.weights[row] * weights[at] * weights[at]
      case .l1: sum += data.weights[row] * weights[at]
      case .none: sum = 1
      }
    }
    let size = settings.norm == .l2 ? sum.squareRoot() : sum
    guard size > 0, size.isFinite else { return }
    for at in weights.indices { weights[at] /= size }
  }

  /// What is left of the gains once negative weights are cut off.
  private func finish(_ cells: ValidationCells, _ rows: [Int], _ report: inout ReweightReport) {
    let count = cells.cells.count
    var gains = [Double](repeating: 0, count: count)
    var square = 0.0
    for (at, row) in rows.enumerated() where weights[at] != 0 {
      let weight = data.weights[row] * weights[at]
      square += weight * weights[at]
      for k in 0..<count { gains[k] -= weight * hypergradients[at * count + k] }
    }
    let norm = square.squareRoot()
    report.utilitiesAfter = gains.map { norm > 0 ? $0 / norm : 0 }
  }

  // MARK: The step

  /// Moves along the weighted sum of the rows' gradients, with fresh dropout.
  private mutating func descend(
    _ rows: [Int], _ team: ThreadTeam, _ stream: inout RandomStream
  ) {
    let (shape, data, parameters) = (shape, data, parameters)
    let count = Self.count(rows.count)
    for index in 0..<count {
      let range = index * Self.piece..<min((index + 1) * Self.piece, rows.count)
      let chosen = range.filter { weights[$0] > 0 }
      let masks = masks(chosen.count, &stream)
      let own = chosen.map { weights[$0] * data.weights[rows[$0]] }
      pieces[index].withLock {
        $0.choose(chosen.map { $0 - range.lowerBound }, weights: own, masks)
      }
    }
    let working = pieces
    team.run(count) { index in
      working[index].withLock { $0.backward(shape, data, parameters) }
    }
    Elementwise.clear(&gradient)
    for index in 0..<count {
      pieces[index].withLock { Elementwise.add(1, times: $0.gradient, to: &gradient) }
    }
    for i in gradient.indices {
      buffer[i] =
        settings.momentum * buffer[i] + (gradient[i] + settings.decay * self.parameters[i])
      self.parameters[i] -= settings.rate * buffer[i]
    }
  }
}
