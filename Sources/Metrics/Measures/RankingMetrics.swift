internal import FairpostNumerics

/// Figures of the list that scores make, the greatest first: how much of it is seen of each group.
///
/// Equal scores share their places evenly. Attention falls as 1 / log2(1 + place).
enum RankingMetrics {
  private static let needs: Needs = [.scores, .ranks]

  /// The metrics; skew is there at other numbers of places too, by its name.
  static let all: [Metric] =
    [
      Metric(
        id: "exposure", name: "exposure",
        formula: "mean over the group of 1 / log2(1 + place of S), equal scores sharing places",
        direction: .higher, needs: needs, notEstimable: "a group has no scores", scope: .eachGroup
      ) { context in
        guard let places = context.places else { return [.unavailable("a group has no scores")] }
        return context.ofEachGroup(places.exposure)
      },
      Metric(
        id: "exposure_ratio", name: "exposure ratio",
        formula: "min over groups / max over groups of exposure", direction: .target(1),
        needs: needs, notEstimable: "a group has no scores", quantity: "exposure"
      ) { context in
        context.ofList(id: "exposure_ratio", isRatio: true) { places in
          let exposure = places.exposure
          return (exposure.min() ?? .nan) / (exposure.max() ?? .nan)
        }
      },
      Metric(
        id: "ndkl", name: "NDKL",
        formula:
          "sum over i of v(i) KL(group shares of the first i || of the whole list) / sum of v(i), v(i) = 1 / log2(1 + i)",
        direction: .lower, needs: needs, notEstimable: "a group has no scores",
        growsWithNoise: true
      ) { context in
        context.ofList(id: "ndkl", isRatio: false) { $0.divergence }
      },
    ] + skews(10)

  /// Why a logarithm is none that can be stated.
  private static func nobody(_ first: Int) -> String {
    "a group has nobody in the first \(first) places: its skew is minus infinity"
  }

  /// The figures of the first places of the list.
  private static func skews(_ first: Int) -> [Metric] {
    let none = "a group has no scores, nobody among the first \(first), or there are fewer places"
    @Sendable func skew(_ context: EvaluationContext) -> [Double]? {
      guard let places = context.places, places.count >= Double(first) - 1e-9 else { return nil }
      let (counts, all) = (places.counts(first: Double(first)), places.count)
      return zip(counts, places.totals).map { count, total in
        count > 0 ? Elementary.log(count / Double(first) / (total / all)) : -.infinity
      }
    }
    let formula =
      "log (share of the group in the first \(first) places / its share in the list); @K for any K"
    func extreme(_ word: String, _ pick: @escaping @Sendable ([Double]) -> Double?) -> Metric {
      Metric(
        id: "\(word)_skew@\(first)", name: "\(word) skew at \(first)",
        formula: "\(word) over groups of \(formula)", direction: .target(0), needs: needs,
        notEstimable: none, quantity: "skew@\(first)"
      ) { context in
        guard let value = skew(context).flatMap(pick) else { return [.unavailable(none)] }
        return [value > -.infinity ? context.plain(value) : .unavailable(nobody(first))]
      }
    }
    return [
      Metric(
        id: "skew@\(first)", name: "skew at \(first)", formula: formula, direction: .target(0),
        needs: needs, notEstimable: none, scope: .eachGroup
      ) { context in
        guard let values = skew(context) else { return [.unavailable(none)] }
        return context.ofEachGroup(values, none: nobody(first))
      },
      extreme("min") { $0.min() }, extreme("max") { $0.max() },
    ]
  }

  /// The skew at another number of places, by an id such as `min_skew@25`.
  static func named(_ id: String) -> Metric? {
    guard let mark = id.lastIndex(of: "@"),
      let first = Int(id[id.index(after: mark)...]), first > 0, first <= 1 << 40
    else { return nil }
    return skews(first).first { $0.id == id }
  }
}

extension EvaluationContext {
  /// The list of all groups that occur; nil where one of them has no scores.
  fileprivate var places: RankedPlaces? {
    let samples = present.map { groups[$0].ranked?.all ?? SortedSample() }
    guard !samples.isEmpty, !samples.contains(where: \.isEmpty) else { return nil }
    return RankedPlaces(samples)
  }

  /// A value of each group that occurs.
  ///
  /// - Parameter reason: why a value that is infinite cannot be stated.
  fileprivate func ofEachGroup(_ values: [Double], none reason: String = "") -> [Outcome] {
    zip(present, values).map { group, value in
      var outcome = Outcome(group: group)
      if value > -.infinity { outcome.value = value } else { outcome.reason = reason }
      outcome.count = groups[group].sums.total.rows
      outcome.flags = flags([group])
      return outcome
    }
  }

  /// A value of the whole list, beside that of lists in an order drawn at random.
  fileprivate func ofList(
    id: String, isRatio: Bool, _ value: (RankedPlaces) -> Double
  ) -> [Outcome] {
    guard let places else { return [.unavailable("a group has no scores")] }
    guard places.totals.count > 1 else { return [.unavailable("there is only one group")] }
    var outcome = plain(value(places))
    outcome.least = present.map { groups[$0].sums.total.rows }.min()
    if options.intervals, options.noiseDraws > 0, places.count >= 1 {
      // Long lists vary little, and cost the more.
      let draws = min(options.noiseDraws, max(20, Int(2e6 / places.count)))
      var stream = stream(id)
      outcome.takeChance(
        (0..<draws).map { _ in value(places.shuffled(&stream)) }, isRatio: isRatio)
    }
    return [outcome]
  }
}
