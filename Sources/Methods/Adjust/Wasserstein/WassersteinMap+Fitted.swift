internal import FairpostNumerics
internal import FairpostTransport

extension WassersteinMap {
  /// The fair scores of the records of the fit, by one walk over each group's sorted scores; nil
  /// where the map must look at a row by itself.
  func fittedValues(score: Int, of data: inout CalibrationData, threads: Int) -> [Double]? {
    guard let sorted = data.sorted?[score], scores[score].steps.count == 1,
      data.attributes.count == 1, data.attributes[0].keys == attributes[0].keys,
      settings.ties != .random, settings.jitter == 0, settings.sketch == nil
    else { return nil }
    let step = scores[score].steps[0]
    // What is kept whole keeps its sign of zero too.
    if step.epsilon == 1 { return nil }
    var tables: [MapTable] = []
    for group in sorted.values.indices {
      guard let table = step.entries[[group]]?.table, let least = sorted.values[group].first,
        let greatest = sorted.values[group].last, table.least <= least, greatest <= table.greatest
      else { return nil }
      tables.append(table)
    }
    let (functions, epsilon, range) = (tables, step.epsilon, settings.range)
    // Where a table keeps every score of its group, the images are the results as they stand.
    let isWhole = zip(tables, sorted.values).map { $0.knots == $1 }
    var values: [Double] = []
    swap(&values, &data.scores[score].values)
    sorted.replace(in: &values, threads: threads) { group, ascending in
      let function = functions[group]
      var results =
        isWhole[group]
        ? Array(function.images[ascending.indices]) : function.values(sorted: ascending)
      if epsilon != 0 {
        for (place, x) in zip(results.indices, ascending) {
          results[place] = Blend.mix(results[place], x, epsilon)
        }
      }
      if let range {
        for place in results.indices {
          results[place] = min(max(results[place], range.lowerBound), range.upperBound)
        }
      }
      return results
    }
    return values
  }
}
