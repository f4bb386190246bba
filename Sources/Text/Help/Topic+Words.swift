extension Topic {
  /// The words that help, tables and messages use, for somebody who is new to the field.
  package static let words = Topic(
    "words", "what the words mean", entries.map { .item($0.word, $0.meaning) })

  /// A word and what it means, in the order of the alphabet.
  private static let entries: [(word: String, meaning: String)] = [
    ("accuracy", "the share of rows whose decision equals their label"),
    ("adjust", "to change scores after a model has made them, so that groups fare alike"),
    (
      "arm",
      "one way to get a prediction in a comparison: a training method, with or without an adjustment afterwards"
    ),
    (
      "attribute",
      "a sensitive property such as sex or race; its values are groups (--group names its column)"
    ),
    (
      "AUC",
      "the chance that a row with label 1 has a higher score than a row with label 0: 0.5 for guessing, 1 if perfect"
    ),
    (
      "barycentre",
      "the common distribution nearest to those of all groups; adjusted scores have it in every group"
    ),
    (
      "beyond chance",
      "a verdict: an exactly fair predictor would not show so large a gap on samples of this size"
    ),
    (
      "calibrated",
      "of a score: among people with a score of 0.3, 30 % turn out to have the label 1"
    ),
    (
      "calibration records",
      "the rows that a map is fitted to; the model must not have learned from them"
    ),
    (
      "certificate",
      "the figures a map states about itself: gaps before and after, and what to expect on new records"
    ),
    (
      "chance level",
      "the gap that an exactly fair predictor would show on so few rows, by chance alone: a smaller gap means nothing (columns floor and floor95)"
    ),
    (
      "constant predictor",
      "the same answer for everybody: perfectly equal, and useless; other scores are compared with it"
    ),
    (
      "decided 1",
      "selected, accepted: a decision of 1, which a score gets if it is at least the threshold"
    ),
    (
      "decision", "0 or 1 for each row: its score compared with a threshold, or a column of its own"
    ),
    (
      "demographic parity",
      "a notion of fairness: every group is selected at the same rate; for scores, has the same distribution"
    ),
    ("disparity", "how unequal groups are by some figure"),
    (
      "equal opportunity",
      "a notion of fairness: among people with label 1, every group is selected at the same rate"
    ),
    (
      "equalized odds",
      "a notion of fairness: equal opportunity, and equal rates among people with label 0 too"
    ),
    (
      "false positive rate", "the share of the rows with label 0 that are decided 1 (FPR)"
    ),
    (
      "figure",
      "a number that says how good or how fair something is; others call it a metric"
    ),
    (
      "frontier",
      "the arms that no other arm beats: no other is at least as good and as fair, and better in one of the two"
    ),
    ("gap", "the largest difference of a figure between two groups"),
    ("gate", "a check that a script can act on, by the exit status: --fail-if, drift, verify"),
    ("group", "the rows with one value of a sensitive attribute, such as the women"),
    (
      "held-out",
      "of rows: kept out of the fit, so that they show how it works on new rows"
    ),
    (
      "in sample",
      "measured on the rows that something was fitted to; on new rows it is usually worse"
    ),
    (
      "intersection", "groups made of several attributes together, such as black women"
    ),
    (
      "interval",
      "the range in which a figure of the whole population lies, as far as these rows can tell; right 95 times out of 100, unless --level says otherwise"
    ),
    (
      "KS",
      "the Kolmogorov-Smirnov distance: the largest difference, over all thresholds, between the shares of two groups below it"
    ),
    ("label", "what was to be predicted, as it turned out; 1 or yes is called positive"),
    (
      "map",
      "a fitted adjustment, kept in a file: fit makes it, apply uses it, inspect describes it"
    ),
    ("model", "what train learns, kept in a file: predict uses it"),
    (
      "Pareto-efficient",
      "of a model: no other one is better for one group and worse for none"
    ),
    (
      "PASS, FAIL, UNDECIDED",
      "the answers of a gate: the interval lies within the limit, lies wholly beyond it, or contains it (exit status 0, 1, 2)"
    ),
    (
      "protected group", "the group that a directed figure looks from: --protected sex=F"
    ),
    ("random draw", "a decision by chance that depends only on the record's id and the seed"),
    (
      "record", "a person or thing that is scored: usually one row of the file"
    ),
    (
      "score", "a number by which rows are ranked, such as the probability of repaying"
    ),
    ("seed", "a number that fixes every random choice: the same seed gives the same result"),
    ("selection rate", "the share of a group's rows that are decided 1"),
    (
      "significant",
      "of a difference: its interval does not contain 0, so chance alone hardly explains it"
    ),
    ("task", "what is predicted, named by its label column: --task repaid"),
    ("threshold", "the lowest score that is decided 1; 0.5 unless an option says otherwise"),
    (
      "too few rows",
      "a verdict: some group is too small to tell whether a gap is more than chance"
    ),
    ("true positive rate", "the share of the rows with label 1 that are decided 1 (TPR)"),
    (
      "W1, W2",
      "Wasserstein distances: how far scores of one group would have to move, on average, to be distributed like another's"
    ),
    (
      "within chance",
      "a verdict: an exactly fair predictor could show such a gap on samples of this size"
    ),
  ]
}
