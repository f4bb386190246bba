import FairpostTestSupport
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `report`: complete without a network or a script, true to its data, and safe whatever names there are.
@Suite(.enabled(if: Program.isBuilt)) struct ReportLawTests {
  private static let data =
    "fairpost synth loans -q -n 800 | fairpost adjust -q --score score --group sex > in.csv; fairpost fit -q --score score --group sex -o sex.map in.csv"
  private static let hostile = """
    awk 'BEGIN { print "g,p,y"; for (i = 0; i < 200; i++) printf "%s,%.3f,%d\\n", (i % 2 ? "<script>alert(1)</script>" : "\\"a \\"\\"b\\"\\" & </script>\\n\\033[2J\\""), (i * 37 % 100) / 100, (i * 37 % 100 > i * 91 % 100) }' > in.csv
    """

  private func page(_ script: String, in scratch: Scratch) throws -> String {
    let run = try Program.shell(script, directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    return try String(
      contentsOf: scratch.url.appendingPathComponent("report.html"), encoding: .utf8)
  }

  @Test func holdsTheVerdictFirstAndNeedsNothing() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let page = try page(
      "\(Self.data); fairpost report -q --task repaid --score score --group sex -m sex.map --fail-if 'score.fair:ks > 0.9' -o report.html in.csv",
      in: scratch)
    let heads = page.matches(of: /<h([1-3])>/).map { Int($0.1) ?? 0 }
    #expect(heads.first == 1 && heads.filter { $0 == 1 }.count == 1)
    // A head is never more than one level below the one before it.
    #expect(zip(heads, heads.dropFirst()).allSatisfy { $1 <= $0 + 1 })
    let verdict = try #require(page.range(of: "<h2>Verdict</h2>"))
    let figures = try #require(page.range(of: "<h2>Figures</h2>"))
    #expect(verdict.lowerBound < figures.lowerBound)
    #expect(page.contains("<strong>PASS</strong>"))
    for outside in ["src=", "href=", "@import", "url("] { #expect(!page.contains(outside)) }
    #expect(page.components(separatedBy: "<svg ").count == 4)
    #expect(page.matches(of: /role="img" aria-labelledby="/).count == 3)
    #expect(page.contains("the map") || page.contains("The map"))
    #expect(page.utf8.count < 2_000_000)
    // Without its scripts the page is XML but for what HTML may leave open.
    let open = try Regex("<script[\\s\\S]*?</script>|<meta [^>]*>|<!doctype html>|<input [^>]*>")
    let bare = page.replacing(open, with: "").replacing(" hidden>", with: ">")
    let parser = XMLParser(data: Data(bare.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError)) line \(parser.lineNumber)")
  }

  @Test func verifyDerivesItsFiguresAgain() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    _ = try page(
      "\(Self.data); fairpost report -q --task repaid --score score --group sex --bin age=30,50 --group age --min-cell 20 -o report.html in.csv",
      in: scratch)
    func verify(_ script: String) throws -> ProgramRun {
      try Program.shell(script, directory: scratch.url)
    }
    let right = try verify("fairpost verify report.html in.csv")
    #expect(right.status == 0 && right.errorText.contains("figures agree"), "\(right.errorText)")
    #expect(try verify("fairpost verify --threads 1 report.html < in.csv").status == 0)
    let other = try verify("head -700 in.csv > less.csv; fairpost verify report.html less.csv")
    #expect(other.status == 1 && other.errorText.contains("figures differ"))
    let forged = try verify(
      "sed 's/\"value\": 0\\.[0-9]*,/\"value\": 0.5,/' report.html > forged.html; fairpost verify forged.html in.csv"
    )
    #expect(forged.status == 1, "\(forged.errorText)")
    #expect(try verify("cp in.csv not.html; fairpost verify not.html in.csv").status == 78)
    #expect(try verify("fairpost verify nothing.html in.csv").status == 66)
    #expect(try verify("fairpost verify").status == 64)
  }

  /// The figures inside are those of `evaluate`, to the last bit.
  @Test func holdsTheFiguresOfEvaluate() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let page = try page(
      "\(Self.data); fairpost report -q --task repaid --score score --group sex --metrics auc,ks,selection_rate -o report.html in.csv; fairpost evaluate -q --task repaid --score score --group sex --metrics auc,ks,selection_rate --format json in.csv > figures.json",
      in: scratch)
    let begin = try #require(page.range(of: "id=\"fairpost\">"))
    let end = try #require(page.range(of: "</script>", range: begin.upperBound..<page.endIndex))
    let json =
      try JSONSerialization.jsonObject(
        with: Data(page[begin.upperBound..<end.lowerBound].utf8)) as? [String: Any]
    let own = json?["report"] as? NSDictionary
    let evaluated =
      try JSONSerialization.jsonObject(
        with: try Data(contentsOf: scratch.url.appendingPathComponent("figures.json")))
      as? NSDictionary
    #expect(own != nil && own == evaluated)
  }

  @Test func namesAreTextEverywhere() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let page = try page(
      "\(Self.hostile); fairpost report -q --task y --score p --group g --title '<b>&' -o report.html in.csv",
      in: scratch)
    // The page's own two scripts and no other; no control byte anywhere.
    #expect(page.matches(of: /<script/).count == 2)
    #expect(page.matches(of: /<\/script>/).count == 2)
    #expect(!page.contains("<b>"))
    #expect(page.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    let run = try Program.shell("fairpost verify report.html in.csv", directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let card = try Program.shell(
      "fairpost report -q --model-card --task y --score p --group g in.csv", directory: scratch.url)
    #expect(card.status == 0 && !card.outputText.contains("<script"))
    #expect(card.outputText.contains("## Fairness"))
  }

  /// Groups under the limit are in no figure, no picture and no name of the page.
  @Test func smallCellsAreNowhere() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let page = try page(
      """
      awk 'BEGIN { print "g,p,y"; for (i = 0; i < 300; i++) printf "%s,%.3f,%d\\n", (i < 5 ? "secretly-rare" : i % 2 ? "odd" : "even"), (i * 37 % 100) / 100, (i * 37 % 100 > i * 91 % 100) }' > in.csv
      fairpost report -q --task y --score p --group g --min-cell 10 -o report.html in.csv
      """, in: scratch)
    let pictures = page.matches(of: /<svg[\s\S]*?<\/svg>/).map { String($0.output) }
    #expect(pictures.count >= 2)
    for picture in pictures {
      // Bars say "not estimable" of the group; curves leave it out.
      #expect(!picture.contains("secretly-rare (5)"))
    }
    #expect(page.contains("suppressed"))
  }

  @Test(arguments: ["10000", "1"]) func manyGroupsAndFewStayReadable(_ groups: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let page = try page(
      "awk 'BEGIN { print \"g,p,y\"; for (i = 0; i < 20000; i++) printf \"g%d,%.3f,%d\\n\", i % \(groups), (i * 37 % 100) / 100, (i * 37 % 100 > i * 91 % 100) }' > in.csv; fairpost report -q --task y --score p --group g -o report.html in.csv",
      in: scratch)
    #expect(page.utf8.count < 2_000_000)
    #expect(
      try Program.shell("fairpost verify report.html in.csv", directory: scratch.url).status == 0)
  }

  /// Of very many rows a share is drawn, chosen by the records and so the same on any number of threads; the figures
  /// and the digest are of all.
  @Test func ofVeryManyRowsAShareIsDrawn() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let page = try page(
      """
      fairpost synth loans -q -n 1100000 > in.csv
      fairpost report -q --threads 1 --score score --group sex -o one.html in.csv
      fairpost report -q --threads 2 --score score --group sex -o report.html in.csv
      cmp one.html report.html
      """, in: scratch)
    #expect(page.contains("of 1,100,000 rows, chosen at random by a hash"))
    #expect(page.contains("1,100,000 rows of in.csv"))
  }

  /// A browser shows every picture, and finds nothing wrong.
  @Test(.enabled(if: browser != nil, "no Chromium is installed")) func aBrowserFindsNothingWrong()
    throws
  {
    let scratch = try Scratch()
    defer { scratch.remove() }
    _ = try page(
      "\(Self.data); fairpost report -q --task repaid --score score --group sex -o report.html in.csv",
      in: scratch)
    let shown = try Program.shell(
      """
      sed 's#</body>#<script>onerror=e=>{document.title="wrong "+e};onload=()=>{const s=[...document.querySelectorAll("svg")].filter(x=>x.getBoundingClientRect().height>150).length,f=document.getElementById("filter");f.value="auc";f.oninput();const r=[...document.querySelectorAll("\\#figures tbody tr")].filter(x=>!x.hidden).length;document.querySelector("\\#figures th").onclick();document.title="shown "+s+" "+(r>0)+" "+(document.documentElement.scrollWidth<=innerWidth)}</script></body>#' report.html > tried.html
      "$BROWSER" --headless --no-sandbox --disable-gpu --window-size=400,800 --user-data-dir="$PWD/profile" --dump-dom "file://$PWD/tried.html"
      """, environment: ["BROWSER": Self.browser ?? "", "HOME": scratch.url.path],
      directory: scratch.url)
    let title = shown.outputText.firstMatch(of: /<title>([^<]*)<\/title>/).map { String($0.1) }
    #expect(title == "shown 3 true true", "\(title ?? "")")
  }

  private static let browser = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap { name in ["/usr/bin/\(name)", "/usr/local/bin/\(name)"] }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}
