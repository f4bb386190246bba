internal import FairpostNumerics
internal import FairpostTransport

extension CalibrationSummary {
  /// The same records for eyes that must not see them.
  ///
  /// Neighbours by score, so many together, stand at their mean. A cell of fewer records is left out,
  /// with its count.
  package func coarsened(minimumCell: Int) throws(AdjustmentError) -> CalibrationSummary {
    if isWeighted { throw .cannotMerge("weights tell records apart: count them by frequency") }
    let kept = cells.compactMap { cell -> Cell? in
      let parts = cell.parts.map { $0.map { Self.coarsened($0, minimumCell) } }
      return parts.contains { $0.contains { !$0.isEmpty } }
        ? Cell(codes: cell.codes, parts: parts) : nil
    }
    // A group that only small cells have must not show its name.
    let used = attributes.indices.map { place in Set(kept.map { $0.codes[place] }).sorted() }
    return CalibrationSummary(
      scores: scores,
      attributes: zip(attributes, used).map { attribute, codes in
        Attribute(columns: attribute.columns, keys: codes.map { attribute.keys[$0] })
      },
      cells: kept.map { cell in
        Cell(
          codes: zip(cell.codes, used).map { code, codes in codes.firstIndex(of: code) ?? 0 },
          parts: cell.parts)
      },
      missingScores: missingScores.map { $0 < minimumCell ? 0 : $0 },
      missingGroups: missingGroups < minimumCell ? 0 : missingGroups,
      zeroWeights: zeroWeights < minimumCell ? 0 : zeroWeights, isWeighted: false)
  }

  /// Records in ascending order, cut after so many and never between equal ones; each stretch becomes
  /// its mean, and what is left over belongs to the last.
  private static func coarsened(_ all: Distribution, _ least: Int) -> Distribution {
    guard all.rows >= least else { return .empty }
    var values: [Double] = []
    var masses: [Double] = []
    var stretch = (sum: 0.0, mass: 0.0)
    var left = all.total
    for (place, value) in all.values.enumerated() {
      let mass = all.masses?[place] ?? 1
      stretch.sum += mass * value
      stretch.mass += mass
      left -= mass
      guard stretch.mass >= Double(least), left >= Double(least) || left == 0 else { continue }
      let mean = stretch.sum / stretch.mass
      if values.last == mean {
        masses[masses.count - 1] += stretch.mass
      } else {
        values.append(mean)
        masses.append(stretch.mass)
      }
      stretch = (0, 0)
    }
    return Distribution(
      values: values, masses: masses, rows: all.rows, squaredWeights: all.squaredWeights)
  }
}
