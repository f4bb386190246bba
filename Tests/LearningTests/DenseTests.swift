import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

/// The blocked products against three plain loops.
///
/// Every entry is one ascending sum in both, so
/// they agree to the last bit whatever the sizes.
@Suite struct DenseTests {
  @Test(arguments: [(1, 1, 1), (5, 20, 10), (7, 3, 4), (13, 2, 5), (6, 4, 4), (64, 33, 19)])
  func againstPlainLoops(_ rows: Int, _ outputs: Int, _ inputs: Int) {
    var stream = RandomStream(seed: 1, purpose: "test.dense", index: UInt64(rows))
    let layer = Dense.Layer(inputs: inputs, outputs: outputs, weights: 3)
    func draw(_ count: Int) -> [Double] { (0..<count).map { _ in stream.normal() } }
    let parameters = draw(layer.end)
    let x = draw(rows * inputs)
    let d = draw(rows * outputs)
    var transposed = [Double](repeating: 0, count: inputs * outputs)
    Dense.transpose(layer, parameters: parameters, into: &transposed)

    var forward = draw(rows * outputs)
    Dense.forward(
      layer, rows: rows, input: x, parameters: parameters, transposed: transposed, into: &forward)
    var gradient = [Double](repeating: 0, count: layer.end)
    Dense.addGradient(layer, rows: rows, delta: d, input: x, into: &gradient)
    var back = draw(rows * inputs)
    Dense.backward(layer, rows: rows, delta: d, parameters: parameters, into: &back)

    var plainGradient = [Double](repeating: 0, count: layer.end)
    for r in 0..<rows {
      for o in 0..<outputs {
        var sum = parameters[layer.biases + o]
        for i in 0..<inputs {
          sum += x[r * inputs + i] * parameters[3 + o * inputs + i]
          plainGradient[3 + o * inputs + i] += d[r * outputs + o] * x[r * inputs + i]
        }
        plainGradient[layer.biases + o] += d[r * outputs + o]
        #expect(forward[r * outputs + o] == sum)
      }
      for i in 0..<inputs {
        var sum = 0.0
        for o in 0..<outputs { sum += d[r * outputs + o] * parameters[3 + o * inputs + i] }
        #expect(back[r * inputs + i] == sum)
      }
    }
    #expect(gradient == plainGradient)
  }

  @Test func choleskySolves() {
    var stream = RandomStream(seed: 3, purpose: "test.cholesky", index: 0)
    let n = 9
    let b = (0..<n * n).map { _ in stream.normal() }
    var a = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n { a[i * n + j] += b[i * n + k] * b[j * n + k] }
      }
      a[i * n + i] += 0.1
    }
    let x = (0..<n).map { _ in stream.normal() }
    let right = (0..<n).map { i in (0..<n).reduce(0) { $0 + a[i * n + $1] * x[$1] } }
    let found = Cholesky(a, order: n)?.solve(right) ?? []
    #expect(largestDifference(found, x) < 1e-10)
    let indefinite = Cholesky([1, 2, 2, 1], order: 2)
    #expect(indefinite?.order == nil)
  }
}
