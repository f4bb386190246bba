import FairpostText
import Testing

@Suite struct MessageTests {
  private let name = "a,b"

  @Test func aCommandAndTheLibraryNameOptionsTheirOwnWay() {
    let message: Message =
      "\(option: "at-rate") 0.2 of \"\(name)\" and \(option: "group") cannot be used together"
    #expect(message.description == "--at-rate 0.2 of \"a,b\" and --group cannot be used together")
    #expect(
      message.said(by: .library) == "atRate 0.2 of \"a,b\" and group cannot be used together")
  }

  @Test func anOptionStaysOneInsideOtherWords() {
    let inner: Message = "\(option: "rows") is empty"
    let outer: Message = "in.csv: \(inner), \(3) rows"
    #expect(outer.description == "in.csv: --rows is empty, 3 rows")
    #expect(outer.said(by: .library) == "in.csv: rows is empty, 3 rows")
    #expect([inner, "x"].joined(separator: "; ").said(by: .library) == "rows is empty; x")
    #expect((inner + " here").said(by: .library) == "rows is empty here")
  }

  @Test func whatFollowsAKnownBeginningIsFound() {
    let message: Message = "in.csv: no \(option: "id")"
    #expect(message.after("in.csv: ")?.said(by: .library) == "no id")
    #expect(message.after("out.csv: ") == nil)
  }

  @Test func namesFromFilesAreMadeSafeAndOptionsAreKept() {
    let message: Message = "\("\u{1B}[2J") \(option: "group")"
    #expect(Shown.line(message).description == "\\u{1B}[2J --group")
    #expect(Shown.line(message).said(by: .library) == "\\u{1B}[2J group")
  }
}
