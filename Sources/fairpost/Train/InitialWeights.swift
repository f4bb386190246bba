internal import JSON
internal import Learning
internal import Numerics
internal import Pipeline

/// Weights to start from: a model's, or a plain list of layers.
enum InitialWeights {
  /// Reads the weights of a file.
  ///
  /// It is a fairpost model, or a JSON file of `W1`, `b1`, `W2`, `b2` ... (a row of weights for each
  /// output), under `params` where there is such a member.
  static func read(_ path: String) throws -> [Double] {
    if try StoredFile.format(path) != nil { return try ModelFile(path: path).model.parameters }
    let bytes = try StoredFile.contents(path)
    do {
      var node = JSONNode(try JSONValue(reading: bytes, limit: bytes.count), name: "weights")
      if let inner = try node.optional("params") { node = inner }
      var parameters: [Double] = []
      var layer = 1
      while let weights = try node.optional("W\(layer)") {
        for row in try weights.array { parameters += try row.doubles }
        parameters += try node["b\(layer)"].doubles
        layer += 1
      }
      guard layer > 1 else { throw try node["W1"].wrong("a list of rows of weights") }
      return parameters
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): neither a fairpost.model file nor layers W1, b1: \(error)")
    }
  }
}
