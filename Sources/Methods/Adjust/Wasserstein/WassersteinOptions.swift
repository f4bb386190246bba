internal import Numerics
public import Options
internal import Transport

extension WassersteinSettings {
  /// The options of the Wasserstein adjustment, declared where they are read.
  public static let options: [OptionSpec] = [
    OptionSpec(
      "epsilon", "e", .numbers("E[,E...]", in: 0...1),
      help:
        "how much of the score is kept: 0 fair, 1 untouched; one value, or one for each attribute. W1, W2 and mean gaps between groups shrink to this share (exactly for equal sizes without ties, else up to what atoms leave); KS and gaps of decision rates do not",
      default: "0", section: "Adjustment"),
    OptionSpec(
      "target-w2", nil, .number("D", in: 0...1e300),
      help:
        "instead of --epsilon: the smallest change that leaves a W2 distance of at most D between groups of the calibration records (in sample; new records show more, see \"held-out folds\" in inspect)",
      section: "Adjustment"),
    OptionSpec(
      "estimator", nil, .choice(Estimator.allCases.map(\.rawValue), placeholder: "NAME"),
      help:
        "how CDFs and quantiles are estimated: mean-of-atom keeps group means equal in sample, equipy is step CDF and type-7 quantiles, split halves the sample for a distribution-free guarantee, hazen is linear through (i-1/2)/n",
      default: Estimator.meanOfAtom.rawValue, section: "Adjustment"),
    OptionSpec(
      "ties", nil, .choice(TieRule.allCases.map(\.rawValue)),
      help:
        "where records with one score go: to the mean of their interval, to its middle, or each to a place drawn from it by its --id",
      default: TieRule.mean.rawValue, section: "Adjustment"),
    OptionSpec(
      "jitter", nil, .number("U", in: 0...1e300),
      help: "add uniform noise of half width U to scores before ranking, drawn by --id",
      default: "0", section: "Adjustment"),
    OptionSpec(
      "group-weights", nil, .choice("shares", "equal"),
      help: "how much each group counts in the common distribution", default: "shares",
      section: "Adjustment"),
    OptionSpec(
      "group-weights-file", nil, .file(),
      help: "a CSV with the group columns and a column \"weight\": how much each group counts",
      section: "Adjustment"),
    OptionSpec(
      "range", nil, .text("LO,HI"), help: "the range scores and results lie in, such as 0,1",
      section: "Policies"),
    OptionSpec(
      "outside", nil, .choice(OutsidePolicy.allCases.map(\.rawValue)),
      help:
        "scores outside their group's fitted range: hold at the end, continue with slope 1, or fail",
      default: OutsidePolicy.clamp.rawValue, section: "Policies"),
    OptionSpec(
      "unseen", nil, .choice(UnseenPolicy.allCases.map(\.rawValue)),
      help: "groups that were not in the fit: fail, use the pooled map, or leave the score",
      default: UnseenPolicy.error.rawValue, section: "Policies"),
    OptionSpec(
      "missing-group", nil, .choice(MissingGroupPolicy.allCases.map(\.rawValue)),
      help:
        "rows without a group: fail, form a group of their own, use the pooled map, leave the score, or leave out the row",
      default: MissingGroupPolicy.error.rawValue, section: "Policies"),
    OptionSpec(
      "small-cell", nil, .choice(SmallCellPolicy.allCases.map(\.rawValue)),
      help:
        "combinations of attributes with few records, or none: fail and list them, use the attribute's own map, or use it for every combination",
      default: SmallCellPolicy.error.rawValue, section: "Policies"),
    OptionSpec(
      "min-group", nil, .integer("N", in: 1...1_000_000_000),
      help:
        "groups with fewer records are small: a single group is warned of, a combination goes by --small-cell",
      default: "30", section: "Policies"),
    OptionSpec(
      "allow-singletons", help: "fit even groups of a single record", section: "Policies"),
    OptionSpec(
      "exact",
      help: "keep every knot and the exact distributions: the map can be large, and can be merged",
      section: "Size"),
    OptionSpec(
      "compress", nil, .integer("N", in: 2...100_000_000),
      help: "about how many knots a group keeps", default: "4096", section: "Size"),
  ]

  /// The settings a command line gives; group weights from a file are filled in by the command.
  public init(_ options: ParsedOptions, attributes: Int) throws(UsageError) {
    self.init()
    epsilons = options.numbers("epsilon")
    if epsilons.count > 1, epsilons.count != attributes {
      throw UsageError(
        "--epsilon has \(epsilons.count) values for \(attributes) attribute(s)",
        hint: "give one value, or one for each --group")
    }
    targetW2 = options.number("target-w2")
    if targetW2 != nil, options.has("epsilon") {
      throw UsageError("--epsilon and --target-w2 exclude each other")
    }
    estimator = options.choice("estimator") ?? estimator
    ties = options.choice("ties") ?? ties
    jitter = options.number("jitter") ?? 0
    if options.choice("group-weights") == "equal" { groupWeights = .equal }
    if options.has("group-weights"), options.has("group-weights-file") {
      throw UsageError("--group-weights and --group-weights-file exclude each other")
    }
    if let text = options.text("range") {
      let ends = text.split(separator: ",", omittingEmptySubsequences: false)
      guard ends.count == 2, case .number(let low) = NumberText.parse(String(ends[0])),
        case .number(let high) = NumberText.parse(String(ends[1])), low < high
      else { throw UsageError("--range \(text): LO,HI is wanted, such as 0,1") }
      range = low...high
    }
    outside = options.choice("outside") ?? outside
    unseen = options.choice("unseen") ?? unseen
    missingGroup = options.choice("missing-group") ?? missingGroup
    smallCell = options.choice("small-cell") ?? smallCell
    minimumGroup = options.integer("min-group") ?? minimumGroup
    allowsSingletons = options.has("allow-singletons")
    if options.has("exact"), options.has("compress") {
      throw UsageError("--exact and --compress exclude each other")
    }
    knots = options.has("exact") ? nil : options.integer("compress")
    seed = UInt64(options.integer("seed") ?? 0)
  }

  /// Whether a result depends on the record's id.
  public var needsID: Bool { ties == .random || jitter > 0 || estimator == .split }
}
