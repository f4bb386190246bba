internal import FairpostMethods

/// Who speaks of a method's settings: a command says `--x v`, `compare` says `--set METHOD.x=v`, a
/// Swift program that calls the library reads `x = v`.
package enum SettingVoice: Sendable {
  /// A command whose options are the settings.
  case command
  /// A comparison, where the method has a name.
  case comparison(of: String)
  /// The library, to the program that calls it.
  case library

  /// The setting beside others in a sentence.
  package func name(_ setting: String) -> String {
    switch self {
    case .command: "--\(setting)"
    case .comparison(let method): "\(method).\(setting)"
    case .library: setting
    }
  }

  /// The setting as what a sentence is about.
  package func subject(_ setting: String) -> String {
    switch self {
    case .command: "--\(setting)"
    case .comparison(let method): "--set \(method).\(setting)"
    case .library: "the setting \"\(setting)\""
    }
  }

  /// The setting with a value, as it is typed.
  package func given(_ setting: String, _ value: String) -> String {
    switch self {
    case .command: value.isEmpty ? "--\(setting)" : "--\(setting) \(value)"
    case .comparison(let method):
      "--set \(method).\(setting)=\(value.isEmpty ? "yes" : value)"
    case .library: "\(setting) = \(value.isEmpty ? "yes" : value)"
    }
  }
}
