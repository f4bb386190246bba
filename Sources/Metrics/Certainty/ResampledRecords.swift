internal import FairpostNumerics
internal import FairpostTransport

/// The records that are drawn again: equal rows together, so that a row of frequency 2 is drawn as
/// two equal rows are, at the cost of the rows of the file.
struct ResampledRecords: Sendable {
  /// The record of each row.
  private var recordOf: [Int] = []
  /// The first row, the number of copies and the hash of each record.
  private var first: [Int] = []
  private(set) var copies: [Int] = []
  private var hashes: [UInt64] = []
  private let hash: StableHash
  /// Up to this many copies are drawn one by one.
  private static let fewCopies = 64

  private struct Content: Hashable {
    let record: UInt64
    let content: UInt64
  }

  init(_ data: EvaluationData, seed: UInt64) {
    let hash = StableHash(seed: seed, purpose: "record rank")
    self.hash = hash
    var known: [Content: Int] = [:]
    // Records of which several rows have the same hash and are not alike.
    var contents: [UInt64: UInt64] = [:]
    var ambiguous: Set<UInt64> = []
    var made: [Content] = []
    recordOf.reserveCapacity(data.count)
    for row in 0..<data.count {
      let own = data.contentHash(row, hash)
      let content = Content(
        record: data.recordHashes.isEmpty ? own : data.recordHashes[row],
        content: data.attributeHash(row, own, hash))
      var count = 1
      if case .frequencies(let counts) = data.weights { count = counts[row] }
      if let place = known[content] {
        recordOf.append(place)
        copies[place] += count
        continue
      }
      if let other = contents.updateValue(content.content, forKey: content.record),
        other != content.content
      {
        ambiguous.insert(content.record)
      }
      known[content] = made.count
      recordOf.append(made.count)
      made.append(content)
      first.append(row)
      copies.append(count)
    }
    hashes = made.map {
      ambiguous.contains($0.record) ? hash($0.record ^ hash($0.content)) : $0.record
    }
  }

  /// What names a copy of a record.
  private func key(_ record: Int, _ copy: Int) -> UInt64 {
    hash(hashes[record] ^ hash(UInt64(copy)))
  }

  /// How often each row is drawn; all copies of a record are counted at its first row.
  func drawn(_ hash: StableHash, _ base: UInt64) -> [Int] {
    var result = [Int](repeating: 0, count: recordOf.count)
    for record in first.indices {
      if copies[record] <= Self.fewCopies {
        var total = 0
        for copy in 0..<copies[record] {
          total += Bootstrap.poisson(hash(key(record, copy) ^ base))
        }
        result[first[record]] = total
      } else {
        var stream = RandomStream(key: hash(key(record, 0) ^ base))
        result[first[record]] = Draws.poisson(mean: Double(copies[record]), &stream)
      }
    }
    return result
  }

  /// The rows dealt into parts at random, each copy by itself: rows and how often they are there.
  func dealt(_ hash: StableHash, parts: Int) -> [[(row: Int, times: Int)]] {
    var result = [[(row: Int, times: Int)]](repeating: [], count: parts)
    for record in first.indices {
      var times = [Int](repeating: 0, count: parts)
      if copies[record] <= Self.fewCopies {
        for copy in 0..<copies[record] {
          times[Int(hash(key(record, copy)) % UInt64(parts))] += 1
        }
      } else {
        var stream = RandomStream(key: hash(key(record, 0)))
        times = Draws.multinomial(
          copies[record], [Int](repeating: 1, count: parts), &stream)
      }
      for (part, count) in times.enumerated() where count > 0 {
        result[part].append((first[record], count))
      }
    }
    return result
  }

  /// A key for each row that does not depend on the order of the file.
  var rowKeys: [UInt64] {
    var seen = [Int](repeating: 0, count: first.count)
    return recordOf.map { record in
      defer { seen[record] += 1 }
      return key(record, seen[record])
    }
  }
}

extension EvaluationData {
  /// A hash of a row's labels, scores, decisions and groups.
  fileprivate func contentHash(_ row: Int, _ hash: StableHash) -> UInt64 {
    var key: UInt64 = 0
    for task in tasks {
      if !task.labels.isEmpty { key = hash(key ^ task.labels[row].bitPattern) }
      for score in task.scores {
        if !score.values.isEmpty { key = hash(key ^ score.values[row].bitPattern) }
        if !score.decisions.isEmpty {
          key = hash(key ^ UInt64(truncatingIfNeeded: score.decisions[row]))
        }
      }
    }
    for attribute in attributes {
      key = hash(key ^ UInt64(truncatingIfNeeded: attribute.codes[row]))
    }
    guard case .survey(let weights) = weights else { return key }
    return hash(key ^ weights[row].bitPattern)
  }

  /// The same with features and numeric attributes.
  fileprivate func attributeHash(_ row: Int, _ content: UInt64, _ hash: StableHash) -> UInt64 {
    var key = content
    for column in features { key = hash(key ^ column[row].bitPattern) }
    for column in continuous { key = hash(key ^ column.values[row].bitPattern) }
    return key
  }
}
