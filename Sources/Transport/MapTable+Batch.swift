extension MapTable {
  /// Maps chosen rows of a batch in place, keeping `epsilon` of each; the result is that of single
  /// calls.
  ///
  /// - Returns: the rows whose number lies outside the knots, with the number; they are mapped as
  ///   if at the nearest knot.
  package func map(
    _ rows: ArraySlice<Int32>, of values: inout [Double], epsilon: Double
  ) -> [(row: Int, x: Double)] {
    var outside: [(row: Int, x: Double)] = []
    let (knotList, imageList) = (knots, images)
    let (knots, images) = (knotList.span, imageList.span)
    let (least, greatest, last) = (self.least, self.greatest, knots.count)
    let isLinear = interpolation == .linear
    let index = self.index
    let rowSpan = rows.span
    var values = values.mutableSpan
    for place in rowSpan.indices {
      let row = Int(rowSpan[place])
      let x = values[row]
      var y: Double
      if x >= least && x < greatest {
        let place = index.countThrough(x, in: knots)
        y = images[place &- 1]
        if isLinear {
          let knot = knots[place &- 1]
          if x != knot, place < last {
            // As in `value(_:at:)`, operation for operation.
            let next = images[place]
            let between = y + (next - y) * ((x - knot) / (knots[place] - knot))
            y = between < next ? between : next
          }
        }
      } else {
        y = x < least ? below : images[last &- 1]
        if x != greatest { outside.append((row, x)) }
      }
      if epsilon != 0 { y = epsilon == 1 ? x : (1 - epsilon) * y + epsilon * x }
      values[row] = y
    }
    return outside
  }
}
