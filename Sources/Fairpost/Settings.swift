internal import FairpostMethods
internal import FairpostNumerics

/// Settings of a method by name, as its description lists them: `["epsilon": 0.5, "exact": true]`.
public typealias Settings = [String: Setting]

/// The value of a setting.
public struct Setting: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  /// The value as words would give it; nil for a flag that is off.
  let text: String?

  /// A number.
  ///
  /// - Parameter value: the value.
  public init(_ value: Double) { text = NumberText.text(value) }
  /// A whole number.
  ///
  /// - Parameter value: the value.
  public init(_ value: Int) { text = String(value) }
  /// A word, a text or a path.
  ///
  /// - Parameter value: the value.
  public init(_ value: String) { text = value }
  /// A flag that is on or off.
  ///
  /// - Parameter value: the value.
  public init(_ value: Bool) { text = value ? "" : nil }
  /// Several numbers, such as the widths of layers.
  ///
  /// - Parameter values: the numbers.
  public init(_ values: [Double]) {
    text = values.map { NumberText.text($0) }.joined(separator: ",")
  }

  /// A number.
  ///
  /// - Parameter value: as it is written.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A whole number.
  ///
  /// - Parameter value: as it is written.
  public init(integerLiteral value: Int) { self.init(value) }
  /// A word, a text or a path.
  ///
  /// - Parameter value: as it is written.
  public init(stringLiteral value: String) { self.init(value) }
  /// A flag that is on or off.
  ///
  /// - Parameter value: as it is written.
  public init(booleanLiteral value: Bool) { self.init(value) }
  /// Several numbers.
  ///
  /// - Parameter values: as it is written.
  public init(arrayLiteral values: Double...) { self.init(values) }
}

extension [String: Setting] {
  /// The settings that are given, in a fixed order.
  var given: [(name: String, value: String)] {
    sorted { $0.key < $1.key }.compactMap { name, setting in setting.text.map { (name, $0) } }
  }
}

/// A method: what it is called and does, and what can be set of it.
public struct MethodDescription: Sendable, Equatable {
  /// One thing that can be set.
  public struct SettingDescription: Sendable, Equatable {
    /// The name by which it is set.
    public let name: String
    /// What it does.
    public let help: String
    /// The value that holds where none is given, as words; nil where it depends.
    public let usual: String?
  }

  /// The name by which it is asked for.
  public let name: String
  /// What it does, in a line.
  public let summary: String
  /// What can be set of it.
  public let settings: [SettingDescription]

  init(_ method: any FairpostMethods.Method.Type) {
    name = method.info.name
    summary = method.info.summary
    settings = method.settingSpecs.map {
      SettingDescription(name: $0.name, help: $0.help, usual: $0.defaultText)
    }
  }
}
