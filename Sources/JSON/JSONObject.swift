internal import FairpostNumerics

/// The members of a JSON object, in order; no two have the same name.
///
/// Names are compared by bytes, so that two spellings of one accented letter stay two names.
package struct JSONObject: Sendable {
  /// The names and values.
  package private(set) var members: [(key: String, value: JSONValue)] = []
  // Only objects with many members pay for an index.
  private var index: [ByteText: Int] = [:]

  private static let mostUnindexed = 12

  /// An object without members.
  package init() {}

  /// How many members there are.
  package var count: Int { members.count }

  /// The value of a name; setting adds, replaces or (with nil) removes a member.
  package subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      guard let at = position(of: key) else {
        if let newValue { append(key, newValue) }
        return
      }
      if let newValue {
        members[at].value = newValue
      } else {
        members.remove(at: at)
        index = [:]
        if members.count > Self.mostUnindexed { buildIndex() }
      }
    }
  }

  /// Adds a member at the end; returns false, and adds nothing, if the name is there.
  @discardableResult
  package mutating func append(_ key: String, _ value: JSONValue) -> Bool {
    guard position(of: key) == nil else { return false }
    members.append((key, value))
    if members.count > Self.mostUnindexed {
      if index.isEmpty { buildIndex() } else { index[ByteText(key)] = members.count - 1 }
    }
    return true
  }

  private mutating func buildIndex() {
    for (at, member) in members.enumerated() { index[ByteText(member.key)] = at }
  }

  private func position(of key: String) -> Int? {
    guard index.isEmpty else { return index[ByteText(key)] }
    return members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
  }
}

extension JSONObject: Equatable, ExpressibleByDictionaryLiteral {
  /// Whether two objects have the same members in the same order.
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count
      && zip(left.members, right.members).allSatisfy { a, b in
        a.key.utf8.elementsEqual(b.key.utf8) && a.value == b.value
      }
  }

  /// An object with members in the order written; of two members with one name the first stays.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { append(key, value) }
  }
}
