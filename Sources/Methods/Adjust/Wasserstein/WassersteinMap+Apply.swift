internal import FairpostNumerics
internal import FairpostTransport

extension WassersteinMap {
  /// The code of a group that was not in the fit.
  package static let unseenCode: Int32 = -2
  /// The code of a missing group.
  package static let missingCode: Int32 = -1

  /// Maps a batch of one score's values; a row's result depends on that row alone.
  ///
  /// - Parameters:
  ///   - score: which score, an index into `scores`.
  ///   - values: the scores; NaN is missing and stays so.
  ///   - codes: for each attribute the rows' groups: an index into its keys, -1 missing, -2 unseen.
  ///   - keys: hashes of the rows' ids; needed for random ties and jitter.
  ///   - results: the fair scores, as many as there are values; NaN where there is none.
  ///   - outcomes: what was done to each row.
  package func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]? = nil,
    into results: inout [Double], outcomes: inout [Outcome]
  ) {
    precondition(codes.count == attributes.count && results.count == values.count)
    precondition(outcomes.count == values.count)
    precondition(!(settings.ties == .random || settings.jitter > 0) || keys != nil)
    var steps: [[Double]] = []
    run(
      score: score, values: values, codes: codes, keys: keys, results: &results,
      outcomes: &outcomes, steps: &steps, wantsSteps: false)
  }

  /// Maps a batch and gives the score after every attribute's step as well.
  package func applySteps(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]? = nil,
    outcomes: inout [Outcome]
  ) -> [[Double]] {
    var results = values
    var steps: [[Double]] = []
    run(
      score: score, values: values, codes: codes, keys: keys, results: &results,
      outcomes: &outcomes, steps: &steps, wantsSteps: true)
    return steps
  }

  private func run(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, results: inout [Double],
    outcomes: inout [Outcome], steps: inout [[Double]], wantsSteps: Bool
  ) {
    results = values
    // What takes no part in the steps: missing scores, passed, dropped and refused rows.
    var settled = [Bool](repeating: false, count: values.count)
    for row in values.indices {
      outcomes[row] = []
      if values[row].isNaN {
        outcomes[row] = .missingScore
        settled[row] = true
      }
    }
    var codes = codes
    if settings.missingGroup == .own {
      for (index, attribute) in attributes.enumerated() {
        guard let first = attribute.keys.first, first.parts.allSatisfy(\.isEmpty) else { continue }
        for row in codes[index].indices where codes[index][row] == Self.missingCode {
          codes[index][row] = 0
        }
      }
    }
    for attribute in attributes.indices {
      for row in values.indices where codes[attribute][row] < 0 && !settled[row] {
        settled[row] = settle(codes[attribute][row], &results[row], &outcomes[row])
      }
    }
    for step in scores[score].steps {
      let draws = Draws(settings, score: scores[score].name, attribute: step.attribute)
      apply(
        step, codes: codes, keys: keys, draws: draws, settled: &settled, results: &results,
        outcomes: &outcomes)
      if wantsSteps { steps.append(results) }
    }
    if let range = settings.range {
      for row in results.indices where !settled[row] {
        results[row] = min(max(results[row], range.lowerBound), range.upperBound)
      }
    }
  }

  /// Deals with a row whose group is missing or unseen; whether that settles it.
  private func settle(_ code: Int32, _ result: inout Double, _ outcome: inout Outcome) -> Bool {
    if code == Self.missingCode {
      outcome.insert(.missingGroup)
      switch settings.missingGroup {
      case .pool: return false
      case .pass:
        outcome.insert(.passed)
        return true
      case .drop: outcome.insert(.dropped)
      case .error, .own: outcome.insert(.refused)
      }
    } else {
      outcome.insert(.unseenGroup)
      switch settings.unseen {
      case .pool: return false
      case .pass:
        outcome.insert(.passed)
        return true
      case .error: outcome.insert(.refused)
      }
    }
    result = .nan
    return true
  }

  private func apply(
    _ step: Step, codes: [[Int32]], keys: [UInt64]?, draws: Draws, settled: inout [Bool],
    results: inout [Double], outcomes: inout [Outcome]
  ) {
    let lookup = step.index
    let isSingle = step.sizes.count == 1
    let own = codes[step.attribute]
    var places = [Int32](repeating: -1, count: results.count)
    var starts = [Int](repeating: 0, count: lookup.entries.count + 1)
    for row in results.indices where !settled[row] {
      var place: Int32 = -1
      var at = 0
      var isKnown = true
      if isSingle {
        isKnown = own[row] >= 0
        at = Int(own[row])
      } else {
        for (offset, size) in step.sizes.enumerated() {
          let code = codes[step.attribute + offset][row]
          if code < 0 { isKnown = false } else { at = at &* size &+ Int(code) }
        }
      }
      if isKnown {
        place =
          lookup.dense.isEmpty
          ? lookup.sparse[step.sizes.indices.map { Int(codes[step.attribute + $0][row]) }] ?? -1
          : lookup.dense[at]
      }
      if place < 0 {
        let code = own[row]
        place = code >= 0 ? lookup.marginal[Int(code)] : -1
        if place < 0 { place = lookup.pooled }
        if isKnown {
          outcomes[row].insert(.smallCell)
          if settings.smallCell == .error || place < 0 {
            outcomes[row].insert(.refused)
            results[row] = .nan
            settled[row] = true
            continue
          }
        }
        outcomes[row].insert(.pooled)
      }
      places[row] = place
      starts[Int(place) + 1] += 1
    }
    for index in lookup.entries.indices { starts[index + 1] += starts[index] }
    // Rows by function: one function's knots stay in cache, and nothing is looked up twice.
    var order = [Int32](repeating: 0, count: starts[lookup.entries.count])
    var next = starts
    for row in places.indices where places[row] >= 0 {
      let place = Int(places[row])
      order[next[place]] = Int32(row)
      next[place] += 1
    }
    for index in lookup.entries.indices where starts[index] < starts[index + 1] {
      let entry = lookup.entries[index]
      guard let table = entry.table else { continue }
      let rows = order[starts[index]..<starts[index + 1]]
      if settings.ties == .random || settings.jitter > 0 {
        applyKeyed(entry, table, step, rows, keys ?? [], draws, &settled, &results, &outcomes)
      } else {
        applyPlain(table, step.epsilon, rows, &settled, &results, &outcomes)
      }
    }
  }

  private func applyPlain(
    _ table: MapTable, _ epsilon: Double, _ rows: ArraySlice<Int32>, _ settled: inout [Bool],
    _ results: inout [Double], _ outcomes: inout [Outcome]
  ) {
    for (row, x) in table.map(rows, of: &results, epsilon: epsilon) {
      let y = outside(x, table(x), table, &settled[row], &outcomes[row])
      results[row] = Blend.mix(y, x, epsilon)
    }
  }

  private func applyKeyed(
    _ entry: Entry, _ table: MapTable, _ step: Step, _ rows: ArraySlice<Int32>, _ keys: [UInt64],
    _ draws: Draws, _ settled: inout [Bool], _ results: inout [Double],
    _ outcomes: inout [Outcome]
  ) {
    for row32 in rows {
      let row = Int(row32)
      let original = results[row]
      var x = original
      if settings.jitter > 0, step.attribute == 0 {
        x += Jitter.draw(draws.noise, keys[row], settings.jitter)
      }
      var y: Double
      if settings.ties == .random {
        let low = entry.ranks.cdfBelow(x)
        let level = low + Jitter.unit(draws.ties(keys[row])) * (entry.ranks.cdf(x) - low)
        y = step.averages[entry.stratum](level)
      } else {
        y = table(x)
      }
      if x < table.least || x > table.greatest {
        y = outside(x, y, table, &settled[row], &outcomes[row])
      }
      results[row] = Blend.mix(y, original, step.epsilon)
    }
  }

  /// The result outside a group's fitted range.
  private func outside(
    _ x: Double, _ y: Double, _ table: MapTable, _ settled: inout Bool, _ outcome: inout Outcome
  ) -> Double {
    outcome.insert(.outside)
    switch settings.outside {
    case .clamp:
      outcome.insert(.clamped)
      return y
    case .shift:
      outcome.insert(.shifted)
      return x < table.least ? y + (x - table.least) : y + (x - table.greatest)
    case .error:
      outcome.insert(.refused)
      settled = true
      return .nan
    }
  }
}

/// What is drawn for a record, apart for every score and every step.
private struct Draws {
  let noise: StableHash
  let ties: StableHash

  init(_ settings: WassersteinSettings, score: String, attribute: Int) {
    noise = Jitter.hash(settings.seed, score: score, isFit: false)
    let seed = Jitter.seed(settings.seed, score: score) &+ UInt64(attribute)
    ties = StableHash(seed: seed, purpose: "wasserstein.ties")
  }
}
