#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Element by element functions of the learning engine, over the first `count` places of arrays.
package enum Elementwise {
  /// 1 / (1 + exp(-x)), without overflow at either end.
  package static func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
  }

  /// exp(x).
  package static func exponential(_ x: Double) -> Double { exp(x) }

  /// The natural logarithm.
  package static func logarithm(_ x: Double) -> Double { log(x) }

  /// The cosine of an angle in radians.
  package static func cosine(_ x: Double) -> Double { cos(x) }

  /// The sine of an angle in radians.
  package static func sine(_ x: Double) -> Double { sin(x) }

  /// x to a whole power.
  package static func power(_ x: Double, _ n: Int) -> Double { pow(x, Double(n)) }

  /// log(1 + exp(x)), without overflow and exact in the tails.
  package static func softplus(_ x: Double) -> Double {
    x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
  }

  /// max(x, 0) in place; exactly 0 at and below 0.
  package static func relu(_ x: inout [Double], count: Int) {
    precondition(x.count >= count)
    x.withUnsafeMutableBufferPointer { x in
      for i in 0..<count { x[i] = x[i] > 0 ? x[i] : 0 }
    }
  }

  /// The hyperbolic tangent in place.
  package static func tanh(_ x: inout [Double], count: Int) {
    precondition(x.count >= count)
    for i in 0..<count { x[i] = hyperbolicTangent(x[i]) }
  }

  /// Keeps `y` where `gate` is positive and makes it 0 elsewhere: backward through `relu`.
  package static func keepPositive(_ gate: [Double], count: Int, in y: inout [Double]) {
    precondition(gate.count >= count && y.count >= count)
    gate.withUnsafeBufferPointer { gate in
      y.withUnsafeMutableBufferPointer { y in
        guard let gate = gate.baseAddress, let y = y.baseAddress else { return }
        var i = 0
        while i + 4 <= count {
          let keep: SIMD4<Double> = load(gate + i)
          let value: SIMD4<Double> = load(y + i)
          store(value.replacing(with: 0, where: keep .<= 0), y + i)
          i += 4
        }
        while i < count {
          y[i] = gate[i] > 0 ? y[i] : 0
          i += 1
        }
      }
    }
  }

  /// y = y (1 - t^2): backward through the hyperbolic tangent with value t.
  package static func timesTanhSlope(_ t: [Double], count: Int, in y: inout [Double]) {
    precondition(t.count >= count && y.count >= count)
    t.withUnsafeBufferPointer { t in
      y.withUnsafeMutableBufferPointer { y in
        for i in 0..<count { y[i] = y[i] * (1 - t[i] * t[i]) }
      }
    }
  }

  /// y = y m.
  package static func multiply(_ m: [Double], count: Int, in y: inout [Double]) {
    precondition(m.count >= count && y.count >= count)
    m.withUnsafeBufferPointer { m in
      y.withUnsafeMutableBufferPointer { y in
        for i in 0..<count { y[i] = y[i] * m[i] }
      }
    }
  }

  /// Multiplies each row of a matrix by its own number.
  package static func scaleRows(_ factors: [Double], width: Int, in y: inout [Double]) {
    precondition(y.count >= factors.count * width)
    y.withUnsafeMutableBufferPointer { y in
      for row in factors.indices {
        let factor = factors[row]
        for i in row * width..<(row + 1) * width { y[i] *= factor }
      }
    }
  }

  /// y = y + a x.
  package static func add(_ a: Double, times x: [Double], to y: inout [Double]) {
    precondition(x.count == y.count)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for i in 0..<x.count { y[i] = y[i] + a * x[i] }
      }
    }
  }

  /// z = z + x y, place by place.
  package static func addProducts(
    _ x: [Double], _ y: [Double], count: Int, to z: inout [Double]
  ) {
    precondition(x.count >= count && y.count >= count && z.count >= count)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        z.withUnsafeMutableBufferPointer { z in
          for i in 0..<count { z[i] += x[i] * y[i] }
        }
      }
    }
  }

  /// y = a x over the first `count` places.
  package static func scale(_ a: Double, _ x: [Double], count: Int, into y: inout [Double]) {
    precondition(x.count >= count && y.count >= count)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for i in 0..<count { y[i] = a * x[i] }
      }
    }
  }

  /// z = y + a x, into another array.
  package static func sum(
    _ y: [Double], _ a: Double, times x: [Double], into z: inout [Double]
  ) {
    precondition(x.count == y.count && z.count == y.count)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        z.withUnsafeMutableBufferPointer { z in
          for i in 0..<x.count { z[i] = y[i] + a * x[i] }
        }
      }
    }
  }

  /// Makes every number 0, or the first `count`.
  package static func clear(_ y: inout [Double], count: Int? = nil) {
    y.withUnsafeMutableBufferPointer { $0[..<(count ?? $0.count)].update(repeating: 0) }
  }

  /// Whether no number is infinite or NaN.
  package static func isFinite(_ x: [Double]) -> Bool {
    // A difference of a number from itself is 0 unless there is none.
    var sum = 0.0
    x.withUnsafeBufferPointer { x in
      for i in 0..<x.count { sum += x[i] - x[i] }
    }
    return sum == 0
  }

  /// The inner product, summed in ascending order.
  package static func dot(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count)
    var sum = 0.0
    for i in 0..<x.count { sum += x[i] * y[i] }
    return sum
  }

  /// One Adam update of every parameter (Kingma & Ba 2015, algorithm 1).
  ///
  /// - Parameters:
  ///   - rate: the step size.
  ///   - correction1: 1 - beta1^t.
  ///   - correction2: 1 - beta2^t.
  ///   - decay: what is subtracted from each parameter in proportion to it (AdamW), times `rate`.
  package static func adam(
    parameters: inout [Double], first: inout [Double], second: inout [Double], gradient: [Double],
    rate: Double, beta1: Double, beta2: Double, epsilon: Double, correction1: Double,
    correction2: Double, decay: Double
  ) {
    let count = parameters.count
    precondition(first.count == count && second.count == count && gradient.count == count)
    parameters.withUnsafeMutableBufferPointer { p in
      first.withUnsafeMutableBufferPointer { m in
        second.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { g in
            guard let p = p.baseAddress, let m = m.baseAddress, let v = v.baseAddress,
              let g = g.baseAddress
            else { return }
            let keep = 1 - rate * decay
            let rest1 = 1 - beta1
            let rest2 = 1 - beta2
            var i = 0
            // The same operations in the same order for four parameters and for one.
            while i + 4 <= count {
              let slope: SIMD4<Double> = load(g + i)
              let mean = beta1 * (load(m + i) as SIMD4<Double>) + rest1 * slope
              let square = beta2 * (load(v + i) as SIMD4<Double>) + rest2 * (slope * slope)
              let root = (square / correction2).squareRoot() + epsilon
              let step = (mean / correction1) / root
              store(mean, m + i)
              store(square, v + i)
              store(keep * (load(p + i) as SIMD4<Double>) - rate * step, p + i)
              i += 4
            }
            while i < count {
              m[i] = beta1 * m[i] + rest1 * g[i]
              v[i] = beta2 * v[i] + rest2 * (g[i] * g[i])
              let step = (m[i] / correction1) / ((v[i] / correction2).squareRoot() + epsilon)
              p[i] = keep * p[i] - rate * step
              i += 1
            }
          }
        }
      }
    }
  }
}

private func hyperbolicTangent(_ x: Double) -> Double {
  #if canImport(Glibc)
    Glibc.tanh(x)
  #else
    Darwin.tanh(x)
  #endif
}
