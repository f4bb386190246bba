import Foundation
import FairpostNumerics
import Testing

/// The significant digits and the power of ten of the first of them, from any decimal text.
private func digitsAndPoint(_ text: String) -> (String, Int) {
  var mantissa = text.drop { $0 == "-" }
  var exponent = 0
  if let e = mantissa.firstIndex(of: "e") {
    exponent = Int(mantissa[mantissa.index(after: e)...]) ?? 0
    mantissa = mantissa[..<e]
  }
  let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  let whole = parts[0]
  let all = parts.joined()
  let leading = all.prefix { $0 == "0" }.count
  var digits = String(all.dropFirst(leading))
  while digits.last == "0" { digits.removeLast() }
  return (digits, exponent + whole.count - leading)
}

private let layouts: [(Double, String)] = [
  (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (100, "100"), (0.1, "0.1"), (1.5, "1.5"),
  (-123.456, "-123.456"), (1e20, "100000000000000000000"), (1e21, "1e21"), (1.5e21, "1.5e21"),
  (123456789012345683968, "123456789012345680000"), (1e-6, "0.000001"), (1e-7, "1e-7"),
  (1.5e-7, "1.5e-7"), (1.234e-6, "0.000001234"), (0x1p-1074, "5e-324"),
  (1.7976931348623157e308, "1.7976931348623157e308"),
  (2.2250738585072014e-308, "2.2250738585072014e-308"),
  (0.1 + 0.2, "0.30000000000000004"), (9007199254740992, "9007199254740992"),
  (9007199254740991, "9007199254740991"), (1 / 3.0, "0.3333333333333333"), (1e23, "1e23"),
  (9.5367431640625e-7, "9.5367431640625e-7"), (0x1p-1072, "2e-323"), (10, "10"), (123, "123"),
  (99999999, "99999999"), (100000000, "100000000"), (0.5, "0.5"), (1000.25, "1000.25"),
  (4.35, "4.35"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (-.nan, "nan"),
]

struct NumberWriteTests {
  @Test(arguments: layouts)
  func layout(value: Double, expected: String) {
    #expect(NumberText.text(value) == expected)
    var bytes = Array("x".utf8)
    NumberText.append(value, to: &bytes)
    #expect(bytes == Array("x\(expected)".utf8))
  }

  /// Swift's own printing is another implementation of shortest and closest digits.
  @Test func randomBitsRoundTripWithTheSameDigits() {
    var random = SystemlessRandom(state: 3)
    var notBack = 0
    var otherDigits = 0
    for round in 0..<1_100_000 {
      var bits = random.next()
      switch round % 4 {
      case 0: break
      case 1: bits = Double(Float(Double(random.next() >> 11) * 0x1p-53)).bitPattern
      case 2: bits = (Double(random.next() % 2_000_000) / 1000).bitPattern
      default: bits = (Double(random.next() >> 11) * 0x1p-53).bitPattern
      }
      let value = Double(bitPattern: bits)
      guard value.isFinite, value != 0 else { continue }
      let text = NumberText.text(value)
      if strtod(text, nil).bitPattern != bits { notBack += 1 }
      if NumberText.parse(text).value?.bitPattern != bits { notBack += 1 }
      // The digits of every fourth number: comparing texts is slow.
      guard round % 16 < 4 else { continue }
      if digitsAndPoint(text) != digitsAndPoint(value.description) { otherDigits += 1 }
    }
    #expect(notBack == 0)
    #expect(otherDigits == 0)
  }

  @Test func powersOfTwoAndTheirNeighbours() {
    for exponent in -1074...1023 {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      for value in [power, power.nextUp, power.nextDown] where value > 0 {
        let text = NumberText.text(value)
        #expect(strtod(text, nil) == value)
        #expect(digitsAndPoint(text) == digitsAndPoint(value.description), "\(value)")
      }
    }
  }

  @Test func powersOfTen() {
    for exponent in -323...308 {
      let value = strtod("1e\(exponent)", nil)
      for value in [value, value.nextUp, value.nextDown] {
        let text = NumberText.text(value)
        #expect(strtod(text, nil) == value)
        #expect(digitsAndPoint(text) == digitsAndPoint(value.description), "\(value)")
      }
    }
  }

  @Test func integers() {
    for value in [0, 1, -1, 9, 10, 99, 100, -12345, .max, .min, 999_999_999, 1_000_000_000] {
      #expect(NumberText.text(value) == String(value))
    }
    var random = SystemlessRandom(state: 4)
    for _ in 0..<20_000 {
      let value = Int(truncatingIfNeeded: random.next()) >> Int(random.next() % 64)
      #expect(NumberText.text(value) == String(value))
    }
  }

  @Test func fixedDecimalsAsTheCLibraryPrintsThem() {
    func check(_ value: Double) {
      for digits in [0, 1, 2, 6, 9] {
        let expected = String(format: "%.*f", digits, value)
        #expect(NumberText.fixed(value, digits: digits) == expected)
      }
    }
    for value in [
      0, -0.0, 0.5, 1.5, 2.5, -0.5, 0.125, 0.375, 0.25, 1e21, 1e22, -1e300, 0x1p-1074, 0.9999995,
      0.99999949999999997, 123456.7890125, 0.1, 1e15 + 0.5, 9_007_199_254_740_992, 1e-9, 5e-10,
      1.7976931348623157e308, 0.0000005, 2.2250738585072014e-308, 4e-7, -4e-7, 999999999.9999999,
    ] {
      check(value)
    }
    var random = SystemlessRandom(state: 5)
    for round in 0..<5_000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { check(value) }
      check((Double(random.next() % 1_000_000) - 500_000) / Double(1 << (round % 24)))
    }
    #expect(NumberText.fixed(.infinity, digits: 3) == "inf")
  }
}
