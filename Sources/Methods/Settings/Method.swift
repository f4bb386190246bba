/// What can be chosen of a method, with what fills it from words.
package protocol MethodSettings: Sendable, Equatable {
  /// The defaults.
  init()
  /// Every setting that words can give.
  static var schema: Schema<Self> { get }
  /// Refuses values that do not go together.
  func check() throws(SettingFault)
  /// Refuses values that do not go with what the data's columns are for.
  func check(in context: MethodContext) throws(SettingFault)
}

extension MethodSettings {
  /// Nothing to refuse.
  package func check() throws(SettingFault) {}
  /// Nothing to refuse.
  package func check(in context: MethodContext) throws(SettingFault) {}
}

/// What the data's columns are for, as far as settings must go with it; known before data is read.
package struct MethodContext: Sendable {
  /// How many sensitive attributes there are.
  package var attributes: Int
  /// The tasks' names.
  package var tasks: [String]

  /// A context of so many attributes and these tasks.
  package init(attributes: Int, tasks: [String] = []) {
    self.attributes = attributes
    self.tasks = tasks
  }
}

/// What a method is called and does: help, manual and completions read it.
package struct MethodInfo: Sendable {
  /// The word that names it.
  package let name: String
  /// What it does, in a line.
  package let summary: String
  /// Paragraphs for its own help.
  package let details: [String]

  /// A description from its parts.
  package init(_ name: String, summary: String, details: [String] = []) {
    self.name = name
    self.summary = summary
    self.details = details
  }
}

/// A method with what was chosen of it: everything it does follows from its settings and the data.
package protocol Method: Sendable {
  /// What can be chosen.
  associatedtype Settings: MethodSettings
  /// Its name and help.
  static var info: MethodInfo { get }
  /// What was chosen.
  var settings: Settings { get }
  /// The method under these settings.
  init(_ settings: Settings)
}

extension Method {
  /// Its name and help.
  package var info: MethodInfo { Self.info }

  /// The declarations of everything that can be chosen.
  package static var settingSpecs: [SettingSpec] { Settings.schema.specs }

  /// The method under the settings that words give; the value of a flag is empty, or `yes`.
  package init(given: [(name: String, value: String)]) throws(SettingFault) {
    let settings = try Settings.schema.settings(from: given)
    try settings.check()
    self.init(settings)
  }

  /// Refuses settings that do not go with what the data's columns are for.
  package func check(in context: MethodContext) throws(SettingFault) {
    try settings.check(in: context)
  }

  /// The names and values of all settings that hold, defaults included.
  package var settingTexts: [(name: String, text: String)] { Settings.schema.texts(of: settings) }
}

/// Settings of a method of which nothing can be chosen.
package struct NoSettings: MethodSettings {
  /// The only value.
  package init() {}
  /// No settings.
  package static var schema: Schema<NoSettings> { Schema([]) }
}
