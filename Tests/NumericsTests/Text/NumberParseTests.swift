import Foundation
import FairpostNumerics
import Testing

/// The C library's reading, which shares nothing with the one under test.
private func reference(_ text: String) -> Double { strtod(text, nil) }

private func expectSame(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let expected = reference(text)
  let reading = NumberText.parse(text)
  if expected.isFinite {
    #expect(
      reading.value?.bitPattern == expected.bitPattern, "\(text)", sourceLocation: sourceLocation)
  } else {
    #expect(reading == .notFinite, "\(text)", sourceLocation: sourceLocation)
  }
}

private let kindsOfText: [(String, NumberReading)] = [
  ("", NumberReading.missing), (" \t ", .missing), ("NA", .missing), ("NaN", .missing),
  ("nan", .missing), ("null", .missing), (" NA ", .missing),
  ("inf", .notFinite), ("-INF", .notFinite), ("+Infinity", .notFinite), ("1e999", .notFinite),
  ("-1e309", .notFinite), ("1e99999999999999999999", .notFinite),
  ("na", .invalid), ("NAN", .invalid), ("Null", .invalid), ("-nan", .invalid), ("+NA", .invalid),
  ("infinit", .invalid), ("0x10", .invalid), ("1_000", .invalid), ("1e", .invalid),
  ("1e+", .invalid), ("e5", .invalid), (".", .invalid), ("-", .invalid), ("+-1", .invalid),
  ("1.2.3", .invalid), ("12abc", .invalid), ("1,5", .invalid), ("1 2", .invalid),
  ("1\n", .invalid), ("1e5.0", .invalid), ("--1", .invalid), ("1d5", .invalid),
  ("1\u{0}", .invalid), ("\u{00A0}1", .invalid), ("１", .invalid), ("12345678x", .invalid),
  ("0.12345678/", .invalid), ("0.1234567:", .invalid),
  ("+5", .number(5)), ("1.", .number(1)), (".5", .number(0.5)), ("1e5", .number(1e5)),
  ("1E+05", .number(1e5)), ("-.5e-1", .number(-0.05)), (" 0.5", .number(0.5)),
  ("\t7 ", .number(7)), ("007", .number(7)), ("0e999999999999", .number(0)),
  ("1e-99999999999999999999", .number(0)),
]

struct NumberParseTests {
  @Test(arguments: kindsOfText)
  func kinds(text: String, expected: NumberReading) {
    #expect(NumberText.parse(text) == expected)
    #expect(NumberText.parse(Array(text.utf8)) == expected)
    let padded = Array("9\(text)9".utf8)
    #expect(NumberText.parse(padded, in: 1..<padded.count - 1) == expected)
    #expect(NumberText.parse(padded.span.extracting(1..<padded.count - 1)) == expected)
    #expect(NumberText.parse(padded.span.extracting(1..<padded.count - 1).bytes) == expected)
  }

  @Test func signOfZero() {
    #expect(NumberText.parse("-0").value?.sign == .minus)
    #expect(NumberText.parse("-0.0e5").value?.sign == .minus)
    #expect(NumberText.parse("-1e-400").value?.sign == .minus)
    #expect(NumberText.parse("0").value?.sign == .plus)
  }

  @Test func hardCases() {
    let texts = [
      "1e308", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
      "179769313486231580793728971405301e276", "1.797693134862315808e308",
      "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308",
      "2.225073858507201136057409796709131975934819546351645648023426109724822222021076945516529523908135087914149158913039621106870086438694594645527657207407820621743379988141063267329253552286881372149012981122451451889849057222307285255133155755015914397476397983411801999323962548289017107081850690630666655994938275772572015763062690663332647565300009245888316433037779791869612049497390377829704905051080609940730262937128958950003583799967207254304360284078895771796150945516748243471030702609144621572289880258182545180325707018860872113128079512233426288368622321503775666622503982534335974568884423900265498198385487948292206894721689831099698365846814022854243330660339850886445804001034933970427567186443383770486037861622771738545623065874679014086723327636718751",
      "5e-324", "4.9e-324", "2.4703282292062327e-324", "2.47032822920623272e-324",
      "2.4703282292062328e-324", "2.47032822920623273e-324", "7.4109846876186981e-324",
      "7.4109846876186982e-324", "1e-323", "3e-324", "2e-324", "1e-400",
      "9007199254740993", "9007199254740992.999999999", "9007199254740993.0000000000000000001",
      "9007199254740995", "18446744073709551615", "18446744073709551616", "99999999999999999999",
      "0.1", "0.30000000000000004", "0.299999999999999988897769753748",
      "123456789012345678901234567890",
      "8.41e21", "9.5367431640625e-7", "1e22", "1e23", "1.1e23", "6929495644600919.5",
      "3.2378839133029012895883524125015321748630094556050e-4", "1448997445238699",
      "7.2057594037927933e16",
      "0.000000000000000000000000000000000000000000000000000000000000000000000000000001",
      "100000000000000000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000001.5", "0.00000000000000000000000000000000000015e36",
      "\(String(repeating: "9", count: 400))e-400", "0.\(String(repeating: "0", count: 400))1e401",
      "1\(String(repeating: "0", count: 400))e-400", "\(String(repeating: "9", count: 309))",
    ]
    for text in texts {
      expectSame(text)
      expectSame("-" + text)
    }
  }

  /// Halfway points, written exactly, and the smallest step to either side of them.
  @Test func halfwayPoints() {
    var random = SystemlessRandom(state: 7)
    for round in 0..<3000 {
      let low: Double
      switch round % 3 {
      case 0: low = Double(bitPattern: random.next() & (1 << 52 - 1))
      case 1: low = Double(bitPattern: random.next() % 0x7FE0_0000_0000_0000)
      default: low = Double(bitPattern: 0x3FB0_0000_0000_0000 + random.next() % (8 << 52))
      }
      let text = exactMidpoint(low)
      expectSame(text)
      expectSame(text + "000000000000000000000000000000")
      expectSame(text + "1")
      expectSame(text + String(repeating: "0", count: 100) + "1")
      expectSame(justBelow(text))
    }
  }

  @Test func randomBitsAgainstTheCLibrary() {
    var random = SystemlessRandom(state: 1)
    var wrong = 0
    var buffer = [CChar](repeating: 0, count: 64)
    for round in 0..<1_100_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      // 17 digits identify a Double; 14 and 25 round and do not come back the same.
      let digits = Int32([16, 16, 13, 24, 18][round % 5])
      let count = withVaList([digits, value]) { vsnprintf(&buffer, 64, "%.*e", $0) }
      let bytes = buffer[..<Int(count)].map { UInt8(bitPattern: $0) }
      let expected = strtod(buffer, nil)
      let same =
        expected.isFinite
        ? NumberText.parse(bytes).value?.bitPattern == expected.bitPattern
        : NumberText.parse(bytes) == .notFinite
      if !same { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test func randomDecimalTexts() {
    var random = SystemlessRandom(state: 2)
    for _ in 0..<100_000 {
      var text = ""
      for _ in 0..<Int(random.next() % 24) { text += String(random.next() % 10) }
      if random.next() % 2 == 0 { text += "." }
      for _ in 0...Int(random.next() % 24) { text += String(random.next() % 10) }
      if random.next() % 2 == 0 { text += "e\(Int(random.next() % 700) - 350)" }
      let expected = strtod(text, nil)
      let reading = NumberText.parse(text)
      guard expected.isFinite ? reading.value != expected : reading != .notFinite else { continue }
      Issue.record("\(text): \(reading) instead of \(expected)")
    }
  }
}

/// A generator of the test's own.
struct SystemlessRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The exact decimal text of the point half way between a number and the next one up.
private func exactMidpoint(_ low: Double) -> String {
  // Eighty bits hold a Double's midpoint exactly; the digits are worked out as at school.
  let middle = (Float80(low) + Float80(low.nextUp)) / 2
  let bits = middle.significandBitPattern
  var digits: [UInt8] = String(bits).utf8.reversed().map { $0 - 48 }
  let exponent = Int(middle.exponent) - 63
  var point = 0
  for _ in 0..<abs(exponent) {
    var carry: UInt8 = 0
    if exponent > 0 {
      for i in digits.indices {
        let next = digits[i] * 2 + carry
        digits[i] = next % 10
        carry = next / 10
      }
    } else {
      // Halving: five times the digits, one more behind the point.
      for i in digits.indices {
        let next = digits[i] * 5 + carry
        digits[i] = next % 10
        carry = next / 10
      }
      point += 1
    }
    if carry != 0 { digits.append(carry) }
    // Zeros at the end behind the point say nothing.
    while point > 0, digits.first == 0 {
      digits.removeFirst()
      point -= 1
    }
  }
  let text = String(decoding: digits.reversed().map { $0 + 48 }, as: UTF8.self)
  guard point > 0 else { return text + "." }
  let whole = max(0, text.count - point)
  return (whole == 0 ? "0" : String(text.prefix(whole))) + "."
    + String(repeating: "0", count: max(0, point - text.count)) + text.dropFirst(whole)
}

/// A decimal text a little below another.
private func justBelow(_ text: String) -> String {
  var bytes = Array(text.utf8)
  for i in bytes.indices.reversed() where bytes[i] != UInt8(ascii: ".") {
    guard bytes[i] == 48 else {
      bytes[i] -= 1
      break
    }
    bytes[i] = 57
  }
  return String(decoding: bytes, as: UTF8.self) + "9"
}
