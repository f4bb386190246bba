/// Whether two numbers agree to an absolute or a relative tolerance, whichever is wider; NaN agrees with NaN.
package func isClose(
  _ a: Double, _ b: Double, absolute: Double = 0, relative: Double = 0
) -> Bool {
  if a == b || (a.isNaN && b.isNaN) { return true }
  return abs(a - b) <= max(absolute, relative * max(abs(a), abs(b)))
}

/// The largest absolute difference of two equally long lists; infinite where lengths or NaNs differ.
package func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) where !(x == y || (x.isNaN && y.isNaN)) {
    let difference = abs(x - y)
    largest = difference.isNaN ? .infinity : max(largest, difference)
  }
  return largest
}
