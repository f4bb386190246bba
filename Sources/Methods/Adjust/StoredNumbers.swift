internal import FairpostJSON
internal import FairpostTransport

/// What the numbers of a map may be, whoever wrote it.
///
/// A checksum shows damage, not honesty: anybody can compute one. So a reader takes no number on
/// trust, and arithmetic on what it takes stays within the range of a Double.
enum StoredNumbers {
  /// The largest size of a score and of its image: somewhat more than a fit takes, since an average
  /// rounds, and small enough that the square of a difference is a number.
  static let mostScore = 4 * RowRules.largest
  /// The largest weight of a distribution: its square is a number still.
  static let mostWeight = 1e154

  /// Whether a list ascends, no two neighbours equal.
  static func ascends(_ list: [Double]) -> Bool {
    list.indices.dropFirst().allSatisfy { list[$0 - 1] < list[$0] }
  }

  /// Whether a list does not descend.
  static func isOrdered(_ list: [Double]) -> Bool {
    list.indices.dropFirst().allSatisfy { list[$0 - 1] <= list[$0] }
  }

  /// Whether each text or key is there once.
  static func areDistinct<Element: Hashable>(_ list: [Element]) -> Bool {
    Set(list).count == list.count
  }
}

extension JSONNode {
  /// A score.
  var score: Double {
    get throws(JSONError) {
      let number = try double
      guard abs(number) <= StoredNumbers.mostScore else {
        throw wrong("a number within +-\(StoredNumbers.mostScore)")
      }
      return number
    }
  }

  /// A list of scores.
  var scores: [Double] {
    get throws(JSONError) {
      let numbers = try doubles
      guard numbers.allSatisfy({ abs($0) <= StoredNumbers.mostScore }) else {
        throw wrong("numbers within +-\(StoredNumbers.mostScore)")
      }
      return numbers
    }
  }

  /// A weight: at least 0.
  var weight: Double {
    get throws(JSONError) {
      let number = try double
      guard number >= 0, number <= StoredNumbers.mostWeight else {
        throw wrong("a number between 0 and \(StoredNumbers.mostWeight)")
      }
      return number
    }
  }

  /// A share: between 0 and 1.
  var share: Double {
    get throws(JSONError) {
      let number = try double
      guard number >= 0, number <= 1 else { throw wrong("a number between 0 and 1") }
      return number
    }
  }

  /// A list of shares.
  var shares: [Double] {
    get throws(JSONError) {
      let numbers = try doubles
      guard numbers.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
        throw wrong("numbers between 0 and 1")
      }
      return numbers
    }
  }

  /// A number of at least 0 that is no score: a distance, a price.
  var size: Double {
    get throws(JSONError) {
      let number = try double
      guard number >= 0 else { throw wrong("a number of at least 0") }
      return number
    }
  }

  /// The records of some entries: a count for each, and a sum that is one too.
  func countsTogether(_ counts: [Int]) throws(JSONError) {
    var sum = 0
    for count in counts {
      sum += count
      guard sum <= Self.mostCount else { throw wrong("\(Self.mostCount) records or fewer in all") }
    }
  }
}
