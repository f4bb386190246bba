package import FairpostMethods
internal import FairpostOptions
package import FairpostText

extension SettingFault {
  /// The error of a command line that gives such a setting.
  package func usage(_ voice: SettingVoice) -> UsageError {
    let subject = voice.subject(setting)
    let given = value.map { voice.given(setting, $0) } ?? subject
    switch problem {
    case .unknown(let known):
      let near = nearest(setting, in: known)
      return UsageError(
        "\(given): there is no setting \"\(setting)\"",
        hint: near.map { "did you mean \"\($0)\"?" }
          ?? (known.isEmpty ? "there are none" : "it is one of \(known.joined(separator: ", "))"))
    case .givenTwice:
      return UsageError(
        "\(given) is given twice", hint: value == nil ? "give it once" : nil)
    case .wrongKind(let kind): return usage(wrong: kind, subject)
    case .wrongForm(let words): return UsageError("\(given): \(words)")
    case .excludes(let other):
      return UsageError("\(subject) and \(voice.name(other)) cannot be used together")
    case .wrongCount(let found, .attributes, let expected):
      return UsageError(
        "\(subject) has \(found) values for \(expected) attribute(s)",
        hint: "give one value, or one for each --group")
    case .wrongCount(let found, .tasks, let expected):
      return UsageError(
        "\(subject) has \(found) numbers for \(expected) tasks: give one for each, or one for all"
      )
    case .above(let other, let limit):
      return UsageError("\(given) is above \(voice.given(other, limit))")
    case .needs(let other, let placeholder, let why):
      return UsageError("\(given) needs \(voice.given(other, placeholder)): \(why)")
    case .noSuchName(let name, .group, let known):
      return UsageError(
        "\(given): there is no group \"\(name)\"",
        hint: nearest(name, in: known).map { "did you mean \"\($0)\"?" }
          ?? "the groups are \(known.prefix(12).joined(separator: " | "))")
    case .noSuchName(let name, .task, let known):
      return UsageError(
        "\(given): no --task is called \"\(name)\"",
        hint: nearest(name, in: known).map { "did you mean \"\($0)\"?" })
    case .unsuited(let words): return UsageError("\(subject) \(words)")
    }
  }

  private func usage(wrong kind: SettingKind, _ subject: String) -> UsageError {
    let shown = value ?? ""
    if kind == .flag { return UsageError("\(subject) takes only the value yes, not \"\(shown)\"") }
    let asked = kind.requirement ?? "a value"
    var near: String?
    if case .choice(let words) = kind { near = nearest(shown, in: words) }
    return UsageError(
      "\(subject) must be \(asked), not \"\(shown)\"", hint: near.map { "did you mean \"\($0)\"?" })
  }
}
