package import FairpostMetrics
package import FairpostRoles

extension WeightColumn {
  /// The weights of the rows that stayed, as figures take them.
  package func weights(_ values: [Double]) -> RowWeights {
    isFrequency ? .frequencies(values.map { Int($0) }) : .survey(values)
  }
}
