internal import FairpostNumerics

extension Model {
  /// The parameters with the heads of the tasks in another order.
  ///
  /// - Parameter places: for each head of the result the place of its task in this model.
  package func headsInOrder(_ places: [Int]) -> [Double] {
    guard places != Array(places.indices), let heads = shape.layers.last else { return parameters }
    var result = parameters
    var starts: [Int] = []
    var at = 0
    for task in tasks {
      starts.append(at)
      at += task.kind.width
    }
    var output = 0
    for place in places {
      for own in starts[place]..<starts[place] + tasks[place].kind.width {
        for input in 0..<heads.inputs {
          result[heads.weights + output * heads.inputs + input] =
            parameters[heads.weights + own * heads.inputs + input]
        }
        result[heads.biases + output] = parameters[heads.biases + own]
        output += 1
      }
    }
    guard shape.conditions == places.count else { return result }
    // A conditioned network takes the tasks' weights in, one each.
    for layer in [shape.scaleLayers.first, shape.shiftLayers.first].compactMap({ $0 }) {
      for output in 0..<layer.outputs {
        let row = layer.weights + output * layer.inputs
        for (input, place) in places.enumerated() {
          result[row + input] = parameters[row + place]
        }
      }
    }
    return result
  }
}
