internal import FairpostNumerics
internal import FairpostTransport

/// Visits the values of several samples together, rising, without merging them into a new one.
///
/// Equal values follow each other in the order of the samples. A tournament of the samples' next
/// values costs a logarithm of their number for each step.
func forEachMerged(
  _ samples: [SortedSample], _ body: (_ value: Double, _ sample: Int, _ weight: Double) -> Void
) {
  guard samples.count > 1 else {
    for (index, sample) in samples.enumerated() {
      for place in sample.values.indices { body(sample.values[place], index, sample.weight(place)) }
    }
    return
  }
  // Of very many short samples a sort of everything is quicker than matches between them.
  if samples.count > 64, samples.count * 4096 > samples.reduce(0, { $0 + $1.values.count }) {
    return forEachSorted(samples, body)
  }
  var cursors = [Int](repeating: 0, count: samples.count)
  var next = Tournament(samples.map { $0.values.first ?? .infinity })
  while next.least < .infinity {
    let (value, winner) = (next.least, next.place)
    let place = cursors[winner]
    body(value, winner, samples[winner].weight(place))
    cursors[winner] = place + 1
    let isOver = place + 1 == samples[winner].values.count
    next.set(winner, isOver ? .infinity : samples[winner].values[place + 1])
  }
}

/// The same by sorting all values at once.
private func forEachSorted(
  _ samples: [SortedSample], _ body: (_ value: Double, _ sample: Int, _ weight: Double) -> Void
) {
  var values: [Double] = []
  var owners: [UInt32] = []
  var weights: [Double] = []
  let isWeighted = samples.contains { !$0.weights.isEmpty }
  for (index, sample) in samples.enumerated() {
    values += sample.values
    owners += repeatElement(UInt32(index), count: sample.values.count)
    if isWeighted { for place in sample.values.indices { weights.append(sample.weight(place)) } }
  }
  let (sorted, order) = Sorting.sortedPairs(values)
  for place in sorted.indices {
    let from = Int(order[place])
    body(sorted[place], Int(owners[from]), isWeighted ? weights[from] : 1)
  }
}
