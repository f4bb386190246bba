package import FairpostMethods
package import FairpostOptions

extension OptionSpec {
  /// The option that gives a setting of a method.
  package init(_ setting: SettingSpec) {
    self.init(
      setting.name, setting.letter, ValueSpec(setting.kind, setting.placeholder),
      help: setting.help,
      repeated: setting.isRepeated, default: setting.defaultText,
      defaultNote: setting.defaultNote, section: setting.section)
  }
}

extension ValueSpec {
  /// The value of a setting; nil for a flag.
  fileprivate init?(_ kind: SettingKind, _ placeholder: String) {
    switch kind {
    case .flag: return nil
    case .number(let range): self = .number(placeholder, in: range)
    case .numbers(let range): self = .numbers(placeholder, in: range)
    case .integer(let range): self = .integer(placeholder, in: range)
    case .integers(let range): self = .integers(placeholder, in: range)
    case .choice(let words):
      self = .choice(words, placeholder: placeholder.isEmpty ? nil : placeholder)
    case .file: self = .file(placeholder)
    case .text: self = .text(placeholder)
    }
  }
}

extension SettingKind {
  /// What a value must be, as the end of a sentence; nil where any text will do.
  package var requirement: String? { ValueSpec(self, "")?.kind.requirement }
}

extension MethodSpec {
  /// What a command says of a method.
  package init(_ method: any FairpostMethods.Method.Type) {
    let info = method.info
    self.init(
      info.name, summary: info.summary, details: info.details,
      options: method.settingSpecs.map { OptionSpec($0) })
  }
}

extension ParsedOptions {
  /// The settings of a method that the command line gives.
  package func given(for method: any FairpostMethods.Method.Type) -> [(name: String, value: String)]
  {
    let names = Set(method.settingSpecs.map(\.name))
    return given.filter { names.contains($0.name) }
  }
}
