import FairpostNumerics
import Testing

struct GroupedSortTests {
  /// Random numbers with ties, lumps, far outliers, negative zeros and missing ones, in some groups.
  private static func sample(_ count: Int, groups: Int, index: UInt64) -> ([Double], [Int32]) {
    var stream = RandomStream(seed: 5, purpose: "grouped sort", index: index)
    var numbers: [Double] = []
    var codes: [Int32] = []
    for _ in 0..<count {
      let kind = stream.uniform()
      let value = stream.uniform()
      numbers.append(
        kind < 0.1
          ? (value * 8).rounded() / 8
          : kind < 0.12 ? .nan : kind < 0.125 ? value * 1e300 : kind < 0.2 ? -0.0 : value)
      codes.append(Int32(stream.uniform() * Double(groups + 1)) - 1)
    }
    return (numbers, codes)
  }

  @Test(arguments: [(10, 1), (1000, 3), (100_000, 5), (50_000, 2000)], [1, 2, 3])
  func sortsAsTheLibraryDoes(shape: (rows: Int, groups: Int), threads: Int) throws {
    let (numbers, codes) = Self.sample(
      shape.rows, groups: shape.groups, index: UInt64(shape.rows))
    let sorted = try #require(
      GroupedSort(numbers, groups: codes, count: shape.groups, threads: threads))
    var ranks = [Double](repeating: -1, count: numbers.count)
    var expected = ranks
    for group in 0..<shape.groups {
      let rows = numbers.indices.filter { codes[$0] == Int32(group) && !numbers[$0].isNaN }
      // Swift's sort is stable, so equal numbers stay in order of row.
      let order = rows.sorted { numbers[$0] < numbers[$1] }
      #expect(sorted.values[group] == order.map { numbers[$0] })
      for (rank, row) in order.enumerated() { expected[row] = Double(rank) }
    }
    sorted.replace(in: &ranks, threads: threads) { _, slice in slice.indices.map(Double.init) }
    #expect(ranks == expected)
  }

  @Test func refusesWhatNoBucketCanHold() {
    for bad in [Double.infinity, -.infinity] {
      #expect(GroupedSort([1, bad, 2], groups: [0, 0, 0], count: 1, threads: 2) == nil)
      #expect(GroupedSort([1, bad, 2], groups: [0, -1, 0], count: 1, threads: 2) != nil)
    }
  }

  @Test(arguments: [1, 2]) func renumbersCodes(threads: Int) {
    var codes = (0..<200_000).map { Int32($0 % 4) - 1 }
    let expected = codes.map { $0 < 0 ? -1 : 10 - $0 }
    Parallel.renumber(&codes, by: [10, 9, 8], threads: threads)
    #expect(codes == expected)
  }

  @Test func anInlineQuantileIsGSLs() {
    var stream = RandomStream(seed: 6, purpose: "type 7", index: 0)
    for count in [1, 2, 3, 10, 1000] {
      let list = (0..<count).map { _ in stream.uniform() }.sorted()
      let levels = [0, 1, 0.5] + (0..<500).map { _ in stream.uniform() }
      let sums = Parallel.fill(levels.count, stretch: 100, threads: 2) { range, sums in
        let part = Array(levels[range])
        SampleQuantile.addType7(list, at: part.span, weight: 0.3, to: &sums)
      }
      let same = zip(levels, sums).allSatisfy { level, sum in
        sum.bitPattern == (0.3 * SampleQuantile.type7(list.span, at: level)).bitPattern
      }
      #expect(same)
    }
  }
}
