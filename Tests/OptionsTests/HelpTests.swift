import FairpostOptions
import FairpostTestSupport
import Testing

@Suite struct HelpTests {
  @Test func showsExamplesBeforeUsageAndSectionsInOrder() throws {
    let text = HelpText.of(Sample.adjust, in: Sample.program)
    let headings = text.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
    let wanted = [
      "Examples", "Usage", "Methods", "Options of wasserstein", "Options of threshold", "Columns",
      "Policies", "Output", "Memory", "Exit status", "See also",
    ]
    #expect(headings.filter { wanted.contains($0) } == wanted)
    #expect(headings[0] == "fairpost adjust: move scores so that groups' distributions agree")
    #expect(text.contains("\n  # Adjust it's simplest\n  fairpost adjust --score p --group sex"))
    #expect(text.contains("  fairpost adjust [OPTION...] [METHOD] [FILE...]\n"))
    #expect(text.contains("(the default)"))
    #expect(!text.contains("debug"))
  }

  @Test func tellsDefaultsChoicesAndRepetition() {
    let text = HelpText.of(Sample.adjust, in: Sample.program, width: 200)
    #expect(text.contains("      --unseen error|pool|pass"))
    #expect(text.contains("what to do with unseen groups (default: error)\n"))
    #expect(text.contains("use N threads (default: the number of cores)\n"))
    #expect(text.contains("-g, --group COL[,COL...]"))
    #expect(text.contains("sensitive columns (may be repeated)\n"))
    #expect(text.contains("step of the grid (required)\n"))
  }

  @Test func showsOneMethodAlone() {
    let text = HelpText.of(Sample.adjust, method: "threshold", in: Sample.program)
    #expect(text.hasPrefix("fairpost adjust threshold: a threshold for each group\n"))
    #expect(text.contains("--grid") && !text.contains("--epsilon") && text.contains("--score"))
  }

  @Test(arguments: [0, 60, 80, 132])
  func keepsTheWidthAndLeavesNoBlanksBehind(_ width: Int) {
    let pages =
      Sample.program.commands.map { HelpText.of($0, in: Sample.program, width: width) }
      + [HelpText.of(Sample.program, width: width)]
    for page in pages {
      #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
      #expect(!page.contains("\n\n\n"))
      for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
        #expect(line.last != " ")
        // Command lines are never broken, and a narrow page cannot hold every option's name.
        #expect(line.count <= max(width, 50) || line.hasPrefix("  fairpost adjust --score"))
      }
    }
  }

  @Test func listsTheCommandsUnderTheirHeadings() {
    let text = HelpText.of(Sample.program)
    #expect(text.hasPrefix("fairpost: make predictions fair to groups\n\nExample\n"))
    #expect(text.contains("\nCommands\n  adjust       move scores"))
    #expect(text.contains("\nUse\n  apply        use a map\n"))
    #expect(text.contains("\nOptions\n      --version  print the version\n"))
    #expect(text.contains("NO_COLOR") && !text.contains("__secret"))
  }
}

@Suite struct ManPageTests {
  static let pages = Dictionary(
    uniqueKeysWithValues: ManPage.all(of: Sample.program).map { ($0.fileName, $0.text) })
  static let names = pages.keys.sorted()

  @Test func namesAPageForEachShownCommand() {
    #expect(
      ManPage.all(of: Sample.program).map(\.fileName) == [
        "fairpost.1", "fairpost-adjust.1", "fairpost-fit.1", "fairpost-apply.1", "fairpost-help.1",
        "fairpost-completions.1",
      ])
  }

  @Test func escapesWhatRoffWouldRead() {
    let page = ManPage.of(Sample.adjust, in: Sample.program)
    #expect(page.contains("\n\\&.A paragraph that begins with a dot.\n"))
    #expect(page.contains("a \\e backslash, a \\(gatick\\(ga, an \\(aqapostrophe\\(aq"))
    #expect(page.contains("acute \\[u00E9]."))
    #expect(page.contains("\\fB\\-\\-score\\fR \\fICOL\\fR"))
    #expect(page.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test(
    .enabled(if: installed("man") != nil), arguments: names)
  func passesTheFormatter(_ name: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    _ = try scratch.file("page.1", try #require(Self.pages[name]))
    let checked = try Program.shell(
      "man --warnings -l -Tutf8 -Z page.1 > /dev/null && man -l page.1 | cat",
      environment: ["LC_ALL": "C.UTF-8"], directory: scratch.url)
    #expect(checked.status == 0 && checked.errorText == "")
    #expect(checked.outputText.contains("SYNOPSIS"))
  }

  @Test(.enabled(if: installed("mandoc") != nil), arguments: names)
  func passesTheStricterFormatter(_ name: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    _ = try scratch.file("page.1", try #require(Self.pages[name]))
    let checked = try Program.shell("mandoc -Tlint -Wwarning page.1", directory: scratch.url)
    // The date is missing on purpose: the same declarations give the same bytes.
    let faults = checked.outputText.split(separator: "\n").filter { !$0.contains("missing date") }
    #expect(faults == [])
  }
}
