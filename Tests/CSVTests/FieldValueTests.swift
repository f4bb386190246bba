import FairpostCSV
import FairpostNumerics
import Testing

/// Numbers and hashes of fields, and what the writer makes of new columns.
@Suite struct FieldValueTests {
  private func block(_ text: String, delimiter: Dialect = .comma) throws -> Block {
    let reader = try BlockReader(BytesSource(Array(text.utf8)), dialect: delimiter)
    let block = reader.makeBlock()
    _ = try reader.next(into: block)
    block.prepare()
    return block
  }

  @Test func numbers() throws {
    let block = try block(
      "a,x\n1,\n2,NA\n3,\"1.5\"\n4,\" 2 \"\n5,abc\n6,inf\n7,1e999\n8,NaN\n9,\"\"\n10,null\n11,\"\"\"1\"\"\"\n12,-0\n"
    )
    var values: [Double] = []
    var problems: [FieldProblem] = []
    block.numbers(1, into: &values, problems: &problems)
    let expected: [Double] = [
      .nan, .nan, 1.5, 2, .nan, .nan, .nan, .nan, .nan, .nan, .nan, -0.0,
    ]
    for (value, wanted) in zip(values, expected) {
      #expect(value == wanted || (value.isNaN && wanted.isNaN))
    }
    #expect(values.count == expected.count)
    #expect(values.last?.sign == .minus)
    #expect(problems.map(\.record) == [4, 5, 6, 10])
    #expect(problems.map(\.kind) == [.notNumber, .notFinite, .notFinite, .notNumber])
  }

  @Test func missingTextsInNumbers() throws {
    let block = try block("x\n99\n\"99\"\nabc\n99.0\n\"?\"\ninf\n")
    var values: [Double] = []
    var problems: [FieldProblem] = []
    block.numbers(0, missing: ["99", "?", "inf"], into: &values, problems: &problems)
    #expect(values.map(\.isNaN) == [true, true, true, false, true, true])
    #expect(problems.map(\.record) == [2])
  }

  @Test func hashesGoByValueAndRecordsByBytes() throws {
    let block = try block("a,b\nx,1\n\"x\",1\r\nx,1\r\n\"say \"\"x\"\"\",1\n")
    let hash = StableHash(seed: 1, purpose: "test")
    var values: [UInt64] = []
    block.hashes(0, hash, into: &values)
    #expect(values == ["x", "x", "x", "say \"x\""].map { hash($0) })
    block.recordHashes(hash, into: &values)
    #expect(values == ["x,1", "\"x\",1", "x,1", "\"say \"\"x\"\"\",1"].map { hash($0) })
    #expect(block.isEmpty(0, 0) == false)
  }

  private func assembled(
    _ text: String, _ columns: [OutputColumn], dropped: [Int] = []
  ) throws -> String {
    let output = ByteBuffer(capacity: 1)
    try block(text).assemble(columns, dropped: dropped, into: output)
    return String(decoding: output.contents, as: UTF8.self)
  }

  @Test func appendedColumns() throws {
    let texts = ["", "t", "a,b"].map { Dialect.comma.quoted(Array($0.utf8)) }
    let choices = OutputColumn(.appended, .choices([0, 1, 2], from: texts))
    let rows = "a,b\n1,2\r\n\n\"x\ny\",\"2\"\r\n 5 ,"
    let appended = "1,2,\r\n\n\"x\ny\",\"2\",t\r\n 5 ,,\"a,b\""
    #expect(try assembled(rows, [choices]) == appended)
    // The general way writes the same.
    #expect(
      try assembled(rows, [OutputColumn(.appended, .texts([texts[0], texts[1], texts[2]]))])
        == appended)
    let numbers = OutputColumn(.appended, .numbers([0.1, .nan, -1e300]))
    #expect(try assembled("a\n1\n2\n3\n", [numbers]) == "1,0.1\n2,\n3,-1e300\n")
    #expect(
      try assembled("a\n1\n2\n3\n", [numbers, numbers])
        == "1,0.1,0.1\n2,,\n3,-1e300,-1e300\n")
  }

  @Test func replacedAndDropped() throws {
    let first = OutputColumn(.replacing(0), .numbers([1, 2, 3]))
    let last = OutputColumn(.replacing(2), .texts([[0x78], [0x79], [0x7A]]))
    let rows = "a,b,c\np,\"q\",r\r\nblank,\n\ns,t,\nu,v,w"
    #expect(try assembled(rows, [last, first]) == "1,\"q\",x\r\n\n2,t,y\n3,v,z")
    #expect(try assembled(rows, [last, first], dropped: [0, 2]) == "\n2,t,y\n")
    #expect(try assembled("a,b\n1,2\n3\n4,5", [], dropped: []) == "1,2\n4,5")
  }

  /// Long fields cross the sixteen-byte steps of the copying.
  @Test func longFieldsAreCopiedWhole() throws {
    for length in 0..<70 {
      let field = String(repeating: "x", count: length)
      let long = Dialect.comma.quoted(Array(String(repeating: "y", count: length).utf8))
      let column = OutputColumn(.appended, .choices([0, 0], from: [long]))
      let text = String(decoding: long, as: UTF8.self)
      #expect(
        try assembled("a,b\n\(field),1\n2,\(field)", [column])
          == "\(field),1,\(text)\n2,\(field),\(text)")
    }
  }

  @Test func newNamesAreQuotedWhereTheyMustBe() {
    func header(_ text: String, _ names: [String]) -> String {
      String(
        decoding: BlockReader.header(Array(text.utf8), .comma, appending: names), as: UTF8.self)
    }
    #expect(header("a,b\r\n", ["c"]) == "a,b,c\r\n")
    #expect(header("a,b", ["c,d", "e\"f"]) == "a,b,\"c,d\",\"e\"\"f\"")
    #expect(header("\"a\n\",b\n", ["c"]) == "\"a\n\",b,c\n")
  }

  @Test func quotingRoundTrips() {
    for index in 0..<2000 {
      var stream = RandomStream(seed: 3, purpose: "quoting", index: UInt64(index))
      let some: [UInt8] = [0x61, 0x2C, 0x22, 0x0A, 0x0D, 0x00, 0xFF]
      let fields = (0..<(1 + stream.next() % 4)).map { _ in
        (0..<(stream.next() % 5)).map { _ in some[Int(stream.next() % 7)] }
      }
      let names = fields.indices.map { "c\($0)" }.joined(separator: ",")
      let bytes = Array("\(names)\n".utf8) + Dialect.comma.record(fields) + [0x0A]
      guard case .record(let read, _, _)? = Reading(bytes).items.first else {
        Issue.record("no record in \(bytes)")
        continue
      }
      #expect(read == fields)
    }
  }
}
