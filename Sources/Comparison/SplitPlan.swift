internal import FairpostNumerics
internal import FairpostRoles
package import FairpostText

/// Which parts there are and how rows come to them.
package struct SplitPlan: Sendable {
  /// The parts' names.
  package let names: [String]
  /// The columns whose combinations are divided each on its own; nil for a division row by row.
  package let stratum: [String]?
  /// The hashes below which a row is in a part, part by part; the last part takes the rest.
  package let limits: [UInt64]
  private let cumulative: [Double]
  /// How many rows the first part takes of a stratum, where they are counted.
  private let count: Int?

  /// Parts by their shares, `NAME=SHARE,NAME=SHARE`, in each combination of some columns alike.
  package init(fractions text: String, stratify columns: [String]? = nil) throws(UsageError) {
    count = nil
    (names, cumulative) = try SplitPlan.fractions(text)
    limits = cumulative.dropLast().map { UInt64(min($0 * 0x1p64, 0x1.fffffffffffffp63)) }
    stratum = columns
    try SensitiveAttributes.refuseRepeats(columns ?? [], option: "stratify")
  }

  /// So many rows in the first of two parts, in each combination of some columns.
  package init(count: Int, per columns: [String], parts: [String]) throws(UsageError) {
    self.count = count
    guard parts.count == 2, parts[0] != parts[1] else {
      throw UsageError("\(option: "parts"): expected two names, such as support,query")
    }
    names = parts
    cumulative = []
    limits = []
    stratum = columns
    try SensitiveAttributes.refuseRepeats(columns, option: "per")
  }

  private static func fractions(
    _ text: String
  ) throws(UsageError) -> (names: [String], cumulative: [Double]) {
    var names: [String] = []
    var cumulative: [Double] = []
    var sum = 0.0
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = piece.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty,
        case .number(let share) = NumberText.parse(String(sides[1])), share >= 0, share <= 1
      else {
        throw UsageError(
          "\(option: "fractions") \(text): \"\(piece)\" is not NAME=SHARE with a share in 0...1")
      }
      let name = String(sides[0])
      if names.contains(name) {
        throw UsageError("\(option: "fractions"): two parts are called \"\(name)\"")
      }
      names.append(name)
      sum += share
      cumulative.append(sum)
    }
    guard abs(sum - 1) < 1e-9 else {
      throw UsageError(
        "\(option: "fractions") \(text): the shares sum to \(NumberText.text(sum)), not 1")
    }
    cumulative[cumulative.count - 1] = 1
    return (names, cumulative)
  }

  /// The parts of rows by their hashes alone.
  package static func parts(of hashes: [UInt64], _ limits: [UInt64]) -> [Int32] {
    var parts = Array(repeating: Int32(0), count: hashes.count)
    // Limit by limit, so that the inner loop has no branch to be guessed wrong.
    for limit in limits {
      for row in hashes.indices { parts[row] &+= hashes[row] >= limit ? 1 : 0 }
    }
    return parts
  }

  /// The parts of all rows, each stratum ordered by hash and cut.
  ///
  /// Rows with a missing stratum value form a stratum of their own.
  package func assign(strata: [Int32], hashes: [UInt64]) -> [Int32] {
    var members: [Int32: [Int]] = [:]
    for (row, code) in strata.enumerated() { members[code, default: []].append(row) }
    var parts = Array(repeating: Int32(0), count: strata.count)
    for rows in members.values {
      // Equal hashes are equal records, so their order by place changes no part's contents.
      let ordered = rows.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
      for (rank, row) in ordered.enumerated() {
        if let count {
          parts[row] = rank < count ? 0 : 1
        } else {
          let size = Double(ordered.count)
          parts[row] = Int32(
            cumulative.firstIndex { Double(rank) < (size * $0 + 0.5).rounded(.down) }
              ?? cumulative.count - 1)
        }
      }
    }
    return parts
  }
}
