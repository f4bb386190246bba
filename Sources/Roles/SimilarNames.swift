internal import FairpostNumerics
package import FairpostText
package import FairpostTransport

/// Groups whose names a person would take for one.
package enum SimilarNames {
  /// Pairs of groups whose names differ only in case or spaces, a few at most.
  package static func pairs(_ keys: [GroupKey]) -> [(GroupKey, GroupKey)] {
    var first: [[String]: GroupKey] = [:]
    var pairs: [(GroupKey, GroupKey)] = []
    for key in keys {
      let folded = key.parts.map { part in
        String(part.description.lowercased().filter { !$0.isWhitespace })
      }
      if let other = first[folded] {
        pairs.append((other, key))
        if pairs.count == 5 { break }
      } else {
        first[folded] = key
      }
    }
    return pairs
  }

  /// A note for people on each pair.
  package static func notes(_ columns: [String], _ keys: [GroupKey]) -> [Message] {
    pairs(keys).map { one, other in
      "\(columns.joined(separator: ",")): \"\(one)\" and \"\(other)\" differ only in case or spaces, but count as two groups"
    }
  }
}
