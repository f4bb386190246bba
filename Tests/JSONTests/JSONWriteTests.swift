import FairpostJSON
import FairpostNumerics
import Testing

private func text(_ value: JSONValue, _ layout: JSONValue.Layout = .lines) throws -> String {
  String(decoding: try value.written(layout), as: UTF8.self)
}

struct JSONWriteTests {
  @Test func layout() throws {
    let value: JSONValue = [
      "format": "fairpost.map", "version": 1, "empty": [], "none": [:], "missing": nil,
      "knots": JSONValue([0.0, 0.5, 1.0, 1.5e-7]),
      "key": ["Female", JSONValue(ByteText([0xFF, 0x00]))],
      "groups": [["n": 3, "yes": true], ["n": -4]],
      "nested": [[1, 2], [3]],
    ]
    #expect(
      try text(value) == """
        {
          "format": "fairpost.map",
          "version": 1,
          "empty": [],
          "none": {},
          "missing": null,
          "knots": [0, 0.5, 1, 1.5e-7],
          "key": ["Female", {"hex": "ff00"}],
          "groups": [
            {
              "n": 3,
              "yes": true
            },
            {
              "n": -4
            }
          ],
          "nested": [
            [1, 2],
            [3]
          ]
        }

        """)
    #expect(
      try text(value, .compact)
        == #"{"format":"fairpost.map","version":1,"empty":[],"none":{},"missing":null,"#
        + #""knots":[0,0.5,1,1.5e-7],"key":["Female",{"hex":"ff00"}],"#
        + #""groups":[{"n":3,"yes":true},{"n":-4}],"nested":[[1,2],[3]]}"#)
  }

  @Test func longListsFillLines() throws {
    let value: JSONValue = ["a": JSONValue((0..<200).map { Double($0) / 7 })]
    let lines = try text(value).split(separator: "\n")
    #expect(lines[0] == "{" && lines[1] == "  \"a\": [" && lines[lines.count - 2] == "  ]")
    for line in lines.dropFirst(2).dropLast(3) {
      #expect(line.hasPrefix("    ") && line.hasSuffix(","))
      // A line is broken only where the next number (at most 19 columns) would not fit.
      #expect(line.utf8.count <= 100 && line.utf8.count > 78)
    }
    #expect(try JSONValue(reading: value.written(), limit: 1 << 20) == value)
  }

  @Test func escapes() throws {
    #expect(
      try text("a\"\\/\u{8}\n\r\t\0\u{1F}\u{7F}é😀", .compact)
        == #""a\"\\/\u0008\n\r\t\u0000\u001f\u007fé😀""#)
  }

  @Test func infinityAndNaNAreRefused() {
    let value: JSONValue = ["groups": [["q": JSONValue([1, 2, .nan])]]]
    #expect(throws: JSONError.notFinite(path: "groups[0].q[2]")) { try value.written() }
    #expect(throws: JSONError.notFinite(path: "the value")) {
      try JSONValue.number(.infinity).written(.compact)
    }
  }

  @Test func depthIsThatOfTheReader() throws {
    var value: JSONValue = 1
    for _ in 0..<64 { value = .array([value]) }
    #expect(try JSONValue(reading: value.written(), limit: 1 << 20) == value)
    let deeper = JSONValue.array([value])
    #expect(throws: JSONError.tooDeep(line: 0, column: 0, limit: 64)) { try deeper.written() }
  }

  @Test func bytesOfAnyKind() throws {
    var random = RandomStream(seed: 1, purpose: "bytes")
    for _ in 0..<2000 {
      let bytes = ByteText((0..<random.below(12)).map { _ in UInt8(random.below(256)) })
      let written = try JSONValue(bytes).written(.compact)
      let back = try JSONValue(reading: written, limit: 1000)
      #expect(back.byteText == bytes)
      #expect(try JSONNode(back, name: "x").byteText == bytes)
    }
    #expect(JSONValue.object(["hex": "f"]).byteText == nil)
    #expect(JSONValue.object(["hex": "fg"]).byteText == nil)
    #expect(JSONValue.object(["hex": "ff", "x": 1]).byteText == nil)
  }

  @Test(arguments: [JSONValue.Layout.lines, .compact])
  func randomValuesComeBack(layout: JSONValue.Layout) throws {
    var random = RandomStream(seed: 2, purpose: "values")
    for _ in 0..<2000 {
      let value = randomValue(&random, depth: 0)
      let written = try value.written(layout)
      let back = try JSONValue(reading: written, limit: 1 << 24)
      #expect(back == value)
      #expect(try back.written(layout) == written)
    }
  }

  @Test func aMillionNumbers() throws {
    var random = RandomStream(seed: 3, purpose: "numbers")
    let numbers = (0..<1_000_000).map { _ in random.uniform() }
    let written = try JSONValue.object(["x": JSONValue(numbers)]).written()
    let back = JSONNode(try JSONValue(reading: written, limit: 1 << 26), name: "x")
    // Compared outside the assertion, which would take hours to describe a difference.
    let isSame = try back["x"].doubles == numbers
    #expect(isSame)
  }
}

/// A value of any kind, up to five deep.
func randomValue(_ random: inout RandomStream, depth: Int) -> JSONValue {
  switch random.below(depth < 5 ? 9 : 6) {
  case 0: return .null
  case 1: return .bool(random.below(2) == 0)
  case 2: return .integer(Int(truncatingIfNeeded: random.next()) >> random.below(64))
  case 3, 4:
    let value = Double(bitPattern: random.next())
    return .number(value.isFinite ? value : random.uniform())
  case 5: return .string(randomText(&random))
  case 6, 7:
    return .array((0..<random.below(9)).map { _ in randomValue(&random, depth: depth + 1) })
  default:
    var object = JSONObject()
    for _ in 0..<random.below(16) {
      object.append(randomText(&random), randomValue(&random, depth: depth + 1))
    }
    return .object(object)
  }
}

private func randomText(_ random: inout RandomStream) -> String {
  let scalars = (0..<random.below(9)).map { _ in
    Unicode.Scalar(UInt32(random.below([0x80, 0x800, 0x11_0000][random.below(3)]))) ?? "x"
  }
  return String(String.UnicodeScalarView(scalars))
}
