/// Many exact sums side by side, 20 bytes each where numbers are of usual size.
///
/// What is added to a sum may come in any order and in any parts: the value is the exact sum rounded
/// once. Each sum is a fixed-point number of 128 bits; what does not fit it goes to an `ExactSum` of
/// its own, which few sums need.
package struct ExactSums: Sendable {
  /// In units of 2^-106.
  @usableFromInline var near: [Int128]
  /// Where each sum's far part stands; -1 for none.
  private var places: [Int32]
  private var far: [ExactSum] = []
  /// Sums of what is not finite.
  private var special: [Int: Double] = [:]

  /// The exponent of the units.
  @usableFromInline static var scale: Int { 106 }

  /// A number of sums of nothing.
  package init(count: Int = 0) {
    near = [Int128](repeating: 0, count: count)
    places = [Int32](repeating: -1, count: count)
  }

  /// How many sums there are.
  package var count: Int { near.count }

  /// Adds sums of nothing at the end until there are this many.
  package mutating func grow(to count: Int) {
    guard count > near.count else { return }
    near.append(contentsOf: repeatElement(0, count: count - near.count))
    places.append(contentsOf: repeatElement(-1, count: count - places.count))
  }

  /// Adds a number to a sum.
  @inlinable @inline(__always)
  package mutating func add(_ number: Double, at index: Int) {
    let bits = number.bitPattern
    // What is as large as 2^20, or has bits below the unit, is far.
    let shift = Int((bits &>> 52) & 0x7FF) &- 1075 &+ Self.scale
    if shift >= 0, shift <= 72 {
      let significand = bits & 0x000F_FFFF_FFFF_FFFF | (1 &<< 52)
      let units = Int128(truncatingIfNeeded: significand) &<< Int128(truncatingIfNeeded: shift)
      let (sum, isOver) = near[index].addingReportingOverflow(number < 0 ? 0 &- units : units)
      if !isOver {
        near[index] = sum
        return
      }
    }
    if number != 0 { addFar(number, at: index) }
  }

  /// Adds a number so many times.
  @inlinable
  package mutating func add(_ number: Double, times: Int, at index: Int) {
    if times == 1 { return add(number, at: index) }
    add(product: number, Double(times), at: index)
  }

  /// Adds a product, exactly unless it is out of the range of Doubles.
  @inlinable
  package mutating func add(product left: Double, _ right: Double, at index: Int) {
    let product = left * right
    add(product, at: index)
    if product.isFinite { add((-product).addingProduct(left, right), at: index) }
  }

  @inline(never) @usableFromInline
  mutating func addFar(_ number: Double, at index: Int) {
    guard number.isFinite else {
      special[index, default: 0] += number
      return
    }
    far[place(index)].add(number)
  }

  private mutating func place(_ index: Int) -> Int {
    if places[index] < 0 {
      places[index] = Int32(far.count)
      far.append(ExactSum())
    }
    return Int(places[index])
  }

  /// Adds one of another's sums to one of these.
  package mutating func add(_ other: ExactSums, from: Int, at index: Int) {
    let (sum, isOver) = near[index].addingReportingOverflow(other.near[from])
    if isOver {
      far[place(index)].add(units: other.near[from], scale: Self.scale)
    } else {
      near[index] = sum
    }
    if other.places[from] >= 0 { far[place(index)].add(other.far[Int(other.places[from])]) }
    if !other.special.isEmpty, let number = other.special[from] {
      special[index, default: 0] += number
    }
  }

  /// One of the sums by itself; nil where it is not finite.
  package func sum(at index: Int) -> ExactSum? {
    guard special.isEmpty || special[index] == nil else { return nil }
    var sum = places[index] < 0 ? ExactSum() : far[Int(places[index])]
    sum.add(units: near[index], scale: Self.scale)
    return sum
  }

  /// One of the sums, rounded once to the nearest Double.
  package func value(at index: Int) -> Double {
    if !special.isEmpty, let number = special[index] { return number }
    if places[index] >= 0 { return sum(at: index)?.value ?? .nan }
    let magnitude = near[index].magnitude
    if magnitude == 0 { return 0 }
    // 64 bits, the last of which stands for all that follow, are rounded by the processor.
    let drop = max(0, 64 - magnitude.leadingZeroBitCount)
    var leading = UInt64(truncatingIfNeeded: magnitude &>> UInt128(drop))
    if UInt128(leading) &<< UInt128(drop) != magnitude { leading |= 1 }
    let value = Double(
      sign: .plus, exponent: drop - Self.scale, significand: Double(leading))
    return near[index] < 0 ? -value : value
  }
}

extension ExactSum {
  /// Adds a whole number of units of 2^-scale.
  mutating func add(units: Int128, scale: Int) {
    var rest = units.magnitude
    var exponent = -scale
    while rest != 0 {
      let limb = Double(UInt32(truncatingIfNeeded: rest))
      let number = Double(sign: .plus, exponent: exponent, significand: limb)
      add(units < 0 ? -number : number)
      rest &>>= 32
      exponent += 32
    }
  }

  /// Adds the product of another sum and a number, exactly unless it is out of the range of Doubles.
  ///
  /// - Returns: whether everything was finite.
  package mutating func add(_ other: ExactSum, times factor: Double) -> Bool {
    for part in other.parts {
      let product = part * factor
      guard product.isFinite else { return false }
      add(product)
      add((-product).addingProduct(part, factor))
    }
    return true
  }
}
