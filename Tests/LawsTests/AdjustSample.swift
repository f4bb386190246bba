import FairpostNumerics
import FairpostTestSupport

/// Seeded normal groups as text: an id, a group, a second attribute, a score and a tied score.
struct AdjustSample {
  struct Row {
    let id: Int
    let group: String
    let region: String
    let score: Double
    let grade: Double
  }

  static let header = "id,group,region,p,grade"
  var rows: [Row] = []

  init(_ sizes: [Int], seed: UInt64, names: [String] = ["a", "b", "c", "d"]) {
    var random = RandomStream(seed: seed, purpose: "tests.laws.adjust")
    for (place, size) in sizes.enumerated() {
      for _ in 0..<size {
        let score = Double(place) + (1 + 0.5 * Double(place)) * random.normal()
        let region = random.uniform() < 0.6 ? "north" : "south"
        rows.append(
          Row(
            id: rows.count + 1, group: names[place], region: region, score: score,
            grade: score.rounded()))
      }
    }
    // Groups are mixed, as in real files.
    rows = random.permutation(rows.count).map { rows[$0] }
  }

  /// The table as CSV.
  func csv(_ chosen: [Row]? = nil, score: (Double) -> Double = { $0 }) -> [UInt8] {
    var text = Self.header + "\n"
    for row in chosen ?? rows {
      text += "\(row.id),\(row.group),\(row.region),\(score(row.score)),\(row.grade)\n"
    }
    return Array(text.utf8)
  }
}

/// A table that the program wrote, by column.
struct Output {
  let header: [String]
  let rows: [[String]]

  init(_ bytes: [UInt8]) {
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    header = lines.isEmpty ? [] : lines.removeFirst()
    rows = lines
  }

  func texts(_ name: String) -> [String] {
    guard let place = header.firstIndex(of: name) else { return [] }
    return rows.map { $0[place] }
  }

  func numbers(_ name: String) -> [Double] { texts(name).map { Double($0) ?? .nan } }

  /// The numbers of a column by the texts of another.
  func numbers(_ name: String, by group: String) -> [String: [Double]] {
    Dictionary(grouping: zip(texts(group), numbers(name)), by: \.0).mapValues { $0.map(\.1) }
  }
}

func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }

/// The Wasserstein distances of order 1 and 2 of two equally large samples, from their definition.
func distances(_ a: [Double], _ b: [Double]) -> (w1: Double, w2: Double) {
  let gaps = zip(a.sorted(), b.sorted()).map { abs($0 - $1) }
  return (mean(gaps), mean(gaps.map { $0 * $0 }).squareRoot())
}

/// W1 of any two samples: the area between their empirical CDFs.
func areaBetween(_ a: [Double], _ b: [Double]) -> Double {
  let points = Set(a + b).sorted()
  let (a, b) = (a.sorted(), b.sorted())
  var (i, j, area) = (0, 0, 0.0)
  for (x, next) in zip(points, points.dropFirst()) {
    while i < a.count, a[i] <= x { i += 1 }
    while j < b.count, b[j] <= x { j += 1 }
    area += abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)) * (next - x)
  }
  return area
}

/// The Kolmogorov-Smirnov distance of two samples: the largest gap of their empirical CDFs.
func largestGap(_ a: [Double], _ b: [Double]) -> Double {
  let (a, b) = (a.sorted(), b.sorted())
  var (i, j, largest) = (0, 0, 0.0)
  for x in Set(a + b).sorted() {
    while i < a.count, a[i] <= x { i += 1 }
    while j < b.count, b[j] <= x { j += 1 }
    largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
  }
  return largest
}
