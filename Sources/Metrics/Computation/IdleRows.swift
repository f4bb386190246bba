internal import FairpostTransport

extension EvaluationData {
  /// The data without rows of weight or frequency 0, and without groups that only they had.
  ///
  /// Every figure is computed from this, so that no metric has to remember such rows.
  var withoutIdleRows: EvaluationData {
    let kept: [Int]
    switch weights {
    case .none: return self
    case .survey(let values):
      guard values.contains(0) else { return self }
      kept = values.indices.filter { values[$0] > 0 }
    case .frequencies(let values):
      guard values.contains(0) else { return self }
      kept = values.indices.filter { values[$0] > 0 }
    }
    var result = taking(kept)
    for place in attributes.indices {
      let before = Self.occurring(attributes[place])
      let after = Self.occurring(result.attributes[place])
      guard before != after else { continue }
      result.attributes[place] = result.attributes[place].keeping { after[$0] || !before[$0] }
    }
    return result
  }

  /// Which groups have rows.
  private static func occurring(_ grouping: Grouping) -> [Bool] {
    var result = [Bool](repeating: false, count: grouping.keys.count)
    for code in grouping.codes where code >= 0 { result[Int(code)] = true }
    return result
  }
}

extension Grouping {
  /// The same with some of the keys; rows of other groups must be gone.
  fileprivate func keeping(_ isKept: (Int) -> Bool) -> Grouping {
    var places = [Int32](repeating: -1, count: keys.count)
    var kept: [GroupKey] = []
    for code in keys.indices where isKept(code) {
      places[code] = Int32(kept.count)
      kept.append(keys[code])
    }
    return Grouping(
      columns: columns, keys: kept, codes: codes.map { $0 < 0 ? -1 : places[Int($0)] })
  }
}
