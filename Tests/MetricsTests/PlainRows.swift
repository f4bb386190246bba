import Foundation

/// Rows of a small table, and figures of them written out as loops over rows or pairs of rows: the
/// second route that the table of metrics is checked by.
struct PlainRow {
  /// Label, score, decision and group.
  var y: Double
  var s: Double
  var d: Int
  var g: String
  /// The second task's score and decision.
  var t: Double
  var e: Int
  /// The class and the class decided.
  var c: Int
  var p: Int
  var age: Double
  /// The stratum.
  var k: String

  /// The score's logit.
  var z: Double { log(s / (1 - s)) }
}

extension [PlainRow] {
  typealias Test = @Sendable (PlainRow) -> Bool

  func share(_ hits: (PlainRow) -> Bool, among: (PlainRow) -> Bool = { _ in true }) -> Double {
    let rows = filter(among)
    return Double(rows.filter(hits).count) / Double(rows.count)
  }

  func mean(_ value: (PlainRow) -> Double) -> Double {
    map(value).reduce(0, +) / Double(count)
  }

  var names: [String] { Set(map(\.g)).sorted() }

  func of(_ name: String) -> [PlainRow] { filter { $0.g == name } }

  var groups: [[PlainRow]] { names.map(of) }

  /// The groups in the order of their scores, the greatest first; no two are equal.
  private var list: [String] { sorted { $0.s > $1.s }.map(\.g) }

  /// How many of a group stand among the first places.
  func among(_ places: Int, _ name: String) -> Double {
    Double(list.prefix(places).filter { $0 == name }.count)
  }

  /// The logarithm of a group's share among the first places over its share of all.
  func skew(_ places: Int, _ name: String) -> Double {
    log(among(places, name) / Double(places) / (Double(of(name).count) / Double(count)))
  }

  /// The mean of 1 / log2(1 + place) over a group.
  func exposure(_ name: String) -> Double {
    let seen = list.enumerated().filter { $0.element == name }.map {
      1 / log2(Double($0.offset + 2))
    }
    return seen.reduce(0, +) / Double(seen.count)
  }

  /// How often a is above b, half for ties.
  static func above(_ a: [Double], _ b: [Double]) -> Double {
    var wins = 0.0
    for x in a { for y in b { wins += x > y ? 1 : x == y ? 0.5 : 0 } }
    return wins / Double(a.count * b.count)
  }

  /// The standard deviation of the scores, of all rows.
  var deviation: Double {
    let center = mean(\.s)
    return (map { ($0.s - center) * ($0.s - center) }.reduce(0, +) / Double(count)).squareRoot()
  }

  /// The difference of two selection rates in each stratum, averaged as Mantel and Haenszel do.
  static func commonGap(_ a: [PlainRow], _ b: [PlainRow]) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for k in Set(a.map(\.k)).intersection(b.map(\.k)) {
      let (x, y) = (a.filter { $0.k == k }, b.filter { $0.k == k })
      let own = 1 / (1 / Double(x.count) + 1 / Double(y.count))
      sum += own * (x.share { $0.d == 1 } - y.share { $0.d == 1 })
      weight += own
    }
    return sum / weight
  }

  /// The height of the ROC curve at a false positive rate: no two scores are equal, so that it only
  /// goes up and to the side.
  private func roc(_ x: Double) -> Double {
    let negatives = scores(label: 0).sorted(by: >)
    let threshold = negatives[Swift.min(Int(x * Double(negatives.count)), negatives.count - 1)]
    let positives = scores(label: 1)
    return Double(positives.count { $0 > threshold }) / Double(positives.count)
  }

  /// The area between two ROC curves, both steps.
  static func betweenCurves(_ a: [PlainRow], _ b: [PlainRow]) -> Double {
    let corners = [a, b].flatMap { rows -> [Double] in
      let count = rows.scores(label: 0).count
      return (0...count).map { Double($0) / Double(count) }
    }.sorted()
    return zip(corners, corners.dropFirst()).reduce(0) { sum, stretch in
      let middle = (stretch.0 + stretch.1) / 2
      return sum + (stretch.1 - stretch.0) * abs(a.roc(middle) - b.roc(middle))
    }
  }

  func scores(label: Double) -> [Double] { filter { $0.y == label }.map(\.s) }

  /// A worst pair of groups.
  func worstPair(_ body: ([PlainRow], [PlainRow]) -> Double) -> Double {
    var worst = -Double.infinity
    for a in groups {
      for b in groups where a[0].g != b[0].g { worst = Swift.max(worst, body(a, b)) }
    }
    return worst
  }

  static func ks(_ a: [Double], _ b: [Double]) -> Double {
    var largest = 0.0
    for x in a + b {
      let below = Double(a.count { $0 <= x }) / Double(a.count)
      largest = Swift.max(largest, abs(below - Double(b.count { $0 <= x }) / Double(b.count)))
    }
    return largest
  }

  /// The distance of order q by repeating both samples to the same size.
  static func transport(_ a: [Double], _ b: [Double], _ q: Double) -> Double {
    let x = a.sorted().flatMap { Swift.Array(repeating: $0, count: b.count) }
    let y = b.sorted().flatMap { Swift.Array(repeating: $0, count: a.count) }
    let sum = zip(x, y).reduce(0) { $0 + pow(abs($1.0 - $1.1), q) }
    return pow(sum / Double(x.count), 1 / q)
  }

  /// NumPy's quantile of sorted values.
  static func quantile(_ sorted: [Double], _ level: Double) -> Double {
    let place = level * Double(sorted.count - 1)
    let low = Int(place)
    let high = Swift.min(low + 1, sorted.count - 1)
    return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
  }

  /// The bin of each row: of its score, or of its rank.
  func bins(equalMass: Bool) -> [[PlainRow]] {
    var bins = [[PlainRow]](repeating: [], count: 10)
    for row in self {
      let place =
        equalMass
        ? (Double(count { $0.s < row.s }) + Double(count { $0.s == row.s }) / 2) / Double(count)
        : row.s
      bins[Swift.min(9, Int(place * 10))].append(row)
    }
    return bins
  }

  func calibrationError(equalMass: Bool) -> Double {
    bins(equalMass: equalMass).filter { !$0.isEmpty }.reduce(0) { sum, bin in
      sum + abs(bin.mean(\.y) - bin.mean(\.s)) * Double(bin.count) / Double(count)
    }
  }

  /// The covariance of the group's number with the logit, over so many.
  func covariance(over size: Double) -> Double {
    let numbers = map { Double(names.firstIndex(of: $0.g) ?? -1) }
    let center = numbers.reduce(0, +) / Double(count)
    let middle = mean(\.z)
    return zip(self, numbers).reduce(0) { $0 + ($1.1 - center) * ($1.0.z - middle) } / size
  }

  /// log sum exp r + log sum exp -r of the groups' mean scores.
  var softGap: Double {
    let means = groups.map { $0.mean(\.s) }
    return log(means.map { exp($0) }.reduce(0, +)) + log(means.map { exp(-$0) }.reduce(0, +))
  }

  /// The mean distance of the two scores of a row of each side.
  static func distance(_ a: [PlainRow], _ b: [PlainRow]) -> Double {
    var sum = 0.0
    for x in a { for y in b { sum += hypot(x.s - y.s, x.t - y.t) } }
    return sum / Double(a.count * b.count)
  }

  /// Mid-ranks of a column.
  func ranks(_ value: (PlainRow) -> Double) -> [Double] {
    map { row in
      Double(count { value($0) < value(row) }) + Double(count { value($0) == value(row) } + 1) / 2
    }
  }

  /// 1 less the mean distance of decisions to those of the five nearest in score and age.
  var consistency: Double {
    let total = reduce(0) { sum, row -> Double in
      let far = map { pow($0.s - row.s, 2) + pow($0.age - row.age, 2) }
      let cut = far.sorted()[4]
      let near = indices.filter { far[$0] < cut }
      let tied = indices.filter { far[$0] == cut }
      let ofTied = tied.reduce(0) { $0 + Double(self[$1].d) } / Double(tied.count)
      let ofNear = near.reduce(0) { $0 + Double(self[$1].d) }
      return sum + abs(Double(row.d) - (ofNear + Double(5 - near.count) * ofTied) / 5)
    }
    return 1 - total / Double(count)
  }
}
