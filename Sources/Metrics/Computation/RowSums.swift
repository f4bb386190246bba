internal import FairpostNumerics

/// Sums of rows by group, exact until they are rounded once.
///
/// So they are the same whatever the order of the rows and wherever a block of them ends, and a row
/// that counts twice is the same as two rows.
package struct RowSums: Sendable {
  /// How many groups there are.
  package private(set) var groupCount = 0
  /// Rows, frequencies counted: see `Count`.
  var counts: [Int] = []
  /// Survey weights: two sums for each count, of weights and of their squares; none without weights.
  var weights = ExactSums()
  /// Sums of what is made of scores and labels: see `Slot`; none without scores.
  var moments = ExactSums()

  /// Where each group's rows are counted: nine cells of label * 3 + decision, then those.
  enum Count {
    static let scored = 9
    static let paired = 10
    /// Labels of 1, of rows with a score.
    static let ones = 11
    /// Labels that are neither 0 nor 1.
    static let others = 12
    static let outside = 13
    static let bins = 14
    static let binOnes = 24
    static let count = 34
  }

  /// Where each group's sums stand.
  ///
  /// Labels of 1 are counted and of 0 are nothing: only others are summed as labels.
  enum Slot {
    static let score = 0
    static let scoreSquare = 1
    static let squaredError = 2
    static let squaredErrorSquare = 3
    static let absoluteError = 4
    static let logLoss = 5
    static let logLossSquare = 6
    static let squaredErrorOfOnes = 7
    static let label = 8
    static let labelSquare = 9
    static let labelCube = 10
    static let labelFourth = 11
    static let squaredErrorLabel = 12
    static let squaredErrorLabelSquare = 13
    static let binScores = 14
    static let binErrors = 24
    static let count = 34
  }

  /// Sums of nothing.
  package init(groupCount: Int) { grow(to: groupCount) }

  /// Adds groups of no rows at the end until there are this many.
  package mutating func grow(to count: Int) {
    guard count > groupCount else { return }
    groupCount = count
    counts.append(contentsOf: repeatElement(0, count: count * Count.count - counts.count))
    if weights.count > 0 { weights.grow(to: count * Count.count * 2) }
    if moments.count > 0 { moments.grow(to: count * Slot.count) }
  }

  /// All rows of a group.
  package func rows(_ group: Int) -> Int {
    counts[(group * Count.count)..<(group * Count.count + 9)].reduce(0, +)
  }

  /// Adds another part whose group g is this one's group `places[g]`; new groups are added.
  package mutating func merge(_ other: RowSums, at places: [Int32]) {
    if let last = places.prefix(other.groupCount).max() { grow(to: Int(last) + 1) }
    if other.weights.count > 0 { weights.grow(to: groupCount * Count.count * 2) }
    if other.moments.count > 0 { moments.grow(to: groupCount * Slot.count) }
    for (group, place) in zip(0..<other.groupCount, places) {
      let (from, to) = (group * Count.count, Int(place) * Count.count)
      for i in 0..<Count.count { counts[to + i] += other.counts[from + i] }
      if other.weights.count > 0 {
        for i in 0..<(2 * Count.count) {
          weights.add(other.weights, from: 2 * from + i, at: 2 * to + i)
        }
      }
      if other.moments.count > 0 {
        let (from, to) = (group * Slot.count, Int(place) * Slot.count)
        func add(_ slots: Range<Int>) {
          for i in slots { moments.add(other.moments, from: from + i, at: to + i) }
        }
        func count(_ place: Int) -> Int { other.counts[group * Count.count + place] }
        // Most groups of a block have few rows, and most of their sums nothing in them.
        if count(Count.scored) == 0 { continue }
        add(Slot.score..<Slot.squaredError)
        if count(Count.paired) == 0 { continue }
        add(Slot.squaredError..<Slot.label)
        if count(Count.others) > 0 { add(Slot.label..<Slot.binScores) }
        for bin in 0..<10 where count(Count.bins + bin) > 0 {
          add((Slot.binScores + bin)..<(Slot.binScores + bin + 1))
          add((Slot.binErrors + bin)..<(Slot.binErrors + bin + 1))
        }
      }
    }
  }

  /// Counts a row.
  @inline(__always)
  private mutating func count(_ times: Int, _ weight: Double, _ isWeighted: Bool, at place: Int) {
    counts[place] &+= times
    if isWeighted {
      weights.add(weight, at: 2 &* place)
      weights.add(weight * weight, at: 2 &* place &+ 1)
    }
  }

  /// Adds rows.
  ///
  /// `classCode` turns a multiclass task into one class against the rest.
  package mutating func add(
    rows: Range<Int>, codes: [Int32], labels: [Double], scores: [Double], decisions: [Int16],
    weights rowWeights: RowWeights, binary: Bool, classCode: Int? = nil
  ) {
    let hasLabels = !labels.isEmpty
    let hasDecisions = !decisions.isEmpty
    var survey: [Double] = []
    var frequencies: [Int] = []
    switch rowWeights {
    case .none: break
    case .survey(let values): survey = values
    case .frequencies(let values): frequencies = values
    }
    let weighted = !survey.isEmpty
    let frequent = !frequencies.isEmpty
    if weighted { weights.grow(to: groupCount * Count.count * 2) }
    for row in rows {
      let code = Int(codes[row])
      if code < 0 { continue }
      var label = 2
      if hasLabels {
        let y = labels[row]
        if let classCode {
          label = y.isNaN ? 2 : (y == Double(classCode) ? 1 : 0)
        } else if binary {
          label = y == 1 ? 1 : (y == 0 ? 0 : 2)
        }
      }
      var decision = 2
      if hasDecisions {
        let d = Int(decisions[row])
        if let classCode {
          decision = d < 0 ? 2 : (d == classCode ? 1 : 0)
        } else {
          decision = d == 1 ? 1 : (d == 0 ? 0 : 2)
        }
      }
      let cell = code &* Count.count &+ label &* 3 &+ decision
      let w = weighted ? survey[row] : 1
      if w == 0 { continue }
      count(frequent ? frequencies[row] : 1, w, weighted, at: cell)
    }
    guard !scores.isEmpty, classCode == nil else { return }
    moments.grow(to: groupCount * Slot.count)
    for row in rows {
      let code = Int(codes[row])
      let s = scores[row]
      if code < 0 || s.isNaN { continue }
      let times = frequent ? frequencies[row] : 1
      let w = weighted ? survey[row] : 1
      if times == 0 || w == 0 { continue }
      let counted = code &* Count.count
      count(times, w, weighted, at: counted &+ Count.scored)
      let slots = code &* Slot.count
      if frequent {
        addScore(s, at: slots) { $0.add($1, times: times, at: $2) }
      } else if weighted {
        addScore(s, at: slots) { $0.add(w * $1, at: $2) }
      } else {
        addScore(s, at: slots) { $0.add($1, at: $2) }
      }
      guard hasLabels else { continue }
      let y = labels[row]
      if y.isNaN { continue }
      count(times, w, weighted, at: counted &+ Count.paired)
      if y == 1 {
        count(times, w, weighted, at: counted &+ Count.ones)
      } else if y != 0 {
        counts[counted &+ Count.others] &+= times
        addLabel(y, (s - y) * (s - y), w, times, at: slots)
      }
      var bin = -1
      if binary {
        if s >= 0, s <= 1 {
          bin = min(9, Int(s * 10))
          count(times, w, weighted, at: counted &+ Count.bins &+ bin)
          if y == 1 { count(times, w, weighted, at: counted &+ Count.binOnes &+ bin) }
        } else {
          counts[counted &+ Count.outside] &+= times
        }
      }
      if frequent {
        addErrors(s, y, bin, binary, at: slots) { $0.add($1, times: times, at: $2) }
      } else if weighted {
        addErrors(s, y, bin, binary, at: slots) { $0.add(w * $1, at: $2) }
      } else {
        addErrors(s, y, bin, binary, at: slots) { $0.add($1, at: $2) }
      }
    }
  }

  @inline(__always)
  private mutating func addScore(
    _ s: Double, at slots: Int, _ add: (inout ExactSums, Double, Int) -> Void
  ) {
    add(&moments, s, slots &+ Slot.score)
    add(&moments, s * s, slots &+ Slot.scoreSquare)
  }

  @inline(__always)
  private mutating func addErrors(
    _ s: Double, _ y: Double, _ bin: Int, _ binary: Bool, at slots: Int,
    _ add: (inout ExactSums, Double, Int) -> Void
  ) {
    let error = s - y
    let squared = error * error
    add(&moments, squared, slots &+ Slot.squaredError)
    add(&moments, squared * squared, slots &+ Slot.squaredErrorSquare)
    add(&moments, abs(error), slots &+ Slot.absoluteError)
    if y == 1 { add(&moments, squared, slots &+ Slot.squaredErrorOfOnes) }
    guard binary else { return }
    let loss = FairpostMetrics.logLoss(label: y, score: s)
    add(&moments, loss, slots &+ Slot.logLoss)
    add(&moments, loss * loss, slots &+ Slot.logLossSquare)
    guard bin >= 0 else { return }
    add(&moments, s, slots &+ Slot.binScores &+ bin)
    add(&moments, squared, slots &+ Slot.binErrors &+ bin)
  }

  /// Adds the powers of a label, to twice the digits of a Double: a mean is taken off them later.
  private mutating func addLabel(
    _ y: Double, _ squaredError: Double, _ weight: Double, _ times: Int, at slots: Int
  ) {
    let label = DoubledDigits(y)
    let square = label * label
    let error = DoubledDigits(squaredError)
    let w = DoubledDigits(weight)
    func add(_ number: DoubledDigits, _ slot: Int) {
      let number = weight == 1 ? number : number * w
      moments.add(number.high, times: times, at: slots + slot)
      if number.low != 0 { moments.add(number.low, times: times, at: slots + slot) }
    }
    add(label, Slot.label)
    add(square, Slot.labelSquare)
    add(square * label, Slot.labelCube)
    add(square * square, Slot.labelFourth)
    add(error * label, Slot.squaredErrorLabel)
    add(error * square, Slot.squaredErrorLabelSquare)
  }
}

/// A number with twice the digits of a Double.
private struct DoubledDigits {
  var high: Double
  var low = 0.0

  init(_ number: Double) { high = number }

  /// The product; exact where both are Doubles.
  static func * (left: DoubledDigits, right: DoubledDigits) -> DoubledDigits {
    let product = left.high * right.high
    guard product.isFinite else { return DoubledDigits(product) }
    let rest =
      (-product).addingProduct(left.high, right.high) + (left.high * right.low)
      + (left.low * right.high)
    var result = DoubledDigits(product + rest)
    result.low = (product - result.high) + rest
    return result
  }
}
