import FairpostTestSupport
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `plot`: what its figures say is what `evaluate` says, and a browser shows them.
@Suite(.enabled(if: Program.isBuilt)) struct PlotLawTests {
  /// The pictures that are committed are those that the program draws now.
  @Test func committedPicturesAreCurrent() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let folder = Shared.repository.appendingPathComponent("Examples/results/pictures")
    let story = try Program.shell(
      "sh \"$SCRIPT\" \"$PWD\"",
      environment: [
        "SCRIPT": Shared.repository.appendingPathComponent("Examples/pictures.sh").path
      ], directory: scratch.url)
    #expect(story.status == 0, "\(story.errorText)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted() == names)
    #expect(names.count >= 25)
    for name in names {
      let made = try Data(contentsOf: scratch.url.appendingPathComponent(name))
      let kept = try Data(contentsOf: folder.appendingPathComponent(name))
      // Curves are smoothed by exp, which differs in its last digit between processors.
      #expect(sameNumbers([UInt8](kept), [UInt8](made), tolerance: 0.02), "\(name)")
      #expect(XMLParser(data: made).parse(), "\(name)")
      #expect(!String(decoding: made, as: UTF8.self).contains("<script"), "\(name)")
    }
  }

  /// A browser shows every one of them.
  @Test(.enabled(if: browser != nil, "no Chromium is installed")) func aBrowserShowsThem() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let folder = Shared.repository.appendingPathComponent("Examples/results/pictures")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let images = names.map { "<img src=\"\(folder.appendingPathComponent($0).absoluteString)\">" }
    let page = """
      <!doctype html><meta charset="utf-8"><body>\(images.joined())<script>
      onload = () => { document.title = 'shown ' + [...document.images].filter(i => i.naturalWidth > 300 && i.naturalHeight > 200).length }
      </script>
      """
    try Data(page.utf8).write(to: scratch.url.appendingPathComponent("page.html"))
    let shown = try Program.shell(
      "\"$BROWSER\" --headless --no-sandbox --disable-gpu --user-data-dir=\"$PWD/profile\" --dump-dom \"file://$PWD/page.html\"",
      environment: ["BROWSER": Self.browser ?? "", "HOME": scratch.url.path],
      directory: scratch.url)
    #expect(shown.outputText.contains("<title>shown \(names.count)</title>"))
  }

  private static let browser = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap { name in ["/usr/bin/\(name)", "/usr/local/bin/\(name)"] }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Areas and distances in the panels are those of `evaluate`.
  @Test func figuresAreThoseOfEvaluate() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 700 --seed 5 > in.csv
      fairpost evaluate -q --task repaid --score score --group sex --metrics auc,ks --format csv in.csv > figures.csv
      fairpost plot roc -q --task repaid --score score --group sex in.csv > roc.svg
      fairpost plot cdf -q --score score --group sex in.csv > cdf.svg
      """, directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    func text(_ name: String) throws -> String {
      try String(contentsOf: scratch.url.appendingPathComponent(name), encoding: .utf8)
    }
    func value(_ metric: String, _ group: String) throws -> String {
      let line = try #require(
        try text("figures.csv").split(separator: "\n").first {
          $0.contains(",score,\(metric),") && $0.contains(group)
        })
      let numbers = line.split(separator: ",", omittingEmptySubsequences: false)
        .compactMap { Double($0) }
      return String(format: "%.3f", try #require(numbers.first))
    }
    for group in ["F", "M"] {
      let area = try value("auc", "[\"\"\(group)\"\"]")
      #expect(try text("roc.svg").contains("\(group): AUC \(area)"))
    }
    let ks = try value("ks", "[\"\"sex\"\"]")
    #expect(try text("cdf.svg").contains("KS \(ks)"))
  }

  /// Every group's density holds as much as any other's, in every panel, whatever the scores.
  @Test(arguments: ["loans", "gaussians"]) func densitiesHoldOne(_ data: String) throws {
    let run = try Program.shell(
      "fairpost synth \(data) -q | fairpost plot density -q --score score --group \(data == "loans" ? "sex" : "group")"
    )
    #expect(run.status == 0, "\(run.errorText)")
    let areas = run.outputText.split(separator: "\n").filter { $0.contains("opacity=\"0.18\"") }
      .map { line -> Double in
        let places = line.matches(of: /[ML](-?[\d.]+) (-?[\d.]+)/).map {
          (Double($0.1) ?? .nan, Double($0.2) ?? .nan)
        }
        var area = 0.0
        for (a, b) in zip(places, places.dropFirst() + places.prefix(1)) {
          area += (a.0 * b.1 - b.0 * a.1) / 2
        }
        return abs(area)
      }
    #expect(areas.count >= 2)
    for area in areas { #expect(abs(area / areas[0] - 1) < 0.01) }
  }

  /// The shaded part of a boundary is the part of the grid that is decided 1.
  @Test func shadesTheDecidedCells() throws {
    let run = try Program.shell(
      """
      awk 'BEGIN { print "x,y,p"; for (i = 0; i <= 10; i++) for (j = 0; j <= 10; j++) print i "," j "," (i > j) }' |
        fairpost plot boundary -q --x x --y y --score p
      """)
    #expect(run.status == 0, "\(run.errorText)")
    let lines = run.outputText.split(separator: "\n")
    let shaded = try #require(lines.first { $0.contains("class=\"f0\" opacity=\"0.2\"") })
    let runs = shaded.matches(of: /h([\d.]+)v/).map { Double($0.1) ?? .nan }
    #expect(runs.count == 10)
    let frame = try #require(lines.first { $0.contains("class=\"frame\"") })
    let width = try #require(frame.firstMatch(of: /width="([\d.]+)"/).flatMap { Double($0.1) })
    #expect(abs(runs.reduce(0, +) - 55 * width / 11) < 0.2)
  }

  /// What cannot be drawn is said, with the right status.
  @Test(
    arguments: [
      ("printf 'g,p\\n' | fairpost plot density --score p --group g", 65, "nothing to draw"),
      ("printf '' | fairpost plot density --score p --group g", 65, "not even a header"),
      ("printf 'g,p\\na,NaN\\n' | fairpost plot cdf --score p --group g", 65, "nothing to draw"),
      ("printf 'g,p\\na,x\\n' | fairpost plot cdf --score p --group g", 65, ":2: column \"p\""),
      ("printf 'g,p\\na,.5\\n' | fairpost plot roc --score p --group g", 64, "needs binary labels"),
      (
        "printf 'g,p\\na,.5\\n' | fairpost plot calibration --score p --group g", 64, "needs labels"
      ),
      ("printf 'g,p\\na,.5\\n' | fairpost plot bars --score p", 64, "--group COL"),
      (
        "printf 'g,p\\na,.5\\n' | fairpost plot bars --score p --group g --metrics ks", 64,
        "is not a figure of single groups"
      ),
      ("printf 'g,p\\na,.5\\n' | fairpost plot map", 64, "needs the name of a map file"),
      ("printf 'g,p\\na,.5\\n' > f; fairpost plot map f", 78, "f"),
      ("printf 'a,b\\n1,2\\n' | fairpost plot tradeoff", 64, "has no column"),
      ("printf 'a,b\\n1,2\\n' | fairpost plot log", 65, "has no column \"step\""),
      ("fairpost plot picture", 64, "density"), ("fairpost plot", 64, "one of density, cdf"),
    ]) func whatCannotBeDrawnIsSaid(_ command: String, _ status: Int, _ words: String) throws
  {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(command, directory: scratch.url)
    #expect(run.status == Int32(status), "\(run.errorText)")
    #expect(run.errorText.contains(words), "\(run.errorText)")
    #expect(run.output.isEmpty)
  }
}
