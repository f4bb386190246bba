/// Words for people in which options are named as data, so that whoever speaks names them its own way.
///
/// A library that finds two settings at odds does not know whether they were typed or passed:
///
///     throw UsageError("\(option: "threshold") and \(option: "at-rate") exclude each other")
///
/// is "--threshold and --at-rate exclude each other" from a command, and "threshold and atRate ..." to
/// a Swift program.
package struct Message: Sendable, Equatable, ExpressibleByStringInterpolation,
  CustomStringConvertible
{
  /// A piece of the sentence.
  package enum Part: Sendable, Equatable {
    /// Words as they are.
    case text(String)
    /// The name of an option, without dashes.
    case option(String)
  }

  /// The sentence's pieces in order.
  package private(set) var parts: [Part]

  /// A sentence that names no option.
  package init(_ text: String) { parts = [.text(text)] }
  /// A sentence that names no option.
  package init(stringLiteral text: String) { self.init(text) }
  /// A sentence with values and options in it.
  package init(stringInterpolation words: Interpolation) { parts = words.parts }

  /// What follows some first words; nil where the sentence begins otherwise.
  package func after(_ words: String) -> Message? {
    guard case .text(let text) = parts.first, text.hasPrefix(words) else { return nil }
    var rest = self
    rest.parts[0] = .text(String(text.dropFirst(words.count)))
    return rest
  }

  /// One sentence after another.
  package static func + (first: Message, second: Message) -> Message { "\(first)\(second)" }

  /// The sentence with every piece of text changed, such as made safe to show.
  package func mapText(_ change: (String) -> String) -> Message {
    var changed = Message("")
    changed.parts = parts.map { part in
      if case .text(let text) = part { return .text(change(text)) }
      return part
    }
    return changed
  }

  /// The sentence as a command says it.
  package var description: String { said(by: .command) }

  /// The sentence, with options called what they are to who reads it.
  package func said(by speaker: Speaker) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .option(let name): speaker.name(ofOption: name)
      }
    }.joined()
  }

  /// What a sentence is built from.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) { append(literal) }
    package mutating func appendInterpolation(_ value: some Any) { append("\(value)") }
    package mutating func appendInterpolation(_ message: Message) {
      for part in message.parts {
        if case .text(let text) = part { append(text) } else { parts.append(part) }
      }
    }
    /// The name of an option, without dashes.
    package mutating func appendInterpolation(option name: String) {
      parts.append(.option(name))
    }

    private mutating func append(_ text: String) {
      guard !text.isEmpty else { return }
      if case .text(let before) = parts.last {
        parts[parts.count - 1] = .text(before + text)
      } else {
        parts.append(.text(text))
      }
    }
  }
}

extension [Message] {
  /// The sentences as one, with words between them.
  package func joined(separator: String) -> Message {
    guard let first else { return "" }
    return dropFirst().reduce(first) { "\($0)\(separator)\($1)" }
  }
}

/// Who says a sentence, and so what an option is called in it.
package enum Speaker: Sendable {
  /// A command, whose options are typed.
  case command
  /// The Swift library, whose options are names.
  case library

  /// The option `at-rate`: `--at-rate` on a command line, `atRate` in Swift.
  package func name(ofOption name: String) -> String {
    switch self {
    case .command: return "--\(name)"
    case .library:
      let words = name.split(separator: "-")
      return words.dropFirst().reduce(String(words.first ?? "")) {
        $0 + $1.prefix(1).uppercased() + $1.dropFirst()
      }
    }
  }
}
