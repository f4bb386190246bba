internal import FairpostNumerics

/// Groups put together by size, for bounds that depend on a group's size alone.
///
/// A few different sizes are a class each, and nothing is lost. Many different ones are put into
/// classes of rising size, and each class counts as its smallest group: bounds only get wider.
struct SizeClasses {
  private static let most = 48

  /// The class of each group.
  private(set) var codes: [Int] = []
  /// The size each class counts as.
  private(set) var sizes: [Double] = []
  /// The groups of each class.
  private(set) var counts: [Int] = []

  init(_ groups: [Double]) {
    var distinct = groups.sorted()
    var last = Double.nan
    distinct.removeAll { size in
      defer { last = size }
      return size == last
    }
    if distinct.count > Self.most, let least = distinct.first, let greatest = distinct.last {
      let step = Elementary.log(greatest / least) / Double(Self.most)
      var next = least
      var kept: [Double] = []
      for size in distinct where size >= next {
        kept.append(size)
        next = size * Elementary.exp(step)
      }
      distinct = kept
    }
    sizes = distinct
    counts = [Int](repeating: 0, count: sizes.count)
    for size in groups {
      let code = sizes.firstPlace { $0 > size } - 1
      codes.append(code)
      counts[code] += 1
    }
  }
}
