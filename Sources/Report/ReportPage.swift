package import FairpostCharts
package import FairpostEvaluation
internal import FairpostJSON
package import FairpostMetrics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// An evaluation as one page of HTML: the verdict first, then groups, pictures and every figure; it
/// needs no network and no script to be read.
package struct ReportPage {
  /// What the page is called.
  package let title: String
  /// The file that was evaluated.
  package let input: String
  /// What was found.
  package let outcome: EvaluationRun.Outcome
  /// The rows of a group that is small.
  package let smallGroup: Int
  /// Pictures with what they show.
  package let charts: [Chart]
  /// What the map says of itself, where one is named.
  package let map: (name: String, text: String)?
  /// The words of `evaluate` that give the figures again, without the file.
  package let words: [String]
  /// The level of intervals.
  package let level: Double
  /// The digest of the records.
  package let digest: String

  /// A page from its parts.
  package init(
    title: String, input: String, outcome: EvaluationRun.Outcome, smallGroup: Int,
    charts: [Chart], map: (name: String, text: String)?, words: [String], level: Double,
    digest: String
  ) {
    self.title = title
    self.input = input
    self.outcome = outcome
    self.smallGroup = smallGroup
    self.charts = charts
    self.map = map
    self.words = words
    self.level = level
    self.digest = digest
  }

  /// The most figures a page holds; of more groups the largest are shown.
  private static let mostFigures = 3000

  /// The figures the page shows: those of all rows, and of the largest groups.
  package static func shown(_ figures: [Figure]) -> [Figure] {
    guard figures.count > mostFigures else { return figures }
    var sizes: [[String]: [String: Int]] = [:]
    for figure in figures {
      guard let group = figure.group?.description else { continue }
      let known = sizes[figure.attribute]?[group] ?? 0
      sizes[figure.attribute, default: [:]][group] = max(known, figure.count)
    }
    let largest = sizes.mapValues { groups in
      Set(groups.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }.prefix(20).map(\.key))
    }
    return Array(
      figures.filter { figure in
        figure.group.map { largest[figure.attribute]?.contains($0.description) == true } ?? true
      }.prefix(mostFigures))
  }

  /// The page.
  package func html() throws -> [UInt8] {
    let figures = Self.shown(outcome.figures)
    let glance = Glance(outcome.figures, width: 200, smallGroup: smallGroup)
    var body =
      "<header><h1>\(text(title))</h1><p class=\"lead\">\(text(outcome.words))</p></header>\n<main>\n"
    body += section("Verdict", verdict(glance))
    body += section("Rows and groups", groups(figures))
    if !charts.isEmpty {
      let pictures = charts.enumerated().map { place, chart in
        "<figure>\(SVGDrawing.text(chart, width: 720, name: "picture\(place)", carriesStyle: false))</figure>\n"
      }
      body += section("Pictures", pictures.joined())
    }
    body += section("Figures", table(figures))
    if let map {
      body += section(
        "The map",
        "<p>What \(text(map.name)) says of itself:</p>\n<pre>\(text(map.text, isLong: true))</pre>\n"
      )
    }
    body += section("Where this comes from", provenance())
    body += section("Limits, and when not to use this", Self.limits)
    body += "</main>\n"
    let page = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
      <title>\(text(title))</title>
      <style>\(Self.style)\(SVGDrawing.style)</style></head>
      <body>
      \(body)<script type="application/json" id="fairpost">
      \(String(decoding: try Self.machineReadable(figures, outcome, words, level), as: UTF8.self))</script>
      <script>\(Self.script)</script>
      </body></html>

      """
    return Array(page.utf8)
  }

  // MARK: For machines

  private static let format = "fairpost.report"

  /// The figures with the words that give them again.
  private static func machineReadable(
    _ figures: [Figure], _ outcome: EvaluationRun.Outcome, _ words: [String], _ level: Double
  ) throws -> [UInt8] {
    let json: JSONValue = [
      "format": .string(format), "version": .integer(1),
      "written by": .string("fairpost \(Version.number)"),
      "words": .array(words.map { .string($0) }),
      "report": try JSONValue(
        reading: try FigureJSON.bytes(figures, gates: outcome.verdicts, level: level),
        limit: 1 << 30),
    ]
    let bytes = try json.written()
    // A name may hold the beginning or the end of a script element; in JSON a sign may be its number.
    var safe: [UInt8] = []
    safe.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == UInt8(ascii: "<") {
        safe += Array("\\u003c".utf8)
      } else {
        safe.append(byte)
      }
    }
    return safe
  }

  /// What a page holds for machines.
  package struct Claim {
    /// The words of `evaluate` that give its figures.
    package let words: [String]
    private let figures: JSONValue

    /// Reads a page.
    package init(_ page: [UInt8], path: String) throws {
      let begin = Array("<script type=\"application/json\" id=\"fairpost\">\n".utf8)
      let end = Array("</script>".utf8)
      guard let start = Self.place(of: begin, in: page, from: 0),
        let stop = Self.place(of: end, in: page, from: start)
      else { throw Failure(.badModel, "\(path): not a report written by fairpost") }
      do {
        let json = JSONNode(
          try JSONValue(reading: Array(page[(start + begin.count)..<stop]), limit: 1 << 30),
          name: "report")
        guard try json["format"].string == ReportPage.format else {
          throw Failure(.badModel, "\(path): not a report written by fairpost")
        }
        words = try json["words"].strings
        figures = try json["report"].value
      } catch let error as JSONError {
        throw Failure(.badModel, "\(path): \(error)")
      }
    }

    /// How many figures differ from those found now.
    package func differences(_ outcome: EvaluationRun.Outcome, level: Double) throws -> (
      compared: Int, different: [String]
    ) {
      let found = try JSONValue(
        reading: try FigureJSON.bytes(
          ReportPage.shown(outcome.figures), gates: outcome.verdicts, level: level),
        limit: 1 << 30)
      let own = JSONNode(figures, name: "report")
      let other = JSONNode(found, name: "figures")
      var different: [String] = []
      var compared = 0
      for part in ["figures", "gates"] {
        let (a, b) = (try own[part].array, try other[part].array)
        for place in 0..<max(a.count, b.count) {
          compared += 1
          guard place < a.count, place < b.count, a[place].value == b[place].value else {
            let node = place < a.count ? a[place] : b[place]
            let name = try node.optional(part == "gates" ? "gate" : "metric")?.string ?? part
            let score = try node.optional("score")?.string ?? ""
            different.append(score.isEmpty ? name : "\(name) of \(score)")
            continue
          }
        }
      }
      return (compared, different)
    }

    private static func place(of words: [UInt8], in page: [UInt8], from start: Int) -> Int? {
      guard page.count >= words.count else { return nil }
      var place = start
      while place + words.count <= page.count {
        if page[place] == words[0], page[place..<(place + words.count)].elementsEqual(words) {
          return place
        }
        place += 1
      }
      return nil
    }
  }

  // MARK: Sections

  private func section(_ title: String, _ content: String) -> String {
    "<section><h2>\(title)</h2>\n\(content)</section>\n"
  }

  private func verdict(_ glance: Glance) -> String {
    var html = ""
    for finding in outcome.verdicts {
      let word = finding.verdict.word
      html +=
        "<p class=\"gate \(word.lowercased())\"><strong>\(word)</strong> \(text(FailureGates.sentence(finding).description.replacing(": \(word)", with: "")))</p>\n"
    }
    for verdict in glance.verdicts() {
      let name = "\(verdict.score) by \(verdict.attribute.joined(separator: ","))"
      guard !verdict.rows.isEmpty else {
        html += "<h3>\(text(name))</h3>\n<p>There is one group, so nothing to compare.</p>\n"
        continue
      }
      html +=
        "<h3>\(text(name))</h3>\n<p class=\"lead\">\(text(Self.capital(verdict.sentence))).</p>\n"
      html += rows(
        ["notion", "", "gap", "interval", "chance level", "highest, lowest"],
        verdict.rows.map { row in
          [row.notion, row.word.rawValue, row.gap, row.interval, row.chance, row.sized]
        }, numbers: [2, 4],
        marks: verdict.rows.map {
          $0.word == .beyond ? "beyond" : $0.word == .within ? "within" : "unknown"
        })
    }
    if html.isEmpty { html = "<p>No groups were named, so there is nothing to compare.</p>\n" }
    return html
      + "<p class=\"small\">Beyond chance: an exactly fair predictor would not show so large a gap on samples of this size. Within chance: it could. Too few rows: a group is too small to tell.</p>\n"
  }

  private func groups(_ figures: [Figure]) -> String {
    var html = "<p>\(text(Console.grouped(outcome.tally.records))) rows of \(text(input)).</p>\n"
    let left = outcome.notes.map { $0.description } + Self.counts(outcome.tally)
    if !left.isEmpty {
      html += "<ul>" + left.map { "<li>\(text($0))</li>" }.joined() + "</ul>\n"
    }
    var attributes: [[String]] = []
    for figure in figures where !figure.attribute.isEmpty && !attributes.contains(figure.attribute)
    {
      attributes.append(figure.attribute)
    }
    for attribute in attributes {
      var sizes: [(name: String, rows: Int)] = []
      for figure in figures where figure.attribute == attribute {
        guard let group = figure.group?.description else { continue }
        if let place = sizes.firstIndex(where: { $0.name == group }) {
          sizes[place].rows = max(sizes[place].rows, figure.count)
        } else {
          sizes.append((group, figure.count))
        }
      }
      let total = max(sizes.reduce(0) { $0 + $1.rows }, 1)
      html += "<h3>\(text(attribute.joined(separator: ",")))</h3>\n"
      html += rows(
        ["group", "rows", "share"],
        sizes.map { group in
          [
            group.name, Console.grouped(group.rows),
            Scale.text(Double(group.rows) / Double(total) * 100, decimals: 1) + " %",
          ]
        }, numbers: [1, 2], marks: [])
    }
    return html
  }

  private static func counts(_ tally: FairpostPipeline.Tally) -> [String] {
    var counts: [String] = []
    if tally.leftOut > 0 { counts.append("\(Console.grouped(tally.leftOut)) rows left out") }
    if tally.skipped > 0 { counts.append("\(Console.grouped(tally.skipped)) bad rows skipped") }
    for (what, number) in tally.counts.sorted(by: { $0.key < $1.key }) {
      counts.append("\(Console.grouped(number)) \(what)")
    }
    return counts
  }

  private func table(_ figures: [Figure]) -> String {
    let shell = words.map(Self.quoted).joined(separator: " ")
    var html =
      "<p>Each figure again: <code>fairpost \(text(shell, isLong: true)) --metrics FIGURE \(text(Self.quoted(input)))</code></p>\n"
    if figures.count < outcome.figures.count {
      html +=
        "<p>\(Console.grouped(outcome.figures.count - figures.count)) figures of smaller groups are left out here; <code>fairpost evaluate --format csv</code> writes all.</p>\n"
    }
    html +=
      "<p class=\"needs-script\" hidden><label>Only rows with <input type=\"search\" id=\"filter\"></label> (a click on a head sorts)</p>\n"
    html += rows(
      [
        "figure", "score", "attribute", "group", "value", "interval", "rows", "chance level",
        "remarks",
      ],
      figures.filter { $0.score != "constant" }.map { figure in
        [
          figure.metric, figure.score, figure.attribute.joined(separator: ","),
          (figure.group?.description ?? (figure.attribute.isEmpty ? "" : "all"))
            + (figure.category.map { " (\($0))" } ?? ""),
          figure.value.map(FigureTable.short) ?? "not estimable",
          figure.lower.flatMap { low in
            figure.upper.map { "[\(FigureTable.short(low)), \(FigureTable.short($0))]" }
          } ?? "", Console.grouped(figure.count),
          figure.noise.map { FigureTable.short($0.band) } ?? "",
          (figure.flags + (figure.reason.map { [$0] } ?? [])).joined(separator: "; "),
        ]
      }, numbers: [4, 6, 7], marks: [], id: "figures")
    return html
  }

  private func provenance() -> String {
    var html =
      "<dl><dt>Data</dt><dd>\(text(input)), \(text(Console.grouped(outcome.tally.records))) rows, digest of the records <code>\(text(digest))</code></dd>\n"
    html += "<dt>Program</dt><dd>fairpost \(text(Version.number))</dd>\n"
    html +=
      "<dt>Options</dt><dd><code>\(text(words.map(Self.quoted).joined(separator: " "), isLong: true))</code></dd>\n"
    html +=
      "<dt>Check</dt><dd><code>fairpost verify REPORT.html \(text(Self.quoted(input)))</code> derives every figure again and exits with 0 where all agree</dd></dl>\n"
    return html
  }

  private static let limits = """
    <ul>
    <li>A gap says that groups are treated differently, not why, and not whether that is unlawful.</li>
    <li>Figures hold for rows like these. They say nothing about other people, times or places.</li>
    <li>Equal selection, equal errors and equal calibration cannot all hold if groups differ in what is predicted. Statistics cannot decide which of them matters.</li>
    <li>The page has many figures, so a few gaps can be beyond chance by accident.</li>
    <li>Do not use this page if the labels themselves are biased: errors are then measured against biased labels.</li>
    </ul>

    """

  // MARK: Pieces

  private func rows(
    _ header: [String], _ lines: [[String]], numbers: Set<Int>, marks: [String], id: String? = nil
  ) -> String {
    var html =
      "<div class=\"wide\"><table\(id.map { " id=\"\($0)\"" } ?? "")><thead><tr>"
      + header.map { "<th scope=\"col\">\(text($0))</th>" }.joined() + "</tr></thead><tbody>\n"
    for (place, line) in lines.enumerated() {
      let mark = marks.indices.contains(place) ? " class=\"\(marks[place])\"" : ""
      html += "<tr\(mark)>"
      for (column, cell) in line.enumerated() {
        html += "<td\(numbers.contains(column) ? " class=\"n\"" : "")>\(text(cell))</td>"
      }
      html += "</tr>\n"
    }
    return html + "</tbody></table></div>\n"
  }

  /// A text as HTML: no mark of it is markup.
  private func text(_ text: String, isLong: Bool = false) -> String {
    guard isLong else { return Shown.xml(text) }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ", omittingEmptySubsequences: false).map { Shown.xml(String($0)) }
        .joined(separator: " ")
    }.joined(separator: "\n")
  }

  private static func capital(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: ":"),
          UInt8(ascii: "="), UInt8(ascii: "+"):
          true
        default: false
        }
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  private static let style = """
    :root{color-scheme:light dark}body{margin:0 auto;max-width:60rem;padding:1rem;font:16px/1.5 system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1c1c1c;background:#fff}
    h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.25rem;border-bottom:1px solid #c8c8c8;padding-bottom:.2rem;margin-top:2.2rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
    .lead{font-size:1.05rem}.small{font-size:.875rem;color:#4d4d4d}.wide{overflow-x:auto}figure{margin:1rem 0;overflow-x:auto}figure svg{max-width:100%;height:auto}
    table{border-collapse:collapse;font-size:.9rem}th,td{padding:.25rem .7rem;text-align:left;border-bottom:1px solid #dcdcdc;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
    tr.beyond td:nth-child(2){font-weight:700;color:#9a3b00}tr.within td:nth-child(2){color:#00614e}tr.unknown td:nth-child(2){color:#5a5a5a}
    .gate{border-left:.4rem solid #6a6a6a;padding:.3rem .7rem;background:#f3f3f3}.gate.pass{border-color:#00856b}.gate.fail{border-color:#b33a00}
    pre,code{font:.85rem/1.45 ui-monospace,Menlo,Consolas,monospace}pre{overflow-x:auto;background:#f3f3f3;padding:.7rem}code{overflow-wrap:anywhere}dt{font-weight:600}th[data-sort]{cursor:pointer}
    @media (prefers-color-scheme:dark){body{color:#ececec;background:#16181c}h2{border-color:#44484f}th,td{border-color:#33363d}.small{color:#b9b9b9}pre,.gate{background:#22252b}tr.beyond td:nth-child(2){color:#ff9a4d}tr.within td:nth-child(2){color:#3ecfa8}tr.unknown td:nth-child(2){color:#b0b0b0}a{color:#5cb3f0}}
    @media print{body{max-width:none;font-size:11pt}.needs-script{display:none}figure,tr{break-inside:avoid}}

    """

  /// Sorting and filtering; without it the page is complete.
  private static let script = """
    (()=>{const t=document.getElementById('figures'),b=t.tBodies[0],f=document.getElementById('filter');document.querySelector('.needs-script').hidden=false;
    f.oninput=()=>{for(const r of b.rows)r.hidden=!r.textContent.toLowerCase().includes(f.value.toLowerCase())};
    [...t.tHead.rows[0].cells].forEach((h,i)=>{let up=true;h.dataset.sort='';h.onclick=()=>{const k=r=>r.cells[i].textContent,n=r=>parseFloat(k(r).replace(/,/g,''));
    [...b.rows].sort((x,y)=>{const c=isNaN(n(x))||isNaN(n(y))?k(x).localeCompare(k(y)):n(x)-n(y);return up?c:-c}).forEach(r=>b.append(r));up=!up}})})()
    """
}
