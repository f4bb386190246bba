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
      "intersections", nil, "also make a table of all sensitive columns combined; ll144 always does"
    ),
    option(
      "reference", "COL=VALUE", repeated: true,
      "the group that the others are compared with (lending, insurance); without this option, the largest group"
    ),
    option(
      "category", "COL:TEXT=NAME", repeated: true,
      "show the text TEXT of a column under another NAME; an empty NAME counts it as unknown"),
    option(
      "small", nil, choices: ["show", "exclude"], fallback: "show",
      "whether categories with less than 2 % of the people take part in the ratios"),
    option(
      "because", "TEXT",
      "the reason for excluding them; it is required where they are excluded, and printed"),
    option("ratio-of-excluded", nil, "print the ratios of excluded categories too"),
    option(
      "median", nil, choices: ["all", "included"], fallback: "all",
      "which median to use: of all scores, or of the people whose categories are all known"),
    option(
      "tests", nil, "add tests and intervals in a separate table where the scheme has none"),
    option(
      "note", "KEY=TEXT", repeated: true,
      "print this line under the tables, such as Data source=..."),
  ]

  /// Paragraphs of the command's help.
  package static let details = [
    "Writes a table for each sensitive attribute: people, selected, selection rate, and the impact ratio: the rate divided by the highest category's rate (ll144, ugesp, eu) or by the reference group's (lending, insurance). Ratios are computed from counts, never from rounded rates. The scheme decides which columns and words are printed, never the arithmetic, and does not say what is lawful.",
    "People whose category is unknown are left out of the rows and comparisons; a line under each table says how many they are and how many of them were selected. In the CSV, rate_lower and rate_upper say how low and how high each rate could be, whatever category these people belong to.",
    "With a column of positions or periods there is a table for each position or period and one for all together. The latter also has the Mantel-Haenszel ratio, the exact stratified test and Breslow and Day's test, which compare like with like, and a line that warns where pooled and stratified figures disagree.",
    "Fisher's test is exact and two-sided; the interval of a ratio is Koopman's, that of a difference Newcombe's. Whether one selection more or fewer would reverse a comparison is counted, not estimated.",
    "Several files are read as one. A row without a decision or score is left out and counted. Names that differ only in case or spaces are different categories; a note names them.",
  ]

  /// Whether it streams.
  package static let memory =
    "Streams: holds only counts, for each combination of categories, positions and periods. With scores it also holds 8 bytes a row, 16 with weights."
}
