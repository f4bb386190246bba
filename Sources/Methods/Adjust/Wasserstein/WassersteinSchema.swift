internal import FairpostNumerics
internal import FairpostTransport

extension WassersteinSettings {
  /// Everything that words can choose of the Wasserstein adjustment.
  package static var schema: Schema<WassersteinSettings> {
    Schema(
      adjusting + policies + size,
      exclusive: [
        ("epsilon", "target-w2"), ("group-weights", "group-weights-file"), ("exact", "compress"),
        ("exact", "value-error"),
      ])
  }

  private static var adjusting: [SettingField<WassersteinSettings>] {
    [
      .numbers(
        "epsilon", \.epsilons, "E[,E...]", letter: "e", in: 0...1,
        help:
          "how much of the difference between groups is kept: 0 none (fair), 1 all (the score unchanged); one value, or one for each attribute. W1, W2 and gaps between group means shrink to this share (exactly for groups of equal sizes without tied scores, else nearly); KS and gaps between decision rates do not",
        section: "Adjustment"),
      .number(
        "target-w2", \.targetW2, "D", in: 0...1e300,
        help:
          "instead of --epsilon: make the smallest change that leaves a W2 distance of at most D between groups of the calibration records (new records show more: see \"held-out folds\" in inspect)",
        section: "Adjustment"),
      .choice(
        "estimator", \.estimator, placeholder: "NAME",
        help:
          "how distributions are estimated: mean-of-atom makes the groups' means exactly equal on the calibration records, equipy computes as EquiPy does (step CDF, type-7 quantiles), split halves the sample for a guarantee without assumptions, hazen interpolates through (i-1/2)/n",
        section: "Adjustment"),
      .choice(
        "ties", \.ties,
        help:
          "records with the same score: all get the mean of their interval of ranks, all get its middle, or each gets a place in it at random, by its --id",
        section: "Adjustment"),
      .number(
        "jitter", \.jitter, "U", in: 0...RowRules.largest,
        help: "add uniform noise between -U and U to scores before ranking, drawn by --id",
        section: "Adjustment"),
      SettingField(
        "group-weights", nil, .choice(["shares", "equal"]),
        help: "how much each group counts in the common distribution", section: "Adjustment",
        read: { (text, settings) throws(SettingFault.Problem) in
          switch text {
          case "shares": settings.groupWeights = .shares
          case "equal": settings.groupWeights = .equal
          default: throw .wrongKind(.choice(["shares", "equal"]))
          }
        },
        write: { settings in
          switch settings.groupWeights {
          case .shares: "shares"
          case .equal: "equal"
          case .given: nil
          }
        }),
      .file(
        "group-weights-file", \.groupWeightsFile,
        help: "a CSV with the group columns and a column \"weight\": how much each group counts",
        section: "Adjustment"),
    ]
  }

  private static var policies: [SettingField<WassersteinSettings>] {
    [
      SettingField(
        "range", nil, .text, "LO,HI",
        help: "the range of the scores and of the results, such as 0,1",
        section: "Policies",
        read: { (text, settings) throws(SettingFault.Problem) in
          let ends = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { NumberText.parse(String($0)).value }
          guard ends.count == 2, let low = ends[0], let high = ends[1], low < high else {
            throw .wrongForm("expected LO,HI, such as 0,1")
          }
          settings.range = low...high
        },
        write: { settings in
          settings.range.map {
            "\(NumberText.text($0.lowerBound)),\(NumberText.text($0.upperBound))"
          }
        }),
      .choice(
        "outside", \.outside,
        help:
          "scores outside their group's fitted range: use the end of the range (clamp), continue beyond it with slope 1 (shift), or fail",
        section: "Policies"),
      .choice(
        "unseen", \.unseen,
        help: "groups that were not in the fit: fail, use the pooled map, or leave the score",
        section: "Policies"),
      .choice(
        "missing-group", \.missingGroup,
        help:
          "rows without a group: fail, form a group of their own, use the pooled map, leave the score, or leave out the row",
        section: "Policies"),
      .choice(
        "small-cell", \.smallCell,
        help:
          "combinations of attributes with few records, or none: fail and list them, use the attribute's own map, or use it for every combination",
        section: "Policies"),
      .integer(
        "min-group", \.minimumGroup, in: 1...1_000_000_000,
        help:
          "groups with fewer records are too small: a warning names such a group, and --small-cell says what happens to such a combination",
        section: "Policies"),
      .flag(
        "allow-singletons", \.allowsSingletons, help: "also fit groups that have a single record",
        section: "Policies"),
    ]
  }

  private static var size: [SettingField<WassersteinSettings>] {
    [
      SettingField(
        "exact", nil, .flag,
        help:
          "keep every knot and the exact distributions: the map can be large, and can be merged with others",
        section: "Size",
        read: { (_, settings) throws(SettingFault.Problem) in settings.knots = nil },
        write: { $0.knots == nil ? "yes" : nil }),
      .integer(
        "sketch", \.sketch, "B", in: Sketch.digits,
        help:
          "first round scores to B significant binary digits, so that summaries stay small however many records there are; with 12, no score changes by more than 0.0123 % of itself",
        section: "Size"),
      .integer(
        "compress", \.knots, in: 2...100_000_000,
        help:
          "keep about N knots (points of the curve) a group, evenly by rank; --value-error adds others where the scores lie far apart",
        section: "Size"),
      .number(
        "value-error", \.valueError, "E", in: 0...1e6,
        help:
          "leaving out knots may change a result by at most E standard deviations of the calibration scores. For 0.001 a smooth score needs some hundreds of knots more; no group keeps more knots than it has distinct scores",
        section: "Size"),
    ]
  }
}

extension WassersteinSettings {
  /// Refuses values that do not go together.
  package func check() throws(SettingFault) {
    for epsilon in epsilons where !(epsilon >= 0 && epsilon <= 1) {
      throw SettingFault("epsilon", nil, .unsuited("must lie between 0 and 1"))
    }
    if !(jitter >= 0 && jitter <= RowRules.largest) {
      throw SettingFault(
        "jitter", nil, .unsuited("must be a number between 0 and \(RowRules.largest)"))
    }
    if ties != .mean, estimator != .meanOfAtom {
      throw SettingFault(
        "ties", ties.rawValue, .unsuited("mid and random need the estimator mean-of-atom"))
    }
    if let knots, knots < 2 {
      throw SettingFault("compress", nil, .unsuited("must be at least 2 knots"))
    }
    if let targetW2 {
      if epsilons != [0] { throw SettingFault("target-w2", nil, .excludes("epsilon")) }
      if ties == .random {
        throw SettingFault("target-w2", nil, .unsuited("needs deterministic ties"))
      }
      if !(targetW2 >= 0 && targetW2.isFinite) {
        throw SettingFault("target-w2", nil, .unsuited("must be at least 0"))
      }
    }
    if case .given(let weights) = groupWeights {
      for weight in weights.values where !(weight >= 0 && weight <= RowRules.largest) {
        throw SettingFault(
          "group-weights-file", nil,
          .unsuited("must give weights between 0 and \(RowRules.largest)"))
      }
      if !weights.values.contains(where: { $0 > 0 }) {
        throw SettingFault(
          "group-weights-file", nil, .unsuited("must not give weights that are all 0"))
      }
    }
  }

  /// Refuses a number of epsilons that is neither 1 nor that of the attributes.
  package func check(in context: MethodContext) throws(SettingFault) {
    guard epsilons.count != 1, epsilons.count != context.attributes else { return }
    throw SettingFault(
      "epsilon", nil,
      .wrongCount(found: epsilons.count, of: .attributes, expected: context.attributes))
  }

  /// Whether a result depends on the record's id.
  package var needsID: Bool { ties == .random || jitter > 0 || estimator == .split }
}
