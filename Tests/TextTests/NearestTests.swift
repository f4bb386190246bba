import FairpostText
import Testing

@Suite struct NearestTests {
  @Test(
    arguments: [
      ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "acb", 1),
      ("kitten", "sitting", 3),
      ("ca", "abc", 3), ("flaw", "lawn", 2), ("é", "e", 1),
    ]) func countsEdits(_ a: String, _ b: String, _ distance: Int)
  {
    #expect(editDistance(a, b) == distance)
    #expect(editDistance(b, a) == distance)
  }

  @Test func findsTheNearest() {
    #expect(nearest("scroe", in: ["group", "score", "store"]) == "score")
    #expect(nearest("SEX", in: ["age", "sex"]) == "sex")
    #expect(nearest("income", in: ["id", "income.score"]) == "income.score")
    #expect(nearest("qqq", in: ["abc", "xyz"]) == nil)
    #expect(nearest("x", in: ["y"]) == nil)
    #expect(nearest("", in: ["y"]) == nil)
    #expect(nearest("b", in: []) == nil)
  }

  @Test(
    arguments: [
      ("a", ["a"]), ("a,b", ["a", "b"]), ("\"a,b\",c", ["a,b", "c"]), ("a b, c", ["a b", " c"]),
      ("\"say \"\"x\"\"\"", ["say \"x\""]), ("a\"b,c", ["a\"b", "c"]), ("a,", ["a", ""]),
      ("\"open", ["\"open"]), ("\"a\"b", ["\"a\"b"]),
    ]) func splitsColumnNames(_ list: String, _ names: [String])
  {
    #expect(columnNames(list) == names)
  }
}
