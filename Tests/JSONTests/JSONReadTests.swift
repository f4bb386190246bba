import FairpostJSON
import FairpostNumerics
import Testing

private func read(_ text: String) throws -> JSONValue {
  try JSONValue(reading: Array(text.utf8), limit: 1 << 24)
}

/// What is wrong with the text, as a user reads it.
private func complaint(_ bytes: [UInt8], limit: Int = 1 << 24) -> String? {
  do throws(JSONError) {
    _ = try JSONValue(reading: bytes, limit: limit)
    return nil
  } catch {
    return error.description
  }
}

private let wellFormed: [(String, JSONValue)] = [
  ("null", .null), (" true\n", true), ("false", false), ("0", .integer(0)), ("-7", .integer(-7)),
  ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
  ("9223372036854775808", .number(0x1p63)), ("-9223372036854775809", .number(-0x1p63)),
  ("1.5", 1.5), ("1e3", .number(1000)), ("-2.5E-3", -0.0025), ("5e-324", .number(0x1p-1074)),
  ("1e-999", .number(0)), ("\"\"", ""),
  ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{c}\n\r\t"),
  ("\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\\u0000x\"", "Aé€😀\0x"), ("\"é€😀\"", "é€😀"),
  ("[]", []), ("[ 1 , [ ] , { } ]", [1, [], [:]]), ("{}", [:]),
  ("{\"b\": 1, \"a\": [null]}", ["b": 1, "a": [nil]]), ("\u{FEFF}[1]", [1]),
  ("{\"\\u0061\":1}", ["a": 1]),
]

private let malformed: [(String, String)] = [
  ("", "the file is empty"), (" \n ", "the file is empty"),
  (
    "[1, 2",
    "line 1, column 6: the file ends where \",\" or \"]\" was expected; it may have been cut short"
  ),
  (
    "{\"a\": [1,\n2],\n \"b",
    "line 3, column 4: the file ends where the quote that closes the text was expected; it may have been cut short"
  ),
  ("[1,]", "line 1, column 4: expected a value, found \"]\""),
  ("[,1]", "line 1, column 2: expected a value, found \",\""),
  ("[1 2]", "line 1, column 4: expected \",\" or \"]\", found \"2\""),
  ("{\"a\" 1}", "line 1, column 6: expected \":\", found \"1\""),
  ("{a: 1}", "line 1, column 2: expected a name in quotes or \"}\", found \"a\""),
  ("{\"a\": 1,}", "line 1, column 9: expected a name in quotes, found \"}\""),
  ("{\"a\": 1]", "line 1, column 8: expected \",\" or \"}\", found \"]\""),
  ("{\"a\": 1, \"b\": 2,\n \"a\": 3}", "line 2, column 2: \"a\" appears twice"),
  ("1 2", "line 1, column 3: expected the end of the file, found \"2\""),
  ("nul", "line 1, column 4: the file ends where null was expected; it may have been cut short"),
  ("nulL", "line 1, column 4: expected null, found \"L\""),
  ("NaN", "line 1, column 1: expected a value, found \"N\""),
  ("+1", "line 1, column 1: expected a value, found \"+\""),
  ("01", "line 1, column 2: expected no digit after a leading 0, found \"1\""),
  ("-", "line 1, column 2: the file ends where a digit was expected; it may have been cut short"),
  ("1.", "line 1, column 3: the file ends where a digit was expected; it may have been cut short"),
  ("[.5]", "line 1, column 2: expected a value, found \".\""),
  ("[1.e5]", "line 1, column 4: expected a digit, found \"e\""),
  ("[1e]", "line 1, column 4: expected a digit, found \"]\""),
  ("[1e999]", "line 1, column 2: the number is out of range"),
  ("[0x10]", "line 1, column 3: expected \",\" or \"]\", found \"x\""),
  (
    "\"a\nb\"",
    "line 1, column 3: expected a character of the text (escaped, as \\n), found the end of the line"
  ),
  (
    "\"é\0\"",
    "line 1, column 3: expected a character of the text (escaped, as \\n), found byte 0x00"
  ),
  ("\"\\x41\"", "line 1, column 3: expected an escape (one of \"\\/bfnrtu), found \"x\""),
  ("\"\\u12g4\"", "line 1, column 6: expected a hexadecimal digit, found \"g\""),
  ("\"\\ud83d\"", "line 1, column 8: expected a low surrogate, found a quote"),
  ("\"\\ud83d\\u0041\"", "line 1, column 10: expected a low surrogate, found \"0\""),
  ("\"\\ude00\"", "line 1, column 4: expected a high surrogate before a low one, found \"d\""),
  ("'a'", "line 1, column 1: expected a value, found \"'\""),
  ("// x\n1", "line 1, column 1: expected a value, found \"/\""),
  ("[1]\0", "line 1, column 4: expected the end of the file, found byte 0x00"),
]

struct JSONReadTests {
  @Test(arguments: wellFormed)
  func accepts(text: String, expected: JSONValue) throws {
    #expect(try read(text) == expected)
  }

  @Test(arguments: malformed)
  func refuses(text: String, expected: String) {
    #expect(complaint(Array(text.utf8)) == expected)
  }

  @Test func integersAreKeptExactly() throws {
    guard case .integer(9_007_199_254_740_993) = try read("9007199254740993") else {
      Issue.record("not an integer")
      return
    }
    guard case .number(let zero) = try read("-0") else {
      Issue.record("-0 is no integer")
      return
    }
    #expect(zero.sign == .minus)
  }

  @Test func bytesThatAreNotUTF8() {
    #expect(complaint([0x22, 0x61, 0xFF, 0x22]) == "line 1, column 1: not UTF-8")
    #expect(complaint([0x5B, 0x0A, 0x22, 0xC3, 0x22, 0x5D]) == "line 2, column 1: not UTF-8")
    // A surrogate and an overlong form are not UTF-8 either.
    #expect(complaint([0x22, 0xED, 0xA0, 0x80, 0x22]) == "line 1, column 1: not UTF-8")
    #expect(complaint([0x22, 0xC0, 0x80, 0x22]) == "line 1, column 1: not UTF-8")
    #expect(complaint([0xFF]) == "line 1, column 1: expected a value, found byte 0xFF")
  }

  @Test func limits() {
    let deep = { (n: Int) in
      Array((String(repeating: "[", count: n) + String(repeating: "]", count: n)).utf8)
    }
    #expect(complaint(deep(64)) == nil)
    #expect(complaint(deep(65)) == "line 1, column 65: nested more than 64 deep")
    #expect(complaint(Array(repeating: 0x5B, count: 1_000_000))?.hasSuffix("64 deep") == true)
    let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
    #expect(complaint(objects)?.hasSuffix("64 deep") == true)
    #expect(complaint(deep(3), limit: 5) == "the file has 6 bytes, more than the 5 allowed")
  }

  @Test func manyMembers() throws {
    let names = (0..<5000).map { "n\($0)" }
    let text = "{" + names.map { "\"\($0)\": \"\($0)\"" }.joined(separator: ",") + "}"
    guard case .object(var object) = try read(text) else { return }
    #expect(object.members.map(\.key) == names)
    #expect(object["n4999"] == "n4999")
    object["n7"] = nil
    #expect(object["n7"] == nil && object["n8"] == "n8" && object.count == 4999)
    let twice = text.dropLast() + ",\"n17\":1}"
    #expect(complaint(Array(twice.utf8))?.contains("\"n17\" appears twice") == true)
  }

  /// Two spellings of one letter are two names: names are bytes.
  @Test func namesAreBytes() throws {
    let value = try read("{\"e\u{301}\": 1, \"é\": 2}")
    guard case .object(let object) = value else { return }
    #expect(object.count == 2)
    #expect(object["é"] == 2)
    #expect(JSONValue.string("e\u{301}") != .string("é"))
  }

  @Test func errorsNameThePlace() throws {
    let map = JSONNode(
      try read("{\"groups\": [{\"n\": 3}, {\"n\": \"x\"}, {\"n\": 1.5, \"o\": null}]}"), name: "map"
    )
    let groups = try map["groups"].array
    #expect(try groups[0]["n"].int == 3)
    #expect(try groups[0]["n"].double == 3)
    #expect(try groups[2].optional("o") == nil)
    func text(_ body: () throws(JSONError) -> Void) -> String {
      do throws(JSONError) {
        try body()
        return "no error"
      } catch { return error.description }
    }
    #expect(
      text { () throws(JSONError) in _ = try groups[1]["n"].double }
        == "map.groups[1].n: expected a number, found a text")
    #expect(
      text { () throws(JSONError) in _ = try groups[2]["n"].int }
        == "map.groups[2].n: expected a whole number, found a number")
    #expect(
      text { () throws(JSONError) in _ = try groups[2]["m"] } == "map.groups[2].m: is missing")
    #expect(
      text { () throws(JSONError) in _ = try map["groups"].doubles }
        == "map.groups[0]: expected a number, found an object")
    #expect(
      text { () throws(JSONError) in _ = try map.string }
        == "map: expected a text, found an object")
  }
}
