/// All settings of a method: what fills a `Settings` value from words, and writes it as words.
package struct Schema<Settings: MethodSettings>: Sendable {
  /// The settings, in the order of help.
  package let fields: [SettingField<Settings>]
  /// Pairs of settings of which one may be given.
  let exclusive: [(String, String)]

  package init(_ fields: [SettingField<Settings>], exclusive: [(String, String)] = []) {
    self.fields = fields
    self.exclusive = exclusive
  }

  /// The settings' declarations, in the order of help.
  package var specs: [SettingSpec] { fields.map(\.spec) }

  /// Settings with the given values, the others at their defaults.
  ///
  /// The value of a flag is empty, or `yes`.
  package func settings(
    from given: [(name: String, value: String)]
  ) throws(SettingFault) -> Settings {
    for (name, value) in given where !fields.contains(where: { $0.spec.name == name }) {
      throw SettingFault(name, value, .unknown(known: specs.map(\.name)))
    }
    for (first, second) in exclusive
    where given.contains(where: { $0.name == first })
      && given.contains(where: { $0.name == second })
    {
      throw SettingFault(first, nil, .excludes(second))
    }
    var settings = Settings()
    for field in fields {
      let texts = given.filter { $0.name == field.spec.name }.map(\.value)
      guard let last = texts.last else { continue }
      if texts.count > 1, !field.spec.isRepeated {
        throw SettingFault(field.spec.name, last, .givenTwice)
      }
      if field.spec.kind == .flag, last != "", last != "yes" {
        throw SettingFault(field.spec.name, last, .wrongKind(.flag))
      }
      for text in texts {
        do { try field.read(text, &settings) } catch {
          throw SettingFault(field.spec.name, text, error)
        }
      }
    }
    return settings
  }

  /// The names and values of all settings that hold, defaults included.
  package func texts(of settings: Settings) -> [(name: String, text: String)] {
    fields.compactMap { field in field.write(settings).map { (field.spec.name, $0) } }
  }
}
