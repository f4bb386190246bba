import FairpostCSV
import FairpostNumerics
import Testing

/// Keys of groups: found again by their bytes, never taken for one another.
@Suite struct KeyTests {
  private func block(_ text: String) throws -> Block {
    let reader = try BlockReader(BytesSource(Array(text.utf8)), dialect: .comma)
    let block = reader.makeBlock()
    _ = try reader.next(into: block)
    block.prepare()
    return block
  }

  @Test func textsKeepTheirNumbers() {
    var table = KeyTable()
    var expected: [[UInt8]: Int32] = [:]
    var stream = RandomStream(seed: 1, purpose: "keys", index: 0)
    for _ in 0..<20_000 {
      // Few distinct bytes, zeros among them, and lengths around the eight that are compared at once.
      let text = (0..<(stream.next() % 12)).map { _ in UInt8(stream.next() % 3) }
      let number = table.insert(text)
      #expect(number == expected[text, default: Int32(expected.count)])
      expected[text] = number
    }
    #expect(table.texts.count == expected.count)
    for (text, number) in expected {
      #expect(table.number(of: ByteText(text)) == number)
      #expect(table.texts[Int(number)] == ByteText(text))
    }
    #expect(table.number(of: "not there") == -1)
    #expect(KeyTable(table.texts).texts == table.texts)
  }

  @Test func tuplesAreNeverConfused() throws {
    let block = try block("a,b\n1,12\n11,2\n112,\n,112\n1,12\n\"1\",\"12\"\n11,21\n")
    var table = TupleTable(width: 2)
    var codes: [Int32] = []
    table.encode(block, columns: [0, 1], missing: [], into: &codes)
    #expect(codes == [0, 1, -1, -1, 0, 0, 2])
    #expect(table.tuples == [["1", "12"], ["11", "2"], ["11", "21"]])
    var swapped = TupleTable(width: 2)
    swapped.encode(block, columns: [1, 0], missing: [], into: &codes)
    #expect(swapped.tuples.first == ["12", "1"])
  }

  @Test func missingTexts() throws {
    let block = try block("a,b\nNA,x\n?,y\nu,x\n\"?\",x\nv,x\n\"\",x\nu,?\nNaN,x\n")
    var codes: [Int32] = []
    // Only what is named is missing besides the empty field: NA is a group like any other.
    var plain = TupleTable(width: 1)
    plain.encode(block, columns: [0], missing: [], into: &codes)
    #expect(codes == [0, 1, 2, 1, 3, -1, 2, 4])
    #expect(plain.tuples == [["NA"], ["?"], ["u"], ["v"], ["NaN"]])
    // A missing text that comes first must not shift the numbers of those behind it.
    var named = TupleTable(width: 1)
    named.encode(block, columns: [0], missing: ["?", "NA"], into: &codes)
    #expect(codes == [-1, -1, 0, -1, 1, -1, 0, 2])
    #expect(named.tuples == [["u"], ["v"], ["NaN"]])
    var both = TupleTable(width: 2)
    both.encode(block, columns: [0, 1], missing: ["?", "NA"], into: &codes)
    #expect(codes == [-1, -1, 0, -1, 1, -1, -1, 2])
    #expect(both.tuples == [["u", "x"], ["v", "x"], ["NaN", "x"]])
  }

  @Test func knownTuplesOnly() throws {
    let block = try block("a,b\n1,12\n11,2\n1,2\n?,12\n\"\",2\n")
    var known = TupleTable(width: 2, known: [["11", "2"], ["1", "12"]])
    var codes: [Int32] = []
    known.encode(block, columns: [0, 1], missing: ["?"], into: &codes)
    #expect(codes == [1, 0, -2, -1, -1])
    #expect(known.code(of: ["11", "2"]) == 0)
    #expect(known.code(of: ["2", "11"]) == -2)
    var single = TupleTable(width: 1, known: [["11"], ["1"]])
    single.encode(block, columns: [0], missing: ["?"], into: &codes)
    #expect(codes == [1, 0, 1, -1, -1])
    single.encode(block, columns: [0], missing: [], into: &codes)
    #expect(codes == [1, 0, 1, -2, -1])
  }

  /// Random tuples of three columns against a dictionary.
  @Test func tuplesAgreeWithADictionary() throws {
    var text = "a,b,c\n"
    var rows: [[String]] = []
    var stream = RandomStream(seed: 2, purpose: "tuples", index: 0)
    for _ in 0..<3000 {
      let row = (0..<3).map { _ in
        (0..<(stream.next() % 3)).map { _ in stream.next() % 2 == 0 ? "1" : "2" }.joined()
      }
      rows.append(row)
      text += row.joined(separator: ",") + "\n"
    }
    let block = try block(text)
    var table = TupleTable(width: 3)
    var codes: [Int32] = []
    table.encode(block, columns: [0, 1, 2], missing: [], into: &codes)
    var numbers: [[String]: Int32] = [:]
    for (row, code) in zip(rows, codes) {
      if row.contains("") {
        #expect(code == -1)
      } else {
        #expect(code == numbers[row, default: Int32(numbers.count)])
        numbers[row] = code
        #expect(table.tuples[Int(code)] == row.map { ByteText($0) })
      }
    }
  }
}
