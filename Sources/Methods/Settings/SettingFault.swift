/// What is wrong with a method's settings, as data: who speaks says `--x` or `METHOD.x`.
package struct SettingFault: Error, Equatable, Sendable {
  /// The setting it is about.
  package let setting: String
  /// Its value as it was given, where there is one to show.
  package let value: String?
  /// What is wrong.
  package let problem: Problem

  /// What may be wrong with a setting.
  package enum Problem: Equatable, Sendable {
    /// The method has no such setting.
    case unknown(known: [String])
    /// It may be given once.
    case givenTwice
    /// The value is not of its kind.
    case wrongKind(SettingKind)
    /// The value is not of the form that these words say.
    case wrongForm(String)
    /// It does not go with another setting.
    case excludes(String)
    /// It has a number of values that is neither 1 nor that of what they are for.
    case wrongCount(found: Int, of: Counted, expected: Int)
    /// It is larger than the value of another setting.
    case above(setting: String, value: String)
    /// It needs another setting, in words for what.
    case needs(setting: String, placeholder: String, why: String)
    /// It names what is not there.
    case noSuchName(String, of: Named, known: [String])
    /// It cannot be had, for the reason that these words say of it.
    case unsuited(String)
  }

  /// What there is a value for each of.
  package enum Counted: Sendable { case attributes, tasks }

  /// What a value may name.
  package enum Named: Sendable { case group, task }

  /// A fault of a setting.
  package init(_ setting: String, _ value: String? = nil, _ problem: Problem) {
    self.setting = setting
    self.value = value
    self.problem = problem
  }
}
