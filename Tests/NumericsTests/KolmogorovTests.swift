import FairpostNumerics
import FairpostTestSupport
import Testing

@Suite struct KolmogorovTests {
  /// Table values of the Kolmogorov distribution (Smirnov 1948; Abramowitz and Stegun style tables).
  @Test(arguments: [
    (1.2238478702170823, 0.1), (1.3580986393225505, 0.05), (1.6276236115189499, 0.01),
  ])
  func upperQuantiles(_ x: Double, _ p: Double) {
    #expect(isClose(Kolmogorov.upperQuantile(p), x, absolute: 1e-9))
    #expect(isClose(Kolmogorov.upperTail(x), p, absolute: 1e-12))
  }

  @Test func bothSeriesAgreeWhereTheyMeet() {
    #expect(
      isClose(Kolmogorov.upperTail(1), Kolmogorov.upperTail(1.0.nextDown), absolute: 1e-14))
    #expect(isClose(Kolmogorov.mean, 0.8687311606361592, absolute: 1e-14))
  }

  @Test func radius() {
    // ln(2/0.05) / 200, by hand: 3.6888794541 / 200 = 0.0184443973.
    #expect(
      isClose(
        Kolmogorov.distributionFreeRadius(count: 100, probability: 0.05), 0.13581015157,
        absolute: 1e-10))
  }

  @Test func type7() {
    #expect(SampleQuantile.type7([1.0, 2, 4, 8].span, at: 0.5) == 3)
    #expect(SampleQuantile.type7([1.0, 2, 4, 8].span, at: 1) == 8)
    #expect(SampleQuantile.type7([5.0].span, at: 0.3) == 5)
  }
}
