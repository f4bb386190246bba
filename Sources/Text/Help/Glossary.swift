/// The words that help and summaries use, for somebody who is new to the field.
package enum Glossary {
  /// A word and what it means.
  private static let entries: [(word: String, meaning: String)] = [
    ("adjust", "to move scores after a model has made them, so that groups fare alike"),
    ("arm", "one way to get a prediction in a comparison: a method, and what follows it"),
    (
      "attribute",
      "a sensitive property such as sex or race; its values are groups (--group names its column)"
    ),
    (
      "barycentre",
      "the distribution halfway between those of the groups: where adjusted scores lie"
    ),
    (
      "calibration records",
      "the rows a map is fitted to; the model must not have learned from them"
    ),
    (
      "chance level",
      "what an exactly fair predictor would show on as many rows: a gap below it says nothing (columns floor and floor95)"
    ),
    ("decision", "a score that was compared with a threshold: 1 or 0"),
    (
      "demographic parity",
      "every group is selected at the same rate (of scores: has the same distribution)"
    ),
    ("equal opportunity", "of those who deserve it, the same share of every group is selected"),
    (
      "equalized odds",
      "the same, and of those who do not deserve it the same share of every group is selected too"
    ),
    ("gap", "the largest difference between two groups of a figure"),
    ("interval", "where a figure of the whole population lies, as far as these rows can tell"),
    ("label", "what was to be predicted, as it turned out"),
    (
      "map",
      "a fitted adjustment, kept in a file: fit makes it, apply uses it, inspect reads it aloud"
    ),
    ("model", "what train learns, kept in a file: predict uses it"),
    (
      "Pareto-efficient",
      "said of a model where no other is better for one group and worse for none"
    ),
    ("protected value", "the group that a directed figure looks from: --protected sex=F"),
    ("score", "a number that ranks rows, such as the probability of repaying"),
    ("seed", "a number that fixes every random choice: the same seed, the same bytes"),
    (
      "selection rate", "the share of a group's rows that are decided 1"
    ),
    ("task", "what is predicted, named by its label column: --task income"),
    (
      "threshold", "the score from which on the decision is 1; 0.5 unless something else is said"
    ),
  ]

  /// All words in two columns.
  package static func text(width: Int) -> String {
    let column = (entries.map(\.word.count).max() ?? 0) + 2
    return entries.map { entry in
      let pad = String(repeating: " ", count: column - entry.word.count)
      let indent = "\n" + String(repeating: " ", count: column)
      let lines = Lines.wrapped(entry.meaning, width: max(20, width - column))
      return entry.word + pad + lines.joined(separator: indent) + "\n"
    }.joined()
  }
}
