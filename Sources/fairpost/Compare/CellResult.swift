internal import FairpostJSON

/// What one arm gave under one seed.
struct CellResult: Sendable {
  /// Its figures; none where it failed.
  var figures: [CellFigure] = []
  /// Why there are none.
  var fault: Fault?
  var cost = CellCost()

  /// Why a cell has no figures.
  struct Fault: Sendable {
    let reason: String
    /// Whether the arm simply does not fit the data.
    let isNotApplicable: Bool
  }
}

/// What a cell took; never part of a result.
struct CellCost: Sendable {
  /// Seconds of training, shared with the other adjustments of the same model.
  var training = 0.0
  /// Seconds of everything else.
  var rest = 0.0
  /// Processor seconds of the cell's thread, training included.
  var processor = 0.0
  /// The process's largest memory by the end of the cell, in bytes.
  var memory = 0
}

extension CellResult {
  /// The cell in a journal.
  var json: JSONObject {
    [
      "fault": fault.map {
        ["reason": .string($0.reason), "not applicable": .bool($0.isNotApplicable)]
      } ?? .null,
      "figures": .array(figures.map(\.json)),
      "cost": JSONValue([cost.training, cost.rest, cost.processor, Double(cost.memory)]),
    ]
  }

  /// The cell of a journal.
  init(_ node: JSONNode) throws(JSONError) {
    if let fault = try node.optional("fault") {
      self.fault = Fault(
        reason: try fault["reason"].string, isNotApplicable: try fault["not applicable"].bool)
    }
    for figure in try node["figures"].array { figures.append(try CellFigure(figure)) }
    let parts = try node["cost"].doubles
    guard parts.count == 4 else { throw try node["cost"].wrong("four numbers") }
    cost = CellCost(
      training: parts[0], rest: parts[1], processor: parts[2], memory: Int(parts[3]))
  }
}
