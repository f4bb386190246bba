internal import FairpostNumerics
internal import FairpostTransport

/// Decides which results of a step are equal, so that the next step meets ties as ties.
///
/// Records of two groups that end at one place do so by different sums, and these differ in the last
/// bit; the next step would then rank one below the other, which moves both. Results are sums in two
/// Doubles, right to a unit in the last place or two of the largest score M; so are scores written as
/// decimals. Results within 16 x 2^-53 M of each other are therefore one, and get one number: the map's
/// knots then say exactly which records are tied, in the fit and when it is applied.
///
/// The rule is right where different results lie farther apart. Of N records with scores of d decimals
/// and at most m to an atom they lie at least 10^-d / (N m^2) apart. A quarter of the smallest gap
/// between two scores that go into the step is the most that is taken for rounding, whatever M.
enum StepTies {
  /// The tables with equal results made the same number.
  static func decided(_ tables: [MapTable], inputs: [Distribution]) -> [MapTable] {
    var gap = Double.infinity
    for input in inputs {
      for place in input.values.indices.dropFirst() {
        gap = min(gap, input.values[place] - input.values[place - 1])
      }
    }
    var images = tables.flatMap(\.images)
    Sorting.sort(&images)
    guard let first = images.first, let last = images.last else { return tables }
    let width = min(0x1p-49 * max(abs(first), abs(last)), gap / 4)
    // The least of each class, and of the next.
    var starts: [Double] = []
    for image in images {
      if let start = starts.last, image <= start + width { continue }
      starts.append(image)
    }
    return tables.map { table in
      var at = 0
      let decided = table.images.map { image in
        while at + 1 < starts.count, starts[at + 1] <= image { at += 1 }
        return starts[at]
      }
      if decided == table.images { return table }
      return MapTable(
        knots: table.knots, images: decided, interpolation: table.interpolation,
        below: min(table.below, decided[0]))
    }
  }
}
