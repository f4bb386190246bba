/// A keyed 64-bit hash of bytes that is the same on every machine and in every version.
///
/// Everything random in the program is keyed by (seed, purpose, record), never by position: that is
/// what gives one record one answer. The key is folded in once; hashing a record is one
/// multiplication per eight bytes. It is not a cryptographic hash.
///
/// Changing one constant here changes every split, every tie and every digest ever written.
package struct StableHash: Sendable {
  @usableFromInline let key: UInt64

  /// A hash for one purpose under one seed; two purposes never share random choices.
  package init(seed: UInt64, purpose: StaticString) {
    var key = Self.fold(seed ^ 0x9E37_79B9_7F4A_7C15, 0xA076_1D64_78BD_642F)
    let name = purpose.description
    for byte in name.utf8 {
      key = Self.fold(key ^ UInt64(byte), 0xE703_7ED1_A0B4_28DB)
    }
    self.key = key
  }

  /// The high and low half of the 128-bit product, folded together: the whole mixing step.
  @inlinable @inline(__always)
  static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// The hash of some bytes.
  @inlinable
  package func callAsFunction(_ bytes: RawSpan) -> UInt64 {
    var state = key ^ UInt64(truncatingIfNeeded: bytes.byteCount)
    let count = bytes.byteCount
    var at = 0
    while at &+ 8 <= count {
      // In bounds by the loop condition; little-endian order makes the hash machine-independent.
      let word = unsafe UInt64(
        littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
      state = Self.fold(state ^ word, 0x8EBC_6AF0_9C88_C6E3)
      at &+= 8
    }
    if at < count {
      var word: UInt64 = 0
      var shift: UInt64 = 0
      while at < count {
        let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
        word |= UInt64(byte) &<< shift
        shift &+= 8
        at &+= 1
      }
      state = Self.fold(state ^ word, 0x589F_1B5A_3C61_9B1D)
    }
    return Self.fold(state ^ 0x1D8E_4E27_C47D_124F, state &+ 0xEB44_ACCA_B455_D165)
  }

  /// The hash of bytes that stand in a buffer.
  @inlinable
  package func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    self(RawSpan(_unsafeBytes: bytes))
  }

  /// The hash of a text's UTF-8 bytes.
  package func callAsFunction(_ text: String) -> UInt64 {
    let bytes = Array(text.utf8)
    return self(bytes.span.bytes)
  }

  /// The hash of a field's bytes.
  package func callAsFunction(_ text: ByteText) -> UInt64 {
    text.bytes.withUnsafeBytes { self($0) }
  }

  /// The hash of a number, for things that have no bytes of their own.
  @inlinable
  package func callAsFunction(_ number: UInt64) -> UInt64 {
    let state = Self.fold(key ^ number, 0x8EBC_6AF0_9C88_C6E3)
    return Self.fold(state ^ 0x1D8E_4E27_C47D_124F, state &+ 0xEB44_ACCA_B455_D165)
  }
}
