import FairpostNumerics
import Testing

/// Products inside stretches of rows against plain loops.
@Suite struct StretchesTests {
  private func draw(_ count: Int, _ index: UInt64) -> [Double] {
    var stream = RandomStream(seed: 8, purpose: "test.stretches", index: index)
    return (0..<count).map { _ in stream.normal() }
  }

  @Test(arguments: [(1, 1, 1, 1), (3, 5, 5, 20), (4, 2, 7, 10), (2, 9, 3, 6), (5, 10, 10, 2)])
  func innerProducts(_ count: Int, _ rows: Int, _ others: Int, _ width: Int) {
    let a = draw(count * rows * width, 1)
    let b = draw(count * others * width, 2)
    var g = draw(count * rows * others, 3)
    Stretches.innerProducts(
      count, rows: rows, others: others, width: width, a, b, plus: 1, into: &g)
    for t in 0..<count {
      for i in 0..<rows {
        for j in 0..<others {
          var sum = 1.0
          for k in 0..<width {
            sum += a[(t * rows + i) * width + k] * b[(t * others + j) * width + k]
          }
          #expect(abs(g[(t * rows + i) * others + j] - sum) < 1e-13)
        }
      }
    }
  }

  /// One ascending sum each, so the same to the last bit.
  @Test(arguments: [(1, 1, 1, 1), (3, 5, 5, 20), (4, 2, 7, 11), (2, 9, 3, 6), (5, 10, 10, 3)])
  func addProducts(_ count: Int, _ rows: Int, _ others: Int, _ width: Int) {
    let g = draw(count * rows * others, 4)
    for transposed in [false, true] {
      let outer = transposed ? others : rows
      let inner = transposed ? rows : others
      let b = draw(count * inner * width, 5)
      let before = draw(count * outer * width, 6)
      var c = before
      Stretches.addProducts(
        count, rows: rows, others: others, width: width, g, transposed: transposed, b, into: &c)
      for t in 0..<count {
        for i in 0..<outer {
          for w in 0..<width {
            let at = (t * outer + i) * width + w
            var sum = before[at]
            for k in 0..<inner {
              let place = transposed ? k * others + i : i * others + k
              sum += g[t * rows * others + place] * b[(t * inner + k) * width + w]
            }
            #expect(c[at] == sum)
          }
        }
      }
    }
  }

  @Test func finiteNumbers() {
    #expect(Elementwise.isFinite([]) && Elementwise.isFinite([1, -1e308, 0]))
    #expect(!Elementwise.isFinite([1, .nan]) && !Elementwise.isFinite([.infinity, 1]))
  }
}
