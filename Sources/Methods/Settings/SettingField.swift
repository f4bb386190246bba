internal import FairpostNumerics

/// A setting of a method together with the place of its value in the method's `Settings`.
///
/// The default that help shows is the value that fresh settings hold there: it is written once.
package struct SettingField<Settings: MethodSettings>: Sendable {
  /// Puts a value's text into its place; called for each value of a repeated setting in turn.
  package typealias Reader = @Sendable (String, inout Settings) throws(SettingFault.Problem) -> Void
  /// The text of the value that holds; nil where there is none.
  package typealias Writer = @Sendable (Settings) -> String?

  /// Its declaration.
  package let spec: SettingSpec
  let read: Reader
  let write: Writer

  package init(
    _ name: String, _ letter: Character? = nil, _ kind: SettingKind, _ placeholder: String = "",
    help: String, isRepeated: Bool = false, defaultNote: String? = nil, section: String,
    read: @escaping Reader, write: @escaping Writer
  ) {
    spec = SettingSpec(
      name: name, letter: letter, kind: kind, placeholder: placeholder, help: help,
      isRepeated: isRepeated, defaultText: kind == .flag ? nil : write(Settings()),
      defaultNote: defaultNote, section: section)
    self.read = read
    self.write = write
  }

  /// The same setting of settings that hold these as a part.
  func within<Whole: MethodSettings>(
    _ part: any WritableKeyPath<Whole, Settings> & Sendable
  ) -> SettingField<Whole> {
    let (read, write) = (read, write)
    return SettingField<Whole>(
      spec.name, spec.letter, spec.kind, spec.placeholder, help: spec.help,
      isRepeated: spec.isRepeated, defaultNote: spec.defaultNote, section: spec.section,
      read: { (text, whole) throws(SettingFault.Problem) in
        try read(text, &whole[keyPath: part])
      }, write: { write($0[keyPath: part]) })
  }
}

extension SettingFault.Problem: Error {}

// MARK: Kinds of values

extension SettingField {
  /// On where it is given.
  package static func flag(
    _ name: String, _ place: any WritableKeyPath<Settings, Bool> & Sendable, help: String,
    section: String
  ) -> Self {
    Self(
      name, nil, .flag, help: help, section: section,
      read: { (_, settings) throws(SettingFault.Problem) in settings[keyPath: place] = true },
      write: { $0[keyPath: place] ? "yes" : nil })
  }

  /// A number.
  package static func number(
    _ name: String, _ place: any WritableKeyPath<Settings, Double> & Sendable,
    _ placeholder: String = "X", in range: ClosedRange<Double>, help: String, section: String
  ) -> Self {
    Self(
      name, nil, .number(range), placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        settings[keyPath: place] = try number(text, in: range)
      }, write: { NumberText.text($0[keyPath: place]) })
  }

  /// A number, or none.
  package static func number(
    _ name: String, _ place: any WritableKeyPath<Settings, Double?> & Sendable,
    _ placeholder: String = "X", in range: ClosedRange<Double>, help: String, section: String
  ) -> Self {
    Self(
      name, nil, .number(range), placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        settings[keyPath: place] = try number(text, in: range)
      }, write: { $0[keyPath: place].map { NumberText.text($0) } })
  }

  /// Numbers.
  package static func numbers(
    _ name: String, _ place: any WritableKeyPath<Settings, [Double]> & Sendable,
    _ placeholder: String = "X[,X...]", letter: Character? = nil, in range: ClosedRange<Double>,
    help: String, section: String
  ) -> Self {
    Self(
      name, letter, .numbers(range), placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        guard let values = SettingText.numbers(text, in: range) else {
          throw .wrongKind(.numbers(range))
        }
        settings[keyPath: place] = values
      },
      write: { settings in
        let values = settings[keyPath: place]
        return values.isEmpty ? nil : values.map { NumberText.text($0) }.joined(separator: ",")
      })
  }

  /// A whole number.
  package static func integer(
    _ name: String, _ place: any WritableKeyPath<Settings, Int> & Sendable,
    _ placeholder: String = "N", letter: Character? = nil, in range: ClosedRange<Int>,
    help: String, section: String
  ) -> Self {
    Self(
      name, letter, .integer(range), placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        settings[keyPath: place] = try integer(text, in: range)
      }, write: { String($0[keyPath: place]) })
  }

  /// A whole number, or none.
  package static func integer(
    _ name: String, _ place: any WritableKeyPath<Settings, Int?> & Sendable,
    _ placeholder: String = "N", in range: ClosedRange<Int>, help: String,
    defaultNote: String? = nil, section: String
  ) -> Self {
    Self(
      name, nil, .integer(range), placeholder, help: help, defaultNote: defaultNote,
      section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        settings[keyPath: place] = try integer(text, in: range)
      }, write: { $0[keyPath: place].map { String($0) } })
  }

  /// Whole numbers.
  package static func integers(
    _ name: String, _ place: any WritableKeyPath<Settings, [Int]> & Sendable,
    _ placeholder: String = "N[,N...]", in range: ClosedRange<Int>, help: String, section: String
  ) -> Self {
    Self(
      name, nil, .integers(range), placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        guard let values = SettingText.integers(text, in: range) else {
          throw .wrongKind(.integers(range))
        }
        settings[keyPath: place] = values
      },
      write: { settings in
        let values = settings[keyPath: place]
        return values.isEmpty ? nil : values.map { String($0) }.joined(separator: ",")
      })
  }

  /// A case of an enumeration, by its word.
  package static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ place: any WritableKeyPath<Settings, Choice> & Sendable,
    _ words: [String] = Choice.allCases.map(\.rawValue), placeholder: String = "", help: String,
    section: String
  ) -> Self {
    Self(
      name, nil, .choice(words), placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        guard words.contains(text), let choice = Choice(rawValue: text) else {
          throw .wrongKind(.choice(words))
        }
        settings[keyPath: place] = choice
      }, write: { $0[keyPath: place].rawValue })
  }

  /// A text, or none.
  package static func text(
    _ name: String, _ place: any WritableKeyPath<Settings, String?> & Sendable,
    _ placeholder: String, help: String, section: String
  ) -> Self {
    Self(
      name, nil, .text, placeholder, help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        guard !text.isEmpty else { throw .wrongKind(.text) }
        settings[keyPath: place] = text
      }, write: { $0[keyPath: place] })
  }

  /// The path of a file, or none.
  package static func file(
    _ name: String, _ place: any WritableKeyPath<Settings, String?> & Sendable, help: String,
    section: String
  ) -> Self {
    Self(
      name, nil, .file, "FILE", help: help, section: section,
      read: { (text, settings) throws(SettingFault.Problem) in
        guard !text.isEmpty else { throw .wrongKind(.file) }
        settings[keyPath: place] = text
      }, write: { $0[keyPath: place] })
  }

  private static func number(
    _ text: String, in range: ClosedRange<Double>
  ) throws(SettingFault.Problem) -> Double {
    guard let value = SettingText.number(text[...]), range.contains(value) else {
      throw .wrongKind(.number(range))
    }
    return value
  }

  private static func integer(
    _ text: String, in range: ClosedRange<Int>
  ) throws(SettingFault.Problem) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw .wrongKind(.integer(range))
    }
    return value
  }
}
