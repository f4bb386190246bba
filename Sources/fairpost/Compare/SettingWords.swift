internal import Numerics
internal import Options

/// Names the options of methods as `compare` takes them: `--missing-group own` of `adjust` is
/// `--set wasserstein.missing-group=own` here, and an option without a value `wasserstein.range`.
struct SettingWords {
  /// What `--set` calls a method, and the options it declares.
  typealias Owner = (name: String, options: [OptionSpec])

  /// The methods whose options a text may name; the first that has an option is meant.
  let owners: [Owner]

  /// The text with every option of the methods in the words of `--set`.
  func reworded(_ text: String) -> String {
    var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    var place = 0
    while place < words.count {
      let word = words[place]
      guard let start = word.firstRange(of: "--")?.lowerBound, isOpening(word[..<start]) else {
        place += 1
        continue
      }
      let name = word[start...].dropFirst(2).prefix { $0.isLetter || $0.isNumber || $0 == "-" }
      let rest = word[name.endIndex...]
      guard let (owner, option) = declared(String(name)) else {
        place += 1
        continue
      }
      let setting = "\(owner).\(option.name)"
      if option.value == nil {
        words[place] = "\(word[..<start])--set \(setting)=yes\(rest)"
      } else if rest.isEmpty, place + 1 < words.count, isValue(words[place + 1], of: option) {
        words[place] = "\(word[..<start])--set \(setting)=\(words.remove(at: place + 1))"
      } else {
        words[place] = "\(word[..<start])\(setting)\(rest)"
      }
      place += 1
    }
    return words.joined(separator: " ")
  }

  private func declared(_ name: String) -> (owner: String, option: OptionSpec)? {
    for owner in owners {
      if let option = owner.options.first(where: { $0.name == name }) {
        return (owner.name, option)
      }
    }
    return nil
  }

  private func isOpening(_ text: Substring) -> Bool { text.allSatisfy { "(\"'".contains($0) } }

  /// Whether a word, without the punctuation behind it, is a value of the option and no running text.
  private func isValue(_ word: String, of option: OptionSpec) -> Bool {
    var value = word[...]
    while let last = value.last, ",;:)".contains(last) { value.removeLast() }
    switch option.value?.kind {
    case .choice(let words): return words.contains(String(value))
    case .number, .numbers, .integer, .integers:
      return value.split(separator: ",").allSatisfy {
        if case .number = NumberText.parse(String($0)) { true } else { false }
      } && !value.isEmpty
    default: return false
    }
  }
}
