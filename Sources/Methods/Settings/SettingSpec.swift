/// What a setting's value may be.
package enum SettingKind: Sendable, Equatable {
  /// On or off.
  case flag
  /// A finite number of a range.
  case number(ClosedRange<Double>)
  /// Finite numbers of a range, separated by commas.
  case numbers(ClosedRange<Double>)
  /// A whole number of a range.
  case integer(ClosedRange<Int>)
  /// Whole numbers of a range, separated by commas.
  case integers(ClosedRange<Int>)
  /// One of some words.
  case choice([String])
  /// The path of a file.
  case file
  /// A text of a form that its placeholder shows.
  case text
}

/// One thing that can be chosen of a method, as data: help, manual, completions and `compare` are
/// made from it.
package struct SettingSpec: Sendable, Equatable {
  /// Its name: `--NAME` of a command, `METHOD.NAME` of `compare`.
  package let name: String
  /// A letter that stands for the name on a command line, where there is one.
  package let letter: Character?
  /// What a value may be.
  package let kind: SettingKind
  /// How help calls a value; empty where the kind says it.
  package let placeholder: String
  /// What it does, as a phrase without a full stop.
  package let help: String
  /// Whether it may be given several times.
  package let isRepeated: Bool
  /// The value that holds where none is given.
  package let defaultText: String?
  /// The default in words, where it is no fixed value.
  package let defaultNote: String?
  /// The heading in help.
  package let section: String
}
