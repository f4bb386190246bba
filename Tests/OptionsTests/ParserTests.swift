import FairpostOptions
import FairpostText
import Testing

@Suite struct ParserTests {
  private func parse(_ words: String..., by command: CommandSpec = Sample.adjust) throws
    -> ParsedOptions
  {
    try Parser(command).parse(words)
  }

  private func fault(_ words: String..., by command: CommandSpec = Sample.adjust) -> String {
    do {
      _ = try Parser(command).parse(words)
      return "no error"
    } catch {
      return error.description
    }
  }

  // MARK: What is accepted

  @Test(
    arguments: [
      ["--score=p"], ["--score", "p"], ["-s", "p"], ["-sp"], ["-qs", "p"], ["-qvsp"],
    ]) func readsAValueInEveryForm(_ words: [String]) throws
  {
    #expect(try Parser(Sample.adjust).parse(words).text("score") == "p")
  }

  @Test func bundlesSwitches() throws {
    let parsed = try parse("-qv")
    #expect(parsed.has("quiet") && parsed.has("verbose") && !parsed.has("help"))
  }

  @Test func mixesOptionsAndOperands() throws {
    let parsed = try parse("a.csv", "--quiet", "-", "b.csv")
    #expect(parsed.operands == ["a.csv", "-", "b.csv"])
    #expect(parsed.method == "wasserstein" && !parsed.methodWasNamed)
  }

  @Test func endsOptionsAtTwoDashes() throws {
    let parsed = try parse("-q", "--", "--score", "threshold", "--")
    #expect(parsed.operands == ["--score", "threshold", "--"])
    #expect(parsed.method == "wasserstein")
  }

  @Test func keepsTheOrderOfWhatWasGiven() throws {
    let parsed = try parse("-s", "p", "-g", "sex,race", "--score=q", "-q", "-g", "age")
    #expect(parsed.given.map(\.name) == ["score", "group", "score", "quiet", "group"])
    #expect(parsed.given.map(\.value) == ["p", "sex,race", "q", "", "age"])
    #expect(parsed.texts("score") == ["p", "q"])
    #expect(parsed.columns("group") == [["sex", "race"], ["age"]])
  }

  @Test(arguments: ["-1,1", "-5,-.5e-1", "-1e3,2"])
  func takesNegativeNumbersAsValues(_ value: String) throws {
    #expect(try parse("--range", value).text("range") == value)
  }

  @Test func takesValuesWithSignsAndBlanks() throws {
    #expect(try parse("--score=a=b").text("score") == "a=b")
    #expect(try parse("--score", "my score").text("score") == "my score")
    #expect(try parse("--score", "-odd-name").text("score") == "-odd-name")
    #expect(try parse("-s-").text("score") == "-")
    #expect(try parse("-o", "-").text("output") == "-")
    #expect(try parse("threshold", "--grid=1", "--minimise=").text("minimise") == "")
  }

  @Test func findsDefaultsOnLookup() throws {
    let parsed = try parse()
    #expect(parsed.choice("unseen") == "error" && !parsed.has("unseen"))
    #expect(parsed.number("epsilon") == 0)
    #expect(parsed.integer("threads") == nil && parsed.text("score") == nil)
    #expect(parsed.texts("unseen") == ["error"] && parsed.texts("score") == [])
    #expect(parsed.text("no-such-option") == nil && parsed.numbers("range") == [])
  }

  @Test func readsNumbers() throws {
    let parsed = try parse("--epsilon=.25", "--threads=8", "--range=0,1e2", "--jitter", "1e-300")
    #expect(parsed.number("epsilon") == 0.25 && parsed.integer("threads") == 8)
    #expect(parsed.numbers("range") == [0, 100] && parsed.number("jitter") == 1e-300)
  }

  private enum Unseen: String { case error, pool, pass }

  @Test func givesAChoiceAsACase() throws {
    #expect(try parse("--unseen", "pool").choice("unseen", as: Unseen.self) == .pool)
    #expect(try parse().choice("unseen", as: Unseen.self) == .error)
  }

  // MARK: The METHOD

  @Test func takesTheFirstBareWordAsMethod() throws {
    let parsed = try parse("-q", "--grid", "0.1", "threshold", "a.csv", "wasserstein")
    #expect(parsed.method == "threshold" && parsed.methodWasNamed)
    #expect(parsed.operands == ["a.csv", "wasserstein"])
  }

  @Test func takesAFileWhereTheMethodHasADefault() throws {
    let parser = Parser(Sample.adjust, fileExists: { $0 == "treshold" })
    #expect(try parser.parse(["treshold"]).operands == ["treshold"])
    #expect(try parser.parse(["far-from-any.csv"]).operands == ["far-from-any.csv"])
    #expect(try parser.parse(["-"]).operands == ["-"])
    let error = #expect(throws: UsageError.self) { try parser.parse(["threshhold"]) }
    #expect(error?.hint == "did you mean \"threshold\"?")
  }

  @Test func needsAMethodWhereThereIsNoDefault() {
    #expect(
      fault(by: Sample.fit)
        == "fit needs a METHOD as its first word: one of wasserstein, threshold")
    #expect(fault("--", "threshold", by: Sample.fit).hasPrefix("fit needs a METHOD"))
    #expect(
      fault("wasserstien", by: Sample.fit)
        == "fit has no method \"wasserstien\": did you mean \"wasserstein\"?")
    #expect(
      fault("data.csv", by: Sample.fit)
        == "fit has no method \"data.csv\": it is one of wasserstein, threshold")
  }

  @Test func refusesAnotherMethodsOption() {
    #expect(
      fault("--minimise", "x")
        == "the method wasserstein has no option --minimise: it belongs to threshold")
  }

  @Test func asksForRequiredOptionsOfTheMethodOnly() throws {
    #expect(fault("threshold") == "--grid is missing: --grid X: step of the grid")
    _ = try parse("wasserstein")
  }

  // MARK: Help

  @Test(arguments: [["--help"], ["--no-such", "-h"], ["threshold", "--help"], ["-o", "--help"]])
  func asksForHelpBeforeAnythingIsChecked(_ words: [String]) throws {
    let parsed = try Parser(Sample.adjust).parse(words)
    #expect(parsed.has("help"))
    #expect(parsed.method == (words[0] == "threshold" ? "threshold" : nil))
  }

  @Test func takesHelpBehindTwoDashesAsAFile() throws {
    #expect(try parse("--", "--help").operands == ["--help"])
  }

  // MARK: What is refused

  @Test func namesTheNearestOption() {
    #expect(fault("--scroe", "p") == "there is no option --scroe: did you mean --score?")
    #expect(fault("--zzzzzz") == "there is no option --zzzzzz")
    #expect(fault("-x") == "there is no option -x")
    #expect(fault("-unseen") == "\"-unseen\" is not an option: did you mean --unseen?")
    #expect(fault("--debu") == "there is no option --debu")
  }

  @Test func refusesAbbreviations() {
    #expect(
      fault("--sco", "p")
        == "there is no option --sco: names are not abbreviated, write --score")
    #expect(
      fault("--r=1")
        == "there is no option --r: names are not abbreviated, write --range")
    #expect(
      fault("--m", by: Sample.adjust)
        == "there is no option --m: names are not abbreviated, write --minimise")
  }

  @Test func refusesAValueForASwitchAndNoneForAnOption() {
    #expect(fault("--quiet=yes") == "--quiet takes no value")
    #expect(fault("--score") == "--score needs a value: --score COL")
    #expect(fault("-s") == "-s needs a value: -s COL")
    #expect(
      fault("--score", "--quiet")
        == "--score needs a value, and \"--quiet\" is an option: "
        + "write --score=--quiet if it is meant as the value")
    #expect(fault("-s", "-q").hasPrefix("-s needs a value, and \"-q\" is an option"))
    #expect(fault("-s", "--", "x").hasPrefix("-s needs a value"))
    #expect(
      fault("-s=p") == "\"-s=p\" is not an option: write -s VALUE or --score=VALUE")
  }

  @Test func refusesASecondValueWhereOneIsAllowed() {
    #expect(fault("-o", "a", "--output=b") == "--output is given twice: give it once")
    #expect(fault("-qq") == "--quiet is given twice: give it once")
  }

  @Test(
    arguments: [
      ("--epsilon=2", "--epsilon must be a number between 0 and 1, not \"2\""),
      ("--epsilon=x", "--epsilon must be a number between 0 and 1, not \"x\""),
      ("--epsilon=", "--epsilon must be a number between 0 and 1, not \"\""),
      ("--epsilon=nan", "--epsilon must be a number between 0 and 1, not \"nan\""),
      ("--epsilon=0x1", "--epsilon must be a number between 0 and 1, not \"0x1\""),
      ("--jitter=0", "--jitter must be a number greater than 0, not \"0\""),
      ("--jitter=inf", "--jitter must be a number greater than 0, not \"inf\""),
      ("--threads=0", "--threads must be a whole number of at least 1, not \"0\""),
      ("--threads=1.5", "--threads must be a whole number of at least 1, not \"1.5\""),
      ("--range=1,", "--range must be numbers separated by commas, not \"1,\""),
      ("--score=", "--score must be the name of a column, not \"\""),
      (
        "--group=a,,b",
        "--group must be names of columns, separated by commas, not \"a,,b\""
      ),
      ("--output=", "--output must be the path of a file, not \"\""),
      (
        "--unseen=pol",
        "--unseen must be one of error, pool, pass, not \"pol\": did you mean \"pool\"?"
      ),
      ("--unseen=zzz", "--unseen must be one of error, pool, pass, not \"zzz\""),
    ]) func saysWhatAValueMustBe(_ word: String, _ message: String)
  {
    #expect(fault(word) == message)
  }

  @Test func countsOperands() {
    #expect(
      fault("fit", "extra", by: Sample.help) == "unexpected operand \"extra\": help takes at most 1"
    )
    #expect(fault(by: Sample.completions) == "an operand is missing: completions SHELL")
    let none = CommandSpec("none", summary: "", operands: .none)
    #expect(fault("x", by: none) == "unexpected operand \"x\": none takes no operands")
  }

  @Test func asksForWhatIsRequired() {
    #expect(fault("x.csv", by: Sample.apply) == "--model is missing: --model MAP: the map")
  }

  @Test func namesTheNearestCommand() throws {
    #expect(try Sample.program.command(named: "fit").name == "fit")
    #expect(try Sample.program.command(named: "__secret").hidden)
    let error = #expect(throws: UsageError.self) { try Sample.program.command(named: "ajust") }
    #expect(error?.description == "there is no command \"ajust\": did you mean \"adjust\"?")
    let far = #expect(throws: UsageError.self) { try Sample.program.command(named: "zzzzzz") }
    #expect(far?.hint == "\"fairpost --help\" lists the commands")
  }
}
