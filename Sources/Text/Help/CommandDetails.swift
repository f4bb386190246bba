/// The paragraphs of each command's help and manual page, in one place so that they can be read through.
package enum CommandDetails {
  /// `fairpost help adapt`.
  package static let adapt = [
    "Takes plain gradient steps over all rows at once. Regulariser, rate and number of steps are those the model was trained with; options change them. Features are made in the same way as in training.",
    "If no row belongs to the protected group, the regulariser is skipped and a note says so.",
  ]

  /// `fairpost help adjust`.
  package static let adjust = [
    "Gives people at the same percentile of their own group the same score, by moving each group's scores to a common distribution (the groups' Wasserstein barycentre). Order within a group and the overall mean are kept.",
    "Without --calibrate the map is fitted to the records it adjusts, so results look better than they will be on new records. To judge it, fit to some records and adjust others.",
  ]

  /// `fairpost help apply`.
  package static let apply = [
    "What happens to unseen and missing groups, to scores outside the range and to combinations with few records was chosen when the map was fitted. --unseen, --missing-group and --outside change it for this run, if the map holds what they need; the summary says so.",
    "--on-bad-row report answers every record in its place. A bad record keeps its fields, its new columns stay empty, and --error-column says what is wrong. A line with a wrong number of fields becomes a record of empty fields, whose error column holds the reason and the line itself.",
    "What comes out for a row depends on the map and that row alone: one record gives the same answer alone, in a batch, and in any order.",
  ]

  /// `fairpost help compare`.
  package static let compare = [
    "An arm is one way to get a prediction: a training method, with or without an adjustment afterwards. All arms see the same rows: under each seed the records are divided by a hash into train, calibrate and test. A model that is adjusted learns from train, and its adjustment from calibrate; a model that is not adjusted learns from both. The figures are those of evaluate on the test rows.",
    "Differences are measured against the plain model (--baseline), seed by seed. They have two intervals: Student's over the seeds, and a wider one that allows for the rows that seeds share (Nadeau and Bengio 2003); the sentences below the table use the wider one. Decisions are compared twice: as each arm makes them, and at the same selection rate for all arms. Where tied scores do not allow that rate (to within a row, or a thousandth of the rows), the figure is marked ~ (in CSV, with the flag rate-not-attainable), and the arm is left out of the frontier at this rate.",
    "The predictions of --arm must come from models that did not learn from the rows they predict, or the comparison is void: --print-split names the rows of each seed, so that another tool can learn from train and calibrate and predict test. The table calls an arm doubtful if it is nearly perfect, or if it is ahead of the best arm trained here by more than four half-widths of its interval and makes at most 70 % of its errors.",
    "The constant predictor and a model that does not see the group are always included. A method that does not suit the data is marked not applicable. If a run (one arm under one seed) fails, its row says why, the others go on, and the exit status is 65. An arm with a failed run has means over fewer seeds, as its row says, and is left out of the frontier; so is an arm that lacks a figure which others have.",
    "--set and --sweep give options of methods, under the names they have in train and adjust. yoto.task-weights sets the weights of yoto's tasks; without it the validation rows choose them.",
  ]

  /// `fairpost help drift`.
  package static let drift = [
    "Compares new records with those the map was fitted to. For each score of the map it shows how far the groups' shares have moved (total variation), for each group how far the scores have moved (Kolmogorov-Smirnov distance) and the share outside the fitted range, and for all rows the shares without a group or score and of groups that the map does not know.",
    "Each figure's interval is compared with its limit: FAIL (exit 1) if the whole interval is beyond the limit, UNDECIDED (exit 2) if the interval contains the limit, PASS (exit 0) if the whole interval is within it. The figures are always written.",
    "Because many figures are tested, the lower bounds hold for all of them together: with K figures (the group shares, the missing rows, and two for each group, of every score) each has the error of --level divided by K (Bonferroni's correction). If nothing has moved, at most 1 run in 20 exits with 1 at --level 0.95. The upper bounds hold one by one, which is enough because exit 0 needs all of them.",
    "Even where nothing has moved, a share of about 2 / (N + 1) of new scores lies outside the range of N fitted ones. The lower bound of outside_range allows for this. A limit of 0 on missing rows or unknown groups is exceeded by a single such row.",
    "A map fitted with --weight or --frequency describes the weighted population: name the column here too, or each row counts once. The shares of missing rows and of unknown groups count rows (with --frequency, records), not weights.",
    "Scores are compared with the map's knots, whose ranks are exact to 1/4096, or fully exact if the map was fitted with --exact.",
  ]

  /// `fairpost help evaluate`.
  package static let evaluate = [
    "On a terminal the answer comes first: for each notion of fairness, the largest gap between groups, its interval, the two groups, and a verdict. \"Beyond chance\": an exactly fair predictor would not show so large a gap on samples of this size. \"Within chance\": it could. \"Too few rows\": a group is too small to tell. Then follow the groups with the usual figures. --all shows every figure; CSV and JSON always hold all of them.",
    "Every figure (metric) has a definition, an interval, the number of rows it rests on and, where it compares groups, the chance level: what an exactly fair predictor would show on these sample sizes. A figure that cannot be estimated says so and says why; it is never shown as 0. The constant predictor, which gives everybody the same answer, is shown for comparison.",
    "Without --task and --score every column NAME.score is evaluated, with NAME as its label and NAME.fair beside it. Labels are 0 and 1, or numbers; declare other labels with --task NAME:TYPE. Without labels, the figures that need them are left out. If a column of 0 and 1 has a few other numbers, that is an error, and the message counts them.",
    "In binary tasks, a score of at least 0.5 is decided 1, or as a column NAME.decision or an option says. Scores that do not lie between 0 and 1 (deciles, percentages, amounts) cannot be compared with 0.5, which is an error: give --threshold or --at-rate, or choose figures without decisions by --metrics, such as auc and ks. Figures of decisions that are all the same are flagged, and a limit on them is undecided.",
    "A row without a score, a label or a decision (empty, NaN or --missing TEXT) is left out of the figures that need it; each figure says how many rows it rests on, and the summary counts such rows by column. An infinite number is a bad value.",
    "If there is a column NAME.decision, it is used instead of the threshold, for the first score of its task; NAME.fair beside NAME.score is still decided by the threshold. --threshold and --at-rate replace such columns and decide all scores.",
    "n is the number of rows a figure rests on. Where a figure compares groups, n_least (in CSV and JSON) is the number in the smallest group, or the smallest denominator if the figure combines several rates.",
    "--adjust-p holm corrects for the number of hypotheses, not of figures: the difference and the ratio of a rate test the same hypothesis, and so do a rate and its complement, or several distances between score distributions. The first figure shown tests its hypothesis, and the others show the same corrected p. With H hypotheses and N permutations no p can be below H / (N + 1); a note says how many permutations are needed.",
    "--bootstrap takes intervals from resamples. Figures that compare groups, and calibration errors, are never negative and grow with noise, and resamples add noise; so the bound toward fairness, or toward 0, is never closer than that of the closed form. With fewer than 200 rows resamples vary too little, and neither bound is closer.",
    "--fail-if states what must not happen. A limit on a figure of groups is tested for every group and for all rows together, or only for the one that is named: 'selection_rate[sex=F] < 0.4' (or 'sex=F:selection_rate < 0.4'), 'all:accuracy < 0.7'. The limit is compared with the interval, not with the value: FAIL (exit 1) if the whole interval is beyond the limit, UNDECIDED (exit 2) if the interval contains it, or if the figure cannot be estimated or is flagged, PASS (exit 0) otherwise. The figures are always written.",
  ]

  /// `fairpost help explain`.
  package static let explain = [
    "For a model, it writes the Shapley values of its features: how much each feature raises or lowers a record's score, a line for each record, score and feature. Over the features of a record they sum to its score minus the mean score of the background rows (the line \"(base)\"). All levels of a category are one feature. Up to --exact features the values are exact (every set of features is tried); with more they are means over random orders and their reverses, with standard errors; a linear model on its own scale (--logits, or a number) has a closed form.",
    "--summary writes a line for each feature instead: its mean size, share and rank, and with --group what it contributes to the gap between the groups with the highest and the lowest mean score; these contributions sum to the gap of the scores. A sensitive column that the model does not read has 0: it can influence scores only through other features. Several --model are listed one below the other.",
    "For a map, it writes how much the step of each sensitive attribute changes a record's score. With --calibrate FILE (the records it was fitted to), the fit is repeated for every other order of the attributes; how much the steps differ shows how much the order matters.",
    "An explanation depends only on the model, the background rows and the record itself: name a --background file when you explain records one by one.",
  ]

  /// `fairpost help fit`.
  package static let fit = [
    "Calibrate on records the model was not trained on: a model's scores on its own training records differ from those on new records, and the map would be wrong for the new ones.",
    "Labels are not needed, except by methods that use them. The map is a JSON file; fairpost inspect describes it in words.",
  ]

  /// `fairpost help massage`.
  package static let massage = [
    "On the side with the lower label rate (the protected group or all others), turns the highest-scored negatives into positives; on the other side, turns as many of the lowest-scored positives into negatives (Kamiran & Calders 2012). No more labels are flipped than needed: the label rates are then equal up to one row.",
    "The scores may come from any model, also from one trained on the same rows.",
  ]

  /// `fairpost help metrics`.
  package static let metrics = [
    "Searches ids, names, formulas, names in other tools, and words of law and practice such as adverse impact or four-fifths. Case does not matter; of several words, all must occur. Figures whose id or name is the word come first.",
    "Every id can be used in evaluate --metrics, evaluate --fail-if and compare --metrics.",
  ]

  /// `fairpost help predict`.
  package static let predict = [
    "Appends TASK.score for each task of the model: the probability of the positive value, or the predicted number; for a multiclass task, TASK.score.CLASS for each class. The model file holds everything that prediction needs.",
    "A text in a column that held numbers in training is a bad value: --on-bad-row says what happens then (report answers it in its place, with the reason in --error-column). The scores of a row depend only on the model and that row.",
  ]

  /// `fairpost help report`.
  package static let report = [
    "The page holds the verdict, the groups with their sizes, pictures, every figure with its interval, what was left out and why, what the map states about itself, and how the page was made. It can be read without network and without scripts; with scripts its table can be sorted and filtered. It also holds the figures in a form for programs: verify computes them again.",
    "--min-cell leaves out figures and pictures of groups with fewer rows. --model-card writes Markdown for a model card instead; --model names the model it describes.",
  ]

  /// `fairpost help reweigh`.
  package static let reweigh = [
    "A row of group a and label y gets the weight P(a) P(y) / P(a, y) (Kamiran & Calders 2012), times the weight it already has. The weighted label rates are then equal in all groups.",
    "With --errors, misclassified rows get more weight in the combination of group and label with the higher error rate: their weights are multiplied by 1 + rate times the gap. Repeat predict, reweigh and train until the gap that is printed is small (the equalized-odds baseline of the FaAlGrad paper).",
  ]

  /// `fairpost help split`.
  package static let split = [
    "A row's part follows from the seed and a hash of its record (or of its --id), never from its place in the file: the same record falls into the same part in every file, and equal records fall into the same part.",
    "With --stratify each combination of the columns is ordered by that hash and cut at the fractions, exact to one row; with --count the first rows in that order are taken. Both read the whole file first, so a row's part then depends on the other rows.",
  ]

  /// `fairpost help train`.
  package static let train = [
    "Every column without another role becomes a feature: numbers are standardised, each category becomes a feature, and missing values are marked by another feature. Sensitive columns, labels, ids, weights and columns named by --exclude are not features (but see --include-group). A column counts as numeric if all its values are numbers.",
    "Columns that fairpost itself writes (NAME.score, NAME.fair, NAME.decision, NAME.massaged, weight, split) are features only if --include names them; so is NAME where NAME.massaged is the task. If a feature alone predicts the label or the group nearly perfectly, the first line of the summary names it.",
    "A row without a label of one task still trains the other tasks. mlp, yoto and faalgrad hold out a fifth of the rows, by a hash of the record or id, keep the epoch that does best on them, and stop early; the summary shows the figures of both parts, and of a linear model on the rows held out. With --validation-share 0 they learn from every row and keep the last epoch. nash, ltr, forml and gdro hold out a few rows of every group with every label (--validation-per-cell), unless validation rows are given, and keep the last epoch. linear has no epochs; validation rows only judge it. fair-maml and pretrained take a fixed number of steps; tasks held out (--held-out) judge them. A network that ends ten times worse than the constant predictor is an error.",
    "A weight or frequency of w counts a row w times in everything that is learned, including means, deviations and the commonest categories; 0 leaves it out. In validation rows, a label that did not occur in the training rows is a bad value.",
    "The model is a JSON file with everything that prediction needs; fairpost inspect describes it in words.",
  ]
}
