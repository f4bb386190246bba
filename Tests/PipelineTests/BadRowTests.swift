import FairpostNumerics
import FairpostPipeline
import FairpostTestSupport
import FairpostText
import Foundation
import Testing

/// What happens to rows that are not what the roles ask for, under each policy.
@Suite struct BadRowTests {
  private static let text =
    "id,x\r\n1,2\r\n\r\n2,abc\r\n\"3\n\",NA\r\n4\r\n5,inf\r\n6,7,8\r\n7,5"

  private func settings(_ policy: BadRowPolicy, threads: Int = 1) -> InputSettings {
    var settings = InputSettings()
    settings.badRows = policy
    settings.threads = threads
    return settings
  }

  @Test func failNamesFileLineAndColumn() throws {
    let found = try #require(failure { _ = try doubled(Self.text) })
    #expect(found.status == .badData)
    #expect(found.message.description.hasSuffix("in.csv:4: column \"x\": \"abc\" is not a number"))
    let infinite = failure { _ = try doubled("x\n1\n\n1e400\n") }
    #expect(
      infinite?.message.description.hasSuffix(":4: column \"x\": \"1e400\" is not a finite number")
        == true)
  }

  @Test func theFirstBadLineIsNamed() throws {
    // The ragged record stands before the bad value, and the other way round.
    let first = failure { _ = try doubled("id,x\n\"1\n\n\",2\n3\n4,abc\n") }
    #expect(
      first?.message.description.hasSuffix("in.csv:5: the record has 1 field, the header has 2")
        == true)
    let second = failure { _ = try doubled("id,x\n\"1\n\n\",b\n3\n4,abc\n") }
    #expect(
      second?.message.description.hasSuffix("in.csv:2: column \"x\": \"b\" is not a number") == true
    )
  }

  @Test func lineNumbersHoldBehindManyBlocks() throws {
    // Half a megabyte of two-line records with blank lines among them, then the bad row.
    let rows = (0..<30_000).map { "\"\($0)\n\",1\n\($0 % 100 == 0 ? "\n" : "")" }.joined()
    for threads in [1, 3] {
      let found = failure {
        _ = try doubled("id,x\n" + rows + "z,bad\n", settings(.fail, threads: threads))
      }
      #expect(
        found?.message.description.contains("in.csv:60302: ") == true, "\(found?.message ?? "")")
    }
  }

  @Test func skipLeavesOutAndKeepsTheRejects() throws {
    let folder = try Scratch()
    defer { folder.remove() }
    var settings = settings(.skip)
    settings.rejects = folder.url.appendingPathComponent("rejects.csv").path
    let (text, tally) = try doubled(Self.text, settings)
    #expect(text == "id,x,y\r\n1,2,4\r\n\r\n\"3\n\",NA,\r\n7,5,10")
    #expect(tally.skipped == 4)
    #expect(tally.records == 5)
    #expect(tally.blank == 1)
    let rejects = try String(contentsOfFile: settings.rejects ?? "", encoding: .utf8)
    #expect(rejects == "id,x\r\n2,abc\r\n4\r\n5,inf\r\n6,7,8\r\n")
  }

  @Test func passTakesValuesAsMissingButNotRaggedRows() throws {
    let found = failure { _ = try doubled(Self.text, settings(.pass)) }
    #expect(found?.message.description.contains(":7: the record has 1 field") == true)
    let (text, tally) = try doubled("id,x\n1,abc\n2,3\n3,inf\n", settings(.pass))
    #expect(text == "id,x,y\n1,abc,\n2,3,6\n3,inf,\n")
    #expect(tally.passed == 2)
  }

  @Test(arguments: [BadRowPolicy.skip, .pass]) func tooManyBadRowsEndIt(policy: BadRowPolicy) {
    var limited = settings(policy)
    limited.maximumBad = 2
    let rows = "x\nabc\n1\ndef\n"
    #expect(failure { _ = try doubled(rows, limited) } == nil)
    limited.maximumBad = 1
    let found = failure { _ = try doubled(rows, limited) }
    #expect(found?.status == .badData)
    #expect(found?.message.description.contains("more than 1 bad rows") == true)
  }

  @Test func selectedRows() throws {
    var settings = settings(.fail)
    settings.rows = [("id", ["b", "c"])]
    // A bad value in a row that is left out is nobody's business.
    let (text, tally) = try doubled("id,x\na,abc\nb,1\n\"c\",2\nd,4\n", settings)
    #expect(text == "id,x,y\nb,1,2\n\"c\",2,4\n")
    #expect(tally.leftOut == 2)
    #expect(tally.records == 4)
    settings.rows = [("nothing", ["b"])]
    #expect(failure { _ = try doubled("id,x\n", settings) }?.status == .badData)
  }

  @Test func flags() throws {
    let (text, _) = try doubled("x\n1\n2\n4\n5\nNA\n", flag: "done")
    #expect(text == "x,y,done\n1,2,odd\n2,4,\n4,8,big\n5,10,big;odd\nNA,,\n")
  }

  @Test func existingColumns() throws {
    let found = failure { _ = try doubled("y,x\n1,2\n") }
    #expect(found?.hint?.description.contains("--overwrite") == true)
    #expect(try doubled("y,x\n\"1\",2\n", overwrite: true).text == "y,x\n4,2\n")
    let twice = failure { _ = try doubled("y,y,x\n1,2,3\n", overwrite: true) }
    #expect(twice?.message.description.contains("several columns are called \"y\"") == true)
    // A name that stands twice is an error only where it is named.
    #expect(try doubled("a,a,x\n1,2,3\n").text == "a,a,x,y\n1,2,3,6\n")
    #expect(failure { _ = try doubled("x,x\n1,2\n") }?.status == .badData)
  }

  @Test func anUnknownNameLeadsToTheNearest() {
    let found = failure { _ = try doubled("id,score,X\n1,2,3\n") }
    #expect(found?.message.description.contains("no column \"x\"") == true)
    #expect(found?.message.description.contains("\"X\"") == true)
  }

  @Test func streamsWithoutAHeader() throws {
    var settings = settings(.fail)
    settings.columns = ["id", "x"]
    #expect(try doubled("1,2\n3,4", settings).text == "1,2,4\n3,4,8")
    #expect(try doubled("\u{FEFF}1,2\n", settings).text == "\u{FEFF}1,2,4\n")
    #expect(try doubled("", settings).text == "")
    let found = failure { _ = try doubled("1,2\n3,b\n", settings) }
    #expect(found?.message.description.contains("in.csv:2: column \"x\"") == true)
  }

  @Test func headerOnly() throws {
    #expect(try doubled("id,x\n").text == "id,x,y\n")
    #expect(try doubled("id,x").text == "id,x,y")
    #expect(
      failure { _ = try doubled("") }?.message.description.contains("not even a header") == true)
  }
}
