internal import FairpostMethods
internal import FairpostOptions
internal import FairpostSettings

extension OptionSpec {
  /// The option that gives a setting of a method.
  init(_ setting: SettingSpec) {
    self.init(
      setting.name, setting.letter, ValueSpec(setting.kind, setting.placeholder),
      help: setting.help,
      repeated: setting.isRepeated, default: setting.defaultText,
      defaultNote: setting.defaultNote, section: setting.section)
  }
}

extension MethodSpec {
  /// What a command says of a method.
  init(_ method: any FairpostMethods.Method.Type) {
    let info = method.info
    self.init(
      info.name, summary: info.summary, details: info.details,
      options: method.settingSpecs.map { OptionSpec($0) })
  }
}

extension ParsedOptions {
  /// The settings of a method that the command line gives.
  func given(for method: any FairpostMethods.Method.Type) -> [(name: String, value: String)] {
    let names = Set(method.settingSpecs.map(\.name))
    return given.filter { names.contains($0.name) }
  }
}
