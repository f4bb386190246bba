import FairpostNumerics
import FairpostPipeline
import FairpostTestSupport
import FairpostText
import FairpostTransport
import Foundation
import Testing

/// Columns read into memory, joined and binned ones among them.
@Suite struct TableTests {
  private func table(
    _ text: String, _ settings: InputSettings = InputSettings(), groups: [[String]] = [],
    numbers: [String] = [], texts: [String] = []
  ) throws -> Table {
    let file = try TextFile(text)
    let input = try Input(file.path, settings)
    var request = TableRequest()
    request.numbers = try input.columns(numbers)
    request.groups = try groups.map { try input.columns($0) }
    request.texts = try input.columns(texts)
    request.hashes = [(StableHash(seed: 1, purpose: "test"), nil)]
    return try input.table(request)
  }

  @Test func codesDoNotDependOnThreads() throws {
    var stream = RandomStream(seed: 4, purpose: "table", index: 0)
    var text = "a,b,x\n"
    var rows: [(String, String, String)] = []
    for _ in 0..<60_000 {
      let row = (
        "g\(stream.next() % 40)", ["u", "v", "", "NA"][Int(stream.next() % 4)],
        "\(Double(stream.next() % 1000) / 8)"
      )
      rows.append(row)
      text += "\(row.0),\(row.1),\(row.2)\n"
    }
    var single = InputSettings()
    single.missing = ["NA", "g7"]
    let one = try table(text, single, groups: [["a"], ["a", "b"]], numbers: ["x"], texts: ["b"])
    #expect(one.count == rows.count)
    #expect(one.numbers[0] == rows.map { Double($0.2) ?? .nan })
    for (place, row) in rows.enumerated() {
      let code = one.groups[0].codes[place]
      if row.0 == "g7" {
        #expect(code == -1)
      } else {
        #expect(one.groups[0].keys[Int(code)].parts == [ByteText(row.0)])
      }
    }
    #expect(one.groups[0].keys == one.groups[0].keys.sorted())
    #expect(one.groups[0].keys.count == 39)
    for threads in [2, 4, 7] {
      var several = single
      several.threads = threads
      let other = try table(
        text, several, groups: [["a"], ["a", "b"]], numbers: ["x"], texts: ["b"])
      #expect(other.groups.map(\.keys) == one.groups.map(\.keys))
      #expect(other.groups.map(\.codes) == one.groups.map(\.codes))
      #expect(other.numbers == one.numbers)
      #expect(other.hashes == one.hashes)
      #expect(other.texts[0].codes == one.texts[0].codes)
      #expect(other.texts[0].values == one.texts[0].values)
    }
  }

  @Test func skippedRowsAreGoneEverywhere() throws {
    var settings = InputSettings()
    settings.badRows = .skip
    let table = try table(
      "g,x\na,1\nz,bad\nb,2\nc\na,3\n", settings, groups: [["g"]], numbers: ["x"])
    #expect(table.count == 3)
    #expect(table.numbers[0] == [1, 2, 3])
    #expect(table.groups[0].codes == [0, 1, 0])
    #expect(table.groups[0].keys.count == 2)
    #expect(table.hashes[0].count == 3)
    #expect(table.tally.skipped == 2)
  }

  @Test func joinedColumns() throws {
    let other = try TextFile("name,id,g,w\nx,\"1\",a,10\ny,2,b,bad\nz,3,,30\n", name: "groups.csv")
    var settings = InputSettings()
    settings.join = (other.path, "id")
    let text = "id,name\n3,n\n1,n\n\"1\",n\n9,n\n"
    let joined = try table(text, settings, groups: [["g"]], numbers: ["w"])
    #expect(joined.groups[0].keys.map(\.parts) == [["a"]])
    #expect(joined.groups[0].codes == [-1, 0, 0, -1])
    #expect(joined.numbers[0][..<3] == [30, 10, 10])
    #expect(joined.numbers[0][3].isNaN)
    // The stream's own column wins over the joined one of its name.
    #expect(try table(text, settings, texts: ["name"]).texts[0].values == ["n"])
    let bad = failure { _ = try table("id\n1\n2\n", settings, numbers: ["w"]) }
    #expect(bad?.message.description.contains(":3: column \"w\": \"bad\" is not a number") == true)
    #expect(
      failure { _ = try table("ID\n1\n", settings) }?.message.description.contains("\"ID\"") == true
    )
    let twice = try TextFile("id,g\n1,a\n2,b\n1,c\n", name: "twice.csv")
    settings.join = (twice.path, "id")
    #expect(
      failure { _ = try table(text, settings) }?.message.description
        .contains("twice.csv:4: column \"id\": the id \"1\" appears twice in the joined file")
        == true)
    settings.join = (twice.path + ".not", "id")
    #expect(failure { _ = try table(text, settings) }?.status == .noInput)
  }

  @Test func binnedColumns() throws {
    var settings = InputSettings()
    settings.bins = ["age": [25, 40]]
    let rows = "age,sex\n24.999,F\n25,F\n39,M\n40,F\n,M\n1e3,M\n"
    let single = try table(rows, settings, groups: [["age"]])
    #expect(single.groups[0].keys.map(\.parts) == [["25-40"], ["<25"], [">=40"]])
    #expect(single.groups[0].codes == [1, 0, 0, 2, -1, 2])
    let crossed = try table(rows, settings, groups: [["age", "sex"]])
    #expect(crossed.groups[0].keys.count == 5)
    let bad = failure { _ = try table("age\n1\nold\n", settings, groups: [["age"]]) }
    #expect(
      bad?.message.description.contains(":3: column \"age\": \"old\" is not a number") == true)
    #expect(failure { _ = try table("sex\nF\n", settings) }?.status == .badData)
  }
}
