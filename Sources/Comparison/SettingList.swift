internal import FairpostMethods
package import FairpostText

/// The values that `--set` and `--sweep` give to options of methods.
package struct SettingList {
  private let fixed: [Setting]
  /// For each swept option its values.
  private let swept: [(owner: String, option: String, values: [String])]

  package init(_ request: CompareRequest) throws(UsageError) {
    var fixed: [Setting] = []
    for text in request.settings {
      let (owner, option, value) = try SettingList.assignment(text, of: "\(option: "set")")
      if fixed.contains(where: { $0.owner == owner && $0.option == option }) {
        throw UsageError("\(option: "set") \(owner).\(option) is given twice")
      }
      fixed.append(Setting(owner: owner, option: option, value: value, isSwept: false))
    }
    var swept: [(owner: String, option: String, values: [String])] = []
    for text in request.sweeps {
      for piece in text.split(separator: ";") {
        let (owner, option, list) = try SettingList.assignment(
          String(piece), of: "\(option: "sweep")")
        let mark: Character = list.contains("|") ? "|" : ","
        let values = list.split(separator: mark, omittingEmptySubsequences: false)
          .map(String.init)
        if let twice = values.first(where: { one in values.count { $0 == one } > 1 }) {
          throw UsageError("\(option: "sweep") \(piece): \"\(twice)\" appears twice")
        }
        let isKnown =
          swept.contains { $0.owner == owner && $0.option == option }
          || fixed.contains { $0.owner == owner && $0.option == option }
        if isKnown { throw UsageError("\(owner).\(option) is given twice") }
        swept.append((owner, option, values))
      }
    }
    self.fixed = fixed
    self.swept = swept
  }

  /// `NAME.OPTION=VALUE`, where the name is in a registry.
  private static func assignment(
    _ text: String, of flag: Message
  ) throws(UsageError) -> (owner: String, option: String, value: String) {
    guard let equals = text.firstIndex(of: "="),
      let dot = text[..<equals].firstIndex(of: "."), dot != text.startIndex
    else { throw UsageError("\(flag) \(text): expected NAME.OPTION=VALUE") }
    let owner = String(text[..<dot])
    let option = String(text[text.index(after: dot)..<equals])
    try CompareNames.check(owner, in: CompareNames.all, flag: flag)
    return (owner, option, String(text[text.index(after: equals)...]))
  }

  /// Every combination of settings for some owners, in the order given.
  package func combinations(_ owners: [String]) -> [[Setting]] {
    let start = [fixed.filter { owners.contains($0.owner) }]
    return swept.filter { owners.contains($0.owner) }.reduce(start) { lists, option in
      lists.flatMap { list in
        option.values.map {
          list + [
            Setting(owner: option.owner, option: option.option, value: $0, isSwept: true)
          ]
        }
      }
    }
  }

  /// Names that have settings.
  package var owners: [String] { fixed.map(\.owner) + swept.map(\.owner) }
}

/// The names that a comparison may use, from the registries.
package enum CompareNames {
  package static let training = trainingMethods.map { $0.info.name }
  package static let preprocessing = preprocessingMethods.map { $0.info.name }
  package static let adjustment = adjustmentMethods.map { $0.info.name }
  /// What follows each method where nothing is said.
  package static let unasked =
    ["none"] + adjustmentMethods.filter { $0.isComparedUnasked }.map { $0.info.name }
  package static let all = training + preprocessing + adjustment

  /// Refuses a name that is not among those wanted, naming the nearest.
  package static func check(_ name: String, in names: [String], flag: Message) throws(UsageError) {
    guard !names.contains(name) else { return }
    let near = nearest(name, in: names)
    throw UsageError(
      "\(flag): there is no \"\(name)\"",
      hint: near.map { "did you mean \"\($0)\"?" }
        ?? "it is one of \(names.joined(separator: ", "))")
  }
}
