/// What the command says of itself; here, since it changes with what the tables hold.
package enum AuditHelp {
  /// An option that takes a text or one of some words.
  package struct Option: Sendable {
    /// Its name.
    package let name: String
    /// How help calls its value; none for a switch.
    package let placeholder: String?
    /// The words it may be; empty for any text.
    package let choices: [String]
    /// What it does.
    package let help: String
    /// Whether it may be given several times.
    package let isRepeated: Bool
    /// Its default.
    package let fallback: String?
  }

  private static func option(
    _ name: String, _ placeholder: String? = nil, choices: [String] = [], repeated: Bool = false,
    fallback: String? = nil, _ help: String
  ) -> Option {
    Option(
      name: name, placeholder: placeholder, choices: choices, help: help, isRepeated: repeated,
      fallback: fallback)
  }

  /// The options that only audits have.
  package static let options: [Option] = [
    option(
      "intersections", nil, "a table of all sensitive columns together as well; ll144 always has it"
    ),
    option(
      "reference", "COL=VALUE", repeated: true,
      "the group that others are compared with (lending, insurance); without it the most numerous"
    ),
    option(
      "category", "COL:TEXT=NAME", repeated: true,
      "call a text of a column by another name; an empty NAME makes it unknown"),
    option(
      "small", nil, choices: ["show", "exclude"], fallback: "show",
      "whether categories of less than 2 % of the people take part in the ratios"),
    option("because", "TEXT", "why they do not; needed where they are excluded, and printed"),
    option("ratio-of-excluded", nil, "print the ratio of excluded categories all the same"),
    option(
      "median", nil, choices: ["all", "included"], fallback: "all",
      "the median of all scores, or of people whose categories are all known"),
    option(
      "tests", nil, "add tests and intervals where the scheme has none, in a table of their own"),
    option("note", "KEY=TEXT", repeated: true, "a line under the tables, such as Data source=..."),
  ]

  /// Paragraphs of the command's help.
  package static let details = [
    "A table for each sensitive attribute: people, selected, selection rate, and the impact ratio, which is the rate divided by that of the category with the highest rate (ll144, ugesp, eu) or of the reference (lending, insurance). Ratios are made of counts, never of rounded rates. The scheme chooses columns and words, never arithmetic, and says nothing of what is lawful.",
    "People without a category are in no row and in no comparison: they are counted under each table, with how many of them were selected. rate_lower and rate_upper in the CSV are what they could make of a rate.",
    "With a column of positions or periods there is a table for each and one of all together; beside that one stand the Mantel-Haenszel ratio, the exact stratified test and Breslow and Day's test, and a line where pooled and stratified figures disagree.",
    "Fisher's test is exact and two-sided; the interval of a ratio is Koopman's, that of a difference Newcombe's. Whether a selection more or less would turn a comparison round is counted, not estimated.",
    "Several files are read as one. A row without a decision or score is left out and counted. Names that differ only in case or spaces are different categories, and are noted.",
  ]

  /// Whether it streams.
  package static let memory =
    "Streams; holds counts by combination of categories, positions and periods. With scores it holds 8 bytes a row, 16 with weights."
}
