import FairpostTestSupport
import Foundation
import Testing

/// Published tables that are right, in every usual way of rounding and choosing a benchmark.
///
/// A check must not flag one. The same tables with one planted error show what it finds.
@Suite struct InnocentTableTests {
  struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    mutating func unit() -> Double { Double(next() >> 11) / 9007199254740992 }
  }

  enum Rounding: CaseIterable { case halfUp, halfEven, down, up }

  /// top / bottom in units of the last of some digits.
  static func units(_ top: Int, _ bottom: Int, _ digits: Int, _ way: Rounding) -> Int {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let (quotient, rest) = (top * scale).quotientAndRemainder(dividingBy: bottom)
    switch way {
    case .down: return quotient
    case .up: return rest == 0 ? quotient : quotient + 1
    case .halfUp: return 2 * rest >= bottom ? quotient + 1 : quotient
    case .halfEven:
      if 2 * rest == bottom { return quotient + quotient % 2 }
      return 2 * rest > bottom ? quotient + 1 : quotient
    }
  }

  static func text(_ units: Int, _ digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let rest = String(units % scale)
    return "\(units / scale)." + String(repeating: "0", count: digits - rest.count) + rest
  }

  struct Row {
    var sex: String
    var race: String
    var n: Int
    var k: Int
  }

  static let races = ["White", "Black", "Asian", "Hispanic", "Islander", "Native", "Two or more"]

  /// What a table looks like and how it was made.
  struct Making {
    var benchmark: Int
    var fromPrinted: Bool
    var rateDigits: Int
    var ratioDigits: Int
    var rounding: Rounding
    var showsSelected: Bool
    var isPercent: Bool
  }

  /// The lines of one invented table; `error` is added to the last place of one ratio.
  static func table(_ name: String, _ making: Making, _ random: inout Random, error: Int = 0)
    -> (lines: [String], hasError: Bool)
  {
    var rows: [Row] = []
    let size = 300 * pow(300, random.unit())
    for race in races {
      let share = pow(random.unit(), 2.5) + 0.004
      let rate = 0.05 + 0.7 * random.unit()
      for sex in ["Female", "Male"] {
        let n = max(3, Int(size * share * (0.3 + random.unit())))
        let own = min(0.97, rate * (0.7 + 0.6 * random.unit()))
        rows.append(Row(sex: sex, race: race, n: n, k: min(n, Int(Double(n) * own + 0.5))))
      }
    }
    // People of whom one thing is known only.
    func whole(_ rows: [Row], sex: String, race: String) -> Row {
      let extra = random.below(10)
      return Row(
        sex: sex, race: race, n: rows.reduce(extra) { $0 + $1.n },
        k: rows.reduce(random.below(extra + 1)) { $0 + $1.k })
    }
    let tables = [
      ["Female", "Male"].map { sex in whole(rows.filter { $0.sex == sex }, sex: sex, race: "") },
      races.map { race in whole(rows.filter { $0.race == race }, sex: "", race: race) }, rows,
    ]
    let unknown = 10 * races.count + random.below(100)
    var lines: [String] = []
    var hasError = false
    let wrongRow = random.below(rows.count)
    for (place, table) in tables.enumerated() {
      let known = table.reduce(0) { $0 + $1.n }
      func isLarge(_ row: Row) -> Bool {
        making.benchmark == 2 ? 50 * row.n >= known + unknown : 50 * row.n >= known
      }
      let isTwoPercent = (1...3).contains(making.benchmark)
      var eligible = isTwoPercent ? table.filter(isLarge) : table
      if making.benchmark == 4 { eligible = [table.max { $0.n < $1.n }].compactMap { $0 } }
      let best = eligible.max { $0.k * $1.n < $1.k * $0.n }
      for (index, row) in table.enumerated() {
        let rate = units(row.k, row.n, making.rateDigits, making.rounding)
        var ratio = ""
        if let best, best.k > 0, !(making.benchmark == 3 && !isLarge(row)) {
          let bestRate = units(best.k, best.n, making.rateDigits, making.rounding)
          var printed: Int?
          if !making.fromPrinted {
            printed = units(row.k * best.n, row.n * best.k, making.ratioDigits, making.rounding)
          } else if bestRate > 0 {
            printed = units(rate, bestRate, making.ratioDigits, making.rounding)
          }
          if place == 2, index == wrongRow, error != 0, let right = printed,
            row.k * best.n != best.k * row.n, right + error >= 0
          {
            printed = right + error
            hasError = true
          }
          ratio = printed.map { text($0, making.ratioDigits) } ?? ""
        }
        let shown =
          making.isPercent && making.rateDigits > 2
          ? text(rate, making.rateDigits - 2) + "%"
          : making.isPercent ? "\(rate)%" : text(rate, making.rateDigits)
        lines.append(
          "\(name),\(row.sex),\(row.race),\(row.n),\(making.showsSelected ? "\(row.k)" : ""),\(shown),\(ratio)"
        )
      }
      let mark = place == 0 ? "Unknown," : place == 1 ? ",Unknown" : "Unknown,Unknown"
      lines.append("\(name),\(mark),\(unknown),,,")
    }
    return (lines, hasError)
  }

  static let header = "table,sex,race,n,selected,rate,impact_ratio"

  /// Runs the program's check on tables in one file; the verdicts that accuse, by table.
  static func flagged(_ lines: [String]) throws -> (status: Int32, accused: [String]) {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = scratch.url.appendingPathComponent("tables.csv")
    try (([header] + lines).joined(separator: "\n") + "\n").write(
      to: file, atomically: true, encoding: .utf8)
    let run = try Program.run([
      "audit", "--quiet", "--check", file.path, "--group", "sex,race", "--position", "table",
      "--format", "csv",
    ])
    let bad = [
      "unexplained", "elsewhere", "differs", "more selected than applied", "no whole number",
      "parts exceed the whole", "selected do not add up",
    ]
    let accused = run.outputText.split(separator: "\n").dropFirst().filter { line in
      bad.contains { line.contains($0) }
    }
    return (run.status, accused.map(String.init))
  }

  static var count: Int {
    ProcessInfo.processInfo.environment["FAIRPOST_TABLES"].flatMap { Int($0) } ?? 300
  }

  @Test func noInnocentTableIsFlagged() throws {
    var random = Random(state: 20_260_101)
    var lines: [String] = []
    for number in 0..<Self.count {
      let making = Making(
        benchmark: number % 5, fromPrinted: random.below(2) == 0, rateDigits: 2 + random.below(3),
        ratioDigits: 2 + random.below(3), rounding: Rounding.allCases[random.below(4)],
        showsSelected: random.below(2) == 0, isPercent: random.below(2) == 0)
      lines += Self.table("t\(number)", making, &random).lines
    }
    let (status, accused) = try Self.flagged(lines)
    #expect(accused == [])
    #expect(status == 0)
    print("\(Self.count) innocent tables, \(accused.count) rows accused")
  }

  /// What is found of errors of 1, 2, 5 and 10 in the second decimal of a ratio.
  @Test func plantedErrorsAreFound() throws {
    var random = Random(state: 77)
    var found: [String: [Double]] = [:]
    for (kind, digits, shows) in [
      ("counts", 3, true), ("rates of 3 digits", 3, false), ("whole percents", 2, false),
    ] {
      for error in [1, 2, 5, 10] {
        var lines: [String] = []
        var planted: Set<String> = []
        for number in 0..<max(60, Self.count / 10) {
          let making = Making(
            benchmark: 0, fromPrinted: false, rateDigits: digits, ratioDigits: 2,
            rounding: .halfUp, showsSelected: shows, isPercent: false)
          let own = Self.table(
            "t\(number)", making, &random, error: random.below(2) == 0 ? error : -error)
          if !own.hasError { continue }
          planted.insert("t\(number)")
          lines += own.lines
        }
        let (_, accused) = try Self.flagged(lines)
        let hits = planted.filter { name in
          accused.contains { $0.contains(",\(name),") && $0.contains("unexplained") }
        }
        found[kind, default: []].append(Double(hits.count) / Double(planted.count))
      }
    }
    for (kind, shares) in found.sorted(by: { $0.key < $1.key }) {
      print(
        "\(kind): errors of 1, 2, 5, 10 in the second decimal found in",
        shares.map { "\(Int(($0 * 100).rounded())) %" }.joined(separator: ", "))
    }
    #expect((found["counts"]?[1] ?? 0) > 0.6)
    #expect((found["counts"]?[3] ?? 0) > 0.9)
    #expect((found["rates of 3 digits"]?[2] ?? 0) > 0.8)
  }
}
