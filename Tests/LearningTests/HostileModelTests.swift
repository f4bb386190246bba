import FairpostJSON
import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

@Suite struct HostileModelTests {
  private static func model() -> Model {
    let encoder = Encoder(columns: [
      ColumnEncoding(
        name: "a", kind: .numeric(mean: 0.5, scale: 2, fill: 0.25), missingIndicator: true),
      ColumnEncoding(
        name: "b", kind: .categorical(levels: ["x", "y"], other: true), missingIndicator: false),
    ])
    let tasks = [
      ModelTask(name: "y", kind: .binary(positive: "1")),
      ModelTask(name: "n", kind: .regression(logTarget: false)),
    ]
    let shape = NetworkShape(inputs: encoder.width, hidden: [3], outputs: 2, conditions: 2)
    return Model(
      method: "yoto", seed: 1, encoder: encoder, tasks: tasks, shape: shape,
      parameters: shape.initialParameters(seed: 3), conditions: [1, 1])
  }

  /// A model in which any number was replaced is refused in words, or predicts without a fault of the
  /// program; what is not a finite number is for `predict` to refuse.
  @Test func modelsWithReplacedNumbersAreRefusedOrPredict() throws {
    let json = Self.model().json()
    let columns: [String: FeatureColumn] = [
      "a": .numeric([0, 1e308, -1e308, .nan]),
      "b": .categorical(codes: [0, 1, -1, -2], names: ["x", "y"]),
    ]
    let inputsOf = { (model: Model) -> [Double] in
      var counts = EncodingCounts()
      return try model.encoder.encode(columns, rows: 4, counts: &counts)
    }
    var loaded = 0
    for place in 0..<NumberMutation.count(json) {
      for number in HostileNumber.all {
        let changed = NumberMutation.replacing(place, of: json, by: number)
        // By its type it throws nothing but a refusal in words.
        let reading = Result<Model, JSONError> { () throws(JSONError) in
          try Model(JSONNode(changed, name: "model"))
        }
        guard case .success(let model) = reading else { continue }
        loaded += 1
        var workspace = Workspace(shape: model.shape)
        let scores = model.scores(inputs: try inputsOf(model), rows: 4, workspace: &workspace)
        #expect(scores.count == 8)
        #expect(try model.json().written().isEmpty == false)
      }
    }
    #expect(loaded > 100)
  }

  @Test func modelsThatContradictThemselvesAreRefused() throws {
    func changed(_ name: String, _ value: JSONValue, in json: JSONValue) -> JSONValue {
      switch json {
      case .array(let elements): return .array(elements.map { changed(name, value, in: $0) })
      case .object(let object):
        var result = JSONObject()
        for (key, inner) in object.members {
          result.append(key, key == name ? value : changed(name, value, in: inner))
        }
        return .object(result)
      default: return json
      }
    }
    let json = Self.model().json()
    let changes: [(String, JSONValue)] = [
      ("inputs", 4), ("outputs", 3), ("hidden", .array([4])), ("hidden", .array([])),
      ("scale", 0), ("scale", -1), ("levels", .array(["x", "x"])), ("levels", .array([])),
      ("missing indicator", true), ("conditions", .array([1])), ("weights", .array([])),
      ("biases", .array([])), ("name", "y"), ("other", false), ("tasks", .array([])),
    ]
    for (name, value) in changes {
      #expect(throws: JSONError.self, "\(name)") {
        try Model(JSONNode(changed(name, value, in: json), name: "model"))
      }
    }
  }
}
