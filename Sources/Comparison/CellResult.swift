package import FairpostJSON

/// What one arm gave under one seed.
package struct CellResult: Sendable {
  /// Its figures; none where it failed.
  package var figures: [CellFigure] = []
  /// Why there are none.
  package var fault: Fault?
  package var cost = CellCost()

  /// Why a cell has no figures.
  package struct Fault: Sendable {
    package let reason: String
    /// Whether the arm simply does not fit the data.
    package let isNotApplicable: Bool
  }
}

/// What a cell took; never part of a result.
package struct CellCost: Sendable {
  /// Seconds of training, shared with the other adjustments of the same model.
  package var training = 0.0
  /// Seconds of everything else.
  package var rest = 0.0
  /// Processor seconds of the cell's thread, training included.
  package var processor = 0.0
  /// The process's largest memory by the end of the cell, in bytes.
  package var memory = 0
}

extension CellResult {
  /// The cell in a journal.
  package var json: JSONObject {
    [
      "fault": fault.map {
        ["reason": .string($0.reason), "not applicable": .bool($0.isNotApplicable)]
      } ?? .null,
      "figures": .array(figures.map(\.json)),
      "cost": JSONValue([cost.training, cost.rest, cost.processor, Double(cost.memory)]),
    ]
  }

  /// The cell of a journal.
  package init(_ node: JSONNode) throws(JSONError) {
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
