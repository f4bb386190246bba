/// What the laws say, as dated data: the one file to change when a law does.
///
/// No sentence here says that a table passes, fails or complies: no scheme gives that to say.
enum SchemeWords {
  static let all = [ll144, ugesp, lending, insurance, eu]

  static let ll144 = Scheme(
    name: "ll144",
    summary: "bias audit of an automated employment decision tool (New York City, Local Law 144)",
    title: "Impact ratios", comparison: .highest, hasIntersections: true,
    hasTests: false, namesFourFifths: false, columns: [.people, .selected, .rate, .ratio],
    words: Scheme.Words(
      people: "# of applicants", selected: "# selected", rate: "Selection rate",
      ratio: "Impact ratio"),
    law: [
      "New York City Administrative Code 20-870 and following; 6 RCNY 5-300 to 5-304.",
      "The rule asks for counts, rates and impact ratios by sex, by race and ethnicity and by their intersections, and for the number of people whose category is unknown. It sets no threshold.",
      "A category of less than 2 % of the people may be left out of the impact ratio; the summary must then say why (5-301(d)).",
    ],
    asOf: "2026-07-31")

  static let ugesp = Scheme(
    name: "ugesp",
    summary: "adverse impact in employee selection (Uniform Guidelines, 29 CFR 1607)",
    title: "Selection rates", comparison: .highest, hasIntersections: false,
    hasTests: true, namesFourFifths: true,
    columns: [
      .people, .selected, .rate, .ratio, .belowFourFifths, .fisher, .deviations, .flips,
      .shortfall, .reading,
    ],
    words: Scheme.Words(
      people: "applicants", selected: "selected", rate: "rate", ratio: "ratio to highest"),
    law: [
      "Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4D; Questions and Answers 10 to 24, 44 FR 11996.",
      "Four fifths is the agencies' rule of thumb, not a definition of what is lawful: significance, small numbers and the numbers of applicants modify it.",
      "The EEOC lists the rescission of the guidelines at the final rule stage (RIN 3046-AB43); other agencies keep theirs.",
    ],
    asOf: "2026-07-31")

  static let lending = Scheme(
    name: "lending", summary: "approval rates against a reference group (practice, not statute)",
    title: "Approval rates", comparison: .reference, hasIntersections: false,
    hasTests: true, namesFourFifths: true,
    columns: [
      .people, .selected, .rate, .ratio, .ratioInterval, .fisher, .difference, .parity,
    ],
    words: Scheme.Words(
      people: "applications", selected: "approved", rate: "rate", ratio: "AIR"),
    law: [
      "The adverse impact ratio (AIR) and the standardised mean difference (SMD) are practice, not statute: no lending regulator has codified a limit of 0.8.",
      "Regulation B no longer provides for an effects test (FR document 2026-07804 of 22 April 2026, effective 21 July 2026). State law and the Fair Housing Act remain.",
    ],
    asOf: "2026-07-31")

  static let insurance = Scheme(
    name: "insurance", summary: "differences of rates between groups (Colorado, 10-3-1104.9)",
    title: "Rates", comparison: .reference, hasIntersections: false, hasTests: true,
    namesFourFifths: false,
    columns: [.people, .rate, .difference, .differenceInterval, .fisher, .both],
    words: Scheme.Words(people: "n", selected: "selected", rate: "rate", ratio: "ratio"),
    law: [
      "Colorado Regulation 10-1-1 asks life, private passenger automobile and health insurers for governance of external data and models.",
      "Quantitative testing was a draft of 2023 for life insurance: a p-value below 0.05 together with a difference of 5 points or more. Bulletin B-10.004 of 2024 says that it is not adopted: no rule of testing is in force.",
      "The draft infers race from names and places, which gives each person a probability of each group. That is not supported here: categories are taken as they stand.",
    ],
    asOf: "2026-07-31")

  static let eu = Scheme(
    name: "eu",
    summary: "record of data, groups and figures (EU AI Act, Articles 10 and 11, Annex IV)",
    title: "Groups and rates", comparison: .highest,
    hasIntersections: false, hasTests: true, namesFourFifths: false,
    columns: [.people, .share, .population, .rate, .ratio, .ratioInterval, .note],
    words: Scheme.Words(people: "n", selected: "selected", rate: "rate", ratio: "ratio"),
    law: [
      "Regulation (EU) 2024/1689, Article 10(2)(f) and (g), 10(3), 10(5), Article 11 and Annex IV: data, groups, metrics and the examination for bias are documented. The regulation names no figure and no threshold.",
      "The duties of high-risk systems were moved to 2 December 2027 (Council, 29 June 2026; its publication was not seen).",
    ],
    asOf: "2026-07-31")
}
