internal import FairpostNumerics

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
  var width = 1
  while width < samples.count { width *= 2 }
  let values = samples.map(\.values)
  let weights = samples.map(\.weights)
  var cursors = [Int](repeating: 0, count: width)
  var heads = [Double](repeating: .infinity, count: width)
  for (index, sample) in samples.enumerated() where !sample.isEmpty {
    heads[index] = sample.values[0]
  }
  // losers[n] is who lost the match at node n; of equals the later sample loses.
  var losers = [Int](repeating: 0, count: width)
  func beats(_ a: Int, _ b: Int) -> Bool {
    heads[a] < heads[b] || (heads[a] == heads[b] && a < b)
  }
  var winners = Array(0..<width)
  var node = width
  while winners.count > 1 {
    node /= 2
    var next: [Int] = []
    for match in 0..<(winners.count / 2) {
      let (a, b) = (winners[2 * match], winners[2 * match + 1])
      next.append(beats(a, b) ? a : b)
      losers[node + match] = beats(a, b) ? b : a
    }
    winners = next
  }
  var winner = winners[0]
  while heads[winner] < .infinity {
    let place = cursors[winner]
    body(heads[winner], winner, weights[winner].isEmpty ? 1 : weights[winner][place])
    cursors[winner] = place + 1
    var head = place + 1 < values[winner].count ? values[winner][place + 1] : .infinity
    heads[winner] = head
    var node = (winner + width) / 2
    while node > 0 {
      let other = losers[node]
      let rival = heads[other]
      if rival < head || (rival == head && other < winner) {
        losers[node] = winner
        winner = other
        head = rival
      }
      node /= 2
    }
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
