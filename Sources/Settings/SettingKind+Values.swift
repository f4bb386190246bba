package import FairpostMethods
package import FairpostOptions

extension ValueSpec {
  /// The value of a setting; nil for a flag.
  package init?(_ kind: SettingKind, _ placeholder: String) {
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
