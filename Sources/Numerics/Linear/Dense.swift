/// Products of a dense layer, in the layout of its parameters.
///
/// A layer has weights W (outputs x inputs, row by row) somewhere inside one flat array of
/// parameters, followed by its biases. Batches are row by row. All sums run in ascending order, so
/// results do not depend on threads or on the width of the processor's vectors.
package enum Dense {
  /// The place of one layer inside a flat array of parameters.
  package struct Layer: Sendable, Hashable {
    /// Numbers coming in.
    package let inputs: Int
    /// Numbers going out.
    package let outputs: Int
    /// Where the weights begin.
    package let weights: Int
    /// Where the biases begin.
    package var biases: Int { weights + inputs * outputs }
    /// The first place after this layer.
    package var end: Int { biases + outputs }

    /// A layer whose weights begin at an offset.
    package init(inputs: Int, outputs: Int, weights: Int) {
      self.inputs = inputs
      self.outputs = outputs
      self.weights = weights
    }
  }

  /// Z (rows x outputs) = or += X W' + b.
  ///
  /// - Parameters:
  ///   - first: the first row of `input` to read.
  ///   - transposed: the layer's weights as `transpose` leaves them (inputs x outputs).
  ///   - withBias: whether b is added.
  @inline(never)
  package static func forward(
    _ layer: Layer, rows: Int, input: [Double], from first: Int = 0, parameters: [Double],
    transposed: [Double], into output: inout [Double], withBias: Bool = true, adding: Bool = false
  ) {
    precondition(
      first >= 0 && input.count >= (first + rows) * layer.inputs
        && output.count >= rows * layer.outputs && parameters.count >= layer.end
        && transposed.count >= layer.inputs * layer.outputs)
    guard rows > 0 else { return }
    let width = layer.outputs
    input.withUnsafeBufferPointer { x in
      parameters.withUnsafeBufferPointer { p in
        transposed.withUnsafeBufferPointer { w in
          output.withUnsafeMutableBufferPointer { z in
            guard let x = x.baseAddress, let p = p.baseAddress, let w = w.baseAddress,
              let z = z.baseAddress
            else { return }
            if withBias {
              let bias = p + layer.biases
              for row in 0..<rows {
                let to = z + row * width
                if adding {
                  for j in 0..<width { to[j] += bias[j] }
                } else {
                  for j in 0..<width { to[j] = bias[j] }
                }
              }
            }
            blockedProduct(
              rows: rows, columns: width, inner: layer.inputs,
              a: StridedMatrix(base: x + first * layer.inputs, row: layer.inputs, column: 1), b: w,
              bRow: width, c: z, cRow: width, adding: withBias || adding)
          }
        }
      }
    }
  }

  /// The weights of a layer with inputs as rows, as `forward` reads them.
  @inline(never)
  package static func transpose(
    _ layer: Layer, parameters: [Double], into transposed: inout [Double]
  ) {
    precondition(
      parameters.count >= layer.end && transposed.count >= layer.inputs * layer.outputs)
    let inputs = layer.inputs
    let outputs = layer.outputs
    parameters.withUnsafeBufferPointer { p in
      transposed.withUnsafeMutableBufferPointer { t in
        guard let p = p.baseAddress, let t = t.baseAddress else { return }
        let w = p + layer.weights
        if outputs == 1 {
          t.update(from: w, count: inputs)
          return
        }
        // Four rows at a time, so that stores go out as whole vectors.
        var o = 0
        while o + 4 <= outputs {
          let from = w + o * inputs
          var to = t + o
          for i in 0..<inputs {
            store(
              SIMD4(
                from[i], from[i + inputs], from[i + 2 * inputs], from[i + 3 * inputs]), to)
            to += outputs
          }
          o += 4
        }
        while o < outputs {
          let from = w + o * inputs
          let to = t + o
          for i in 0..<inputs { to[i * outputs] = from[i] }
          o += 1
        }
      }
    }
  }

  /// Adds D' H to the layer's weights and the column sums of D to its biases, inside `gradient`.
  ///
  /// - Parameters:
  ///   - first: the first row of `input` to read.
  ///   - withBias: whether the column sums are added.
  @inline(never)
  package static func addGradient(
    _ layer: Layer, rows: Int, delta: [Double], input: [Double], from first: Int = 0,
    into gradient: inout [Double], withBias: Bool = true
  ) {
    precondition(
      first >= 0 && input.count >= (first + rows) * layer.inputs
        && delta.count >= rows * layer.outputs && gradient.count >= layer.end)
    guard rows > 0 else { return }
    let width = layer.outputs
    input.withUnsafeBufferPointer { h in
      delta.withUnsafeBufferPointer { d in
        gradient.withUnsafeMutableBufferPointer { g in
          guard let h = h.baseAddress, let d = d.baseAddress, let g = g.baseAddress else { return }
          blockedProduct(
            rows: width, columns: layer.inputs, inner: rows,
            a: StridedMatrix(base: d, row: 1, column: width), b: h + first * layer.inputs,
            bRow: layer.inputs, c: g + layer.weights, cRow: layer.inputs, adding: true)
          guard withBias else { return }
          let bias = g + layer.biases
          for row in 0..<rows {
            let from = d + row * width
            for j in 0..<width { bias[j] += from[j] }
          }
        }
      }
    }
  }

  /// The gradient with respect to a layer's input: (rows x inputs) = or += D W.
  @inline(never)
  package static func backward(
    _ layer: Layer, rows: Int, delta: [Double], parameters: [Double],
    into inputDelta: inout [Double], adding: Bool = false
  ) {
    precondition(
      inputDelta.count >= rows * layer.inputs && delta.count >= rows * layer.outputs
        && parameters.count >= layer.end)
    guard rows > 0 else { return }
    delta.withUnsafeBufferPointer { d in
      parameters.withUnsafeBufferPointer { p in
        inputDelta.withUnsafeMutableBufferPointer { c in
          guard let d = d.baseAddress, let p = p.baseAddress, let c = c.baseAddress else { return }
          blockedProduct(
            rows: rows, columns: layer.inputs, inner: layer.outputs,
            a: StridedMatrix(base: d, row: layer.outputs, column: 1), b: p + layer.weights,
            bRow: layer.inputs, c: c, cRow: layer.inputs, adding: adding)
        }
      }
    }
  }

  /// Copies chosen rows of a matrix: what a minibatch is made of.
  package static func gather(
    _ rows: ArraySlice<Int>, of matrix: [Double], width: Int, into batch: inout [Double]
  ) {
    precondition(batch.count >= rows.count * width)
    matrix.withUnsafeBufferPointer { from in
      batch.withUnsafeMutableBufferPointer { to in
        guard width > 0, let from = from.baseAddress, let to = to.baseAddress else { return }
        var at = 0
        for row in rows {
          precondition(row >= 0 && (row + 1) * width <= matrix.count)
          (to + at).update(from: from + row * width, count: width)
          at += width
        }
      }
    }
  }
}
