internal import FairpostCGSL

/// A reproducible stream of random numbers (xoshiro256++), started from a 64-bit key.
///
/// The stream is the same on every machine. Keys come from `StableHash`, so that neighbouring seeds
/// give unrelated streams.
package struct RandomStream: RandomNumberGenerator, Sendable {
  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64

  /// A stream from a key; every key gives another stream.
  package init(key: UInt64) {
    // SplitMix64 spreads the key over the four words; it never yields four zeros.
    var state = key
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z &>> 31)
    }
    s0 = next()
    s1 = next()
    s2 = next()
    s3 = next()
  }

  /// A stream for one purpose under a seed.
  package init(seed: UInt64, purpose: StaticString, index: UInt64 = 0) {
    self.init(key: StableHash(seed: seed, purpose: purpose)(index))
  }

  /// The next 64 random bits.
  @inlinable
  package mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = ((sum &<< 23) | (sum &>> 41)) &+ s0
    let t = s1 &<< 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 &<< 45) | (s3 &>> 19)
    return result
  }

  /// A uniform number strictly between 0 and 1, on a grid of 2^-53 shifted by half a step.
  @inlinable
  package mutating func uniform() -> Double {
    (Double(next() &>> 12) + 0.5) * 0x1p-52
  }

  /// A uniform whole number in 0..<bound, without modulo bias.
  @inlinable
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0)
    let wide = UInt64(bound)
    var product = next().multipliedFullWidth(by: wide)
    if product.low < wide {
      let threshold = (0 &- wide) % wide
      while product.low < threshold { product = next().multipliedFullWidth(by: wide) }
    }
    return Int(product.high)
  }

  /// A standard normal number by inversion: one uniform gives one normal, whatever came before.
  package mutating func normal() -> Double {
    Normal.quantile(uniform())
  }

  /// A random permutation of 0..<count (Fisher-Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    var i = count - 1
    while i > 0 {
      order.swapAt(i, below(i + 1))
      i -= 1
    }
    return order
  }
}
