package import FairpostFiles
internal import FairpostMethods
package import FairpostText

/// Policies for rows unlike those of the fit that a use of a map sets, in place of the map's own.
package struct PolicyOverrides: Sendable {
  /// The settings that may be given: what all methods call them.
  package static let names = ["unseen", "missing-group", "outside"]

  private let given: [(setting: String, value: String)]

  /// Policies by their settings' names; the last of a name holds.
  package init(_ given: [(setting: String, value: String)]) {
    self.given = given.enumerated().filter { place, policy in
      !given[(place + 1)...].contains { $0.setting == policy.setting }
    }.map(\.element)
  }

  /// A map under these policies, and the words of what they change; an error where the map lacks what
  /// one needs.
  package func applied(
    to map: MapFile, named path: String
  ) throws(UsageError) -> (map: MapFile, changes: [Message]) {
    var adjustment = map.adjustment
    var changes: [Message] = []
    for (setting, wanted) in given {
      guard let policy = adjustment.policies.first(where: { $0.setting == setting }) else {
        throw UsageError(
          "\(option: setting) \(wanted): \(path) is a map of \(map.method), which has no such policy"
        )
      }
      // Methods that know two answers call a refusal "fail", the others "error".
      let known = policy.values.map(\.value)
      let same = ["error": "fail", "fail": "error"][wanted]
      guard let value = [wanted, same].compactMap({ $0 }).first(where: known.contains),
        let choice = policy.values.first(where: { $0.value == value })
      else {
        throw UsageError(
          "\(option: setting) \(wanted): \(path) is a map of \(map.method), which takes \(known.joined(separator: ", "))"
        )
      }
      if let obstacle = choice.obstacle {
        throw UsageError("\(option: setting) \(wanted): \(path) cannot do this: \(obstacle)")
      }
      if value == policy.value { continue }
      adjustment = adjustment.following(setting, value)
      changes.append("\(option: setting) \(value) instead of the map's \(policy.value)")
    }
    return (
      MapFile(adjustment: adjustment, method: map.method, provenance: map.provenance), changes
    )
  }
}
