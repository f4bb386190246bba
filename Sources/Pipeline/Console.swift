internal import FairpostNumerics
package import FairpostText

/// What a command says to people: everything on standard error, nothing with `--quiet` but errors.
package final class Console: Sendable {
  private let command: String
  /// Whether nothing but errors is said.
  package let isQuiet: Bool
  private let progress: ProgressBar.Mode
  /// Takes what is said instead of standard error.
  private let listener: (@Sendable (String) -> Void)?

  /// A console for a command.
  package init(command: String, isQuiet: Bool, progress: ProgressBar.Mode = .never) {
    self.command = command
    self.isQuiet = isQuiet
    self.progress = isQuiet ? .never : progress
    listener = nil
  }

  /// A console whose words go to a listener.
  package init(listener: @escaping @Sendable (String) -> Void) {
    command = ""
    isQuiet = false
    progress = .never
    self.listener = listener
  }

  /// Says something in a line of its own.
  package func note(_ text: String) {
    guard !isQuiet else { return }
    if let listener {
      listener(Shown.line(text))
    } else {
      Console.say("fairpost \(command)", text)
    }
  }

  /// Says something in a line of its own, options named as its reader knows them.
  package func note(_ words: Message) {
    note(words.said(by: listener == nil ? .command : .library))
  }

  /// A bar for a long run over so many bytes, where they are known; nil where none is to be shown.
  package func bar(size: Int? = nil) -> ProgressBar? {
    ProgressBar(progress, label: "fairpost \(command)", size: size)
  }

  /// Says something in a line of its own, even with `--quiet`; the text may hold anything.
  package static func say(_ speaker: String, _ text: String) {
    put("\(speaker): \(Shown.line(text))\n")
  }

  /// Says something in a line of its own, as a command says it.
  package static func say(_ speaker: String, _ words: Message) { say(speaker, words.description) }

  /// Shows a page whose author is the program itself, such as help.
  package static func show(page: String) { put(page) }

  /// Writes to standard error as it is; one that is closed or gone changes nothing.
  fileprivate static func put(_ text: String) {
    do { try SystemFile.standardError.write(text) } catch { return }
  }

  /// The usual summary of a stream: rows, and whatever was left out or done, each counted.
  package func summary(_ tally: Tally, _ details: [Message] = []) {
    var parts: [Message] = ["\(Console.grouped(tally.records)) row\(tally.records == 1 ? "" : "s")"]
    if tally.leftOut > 0 { parts.append("\(Console.grouped(tally.leftOut)) left out") }
    if tally.skipped > 0 { parts.append("\(Console.grouped(tally.skipped)) bad, skipped") }
    if tally.reported > 0 { parts.append("\(Console.grouped(tally.reported)) bad, reported") }
    if tally.passed > 0 {
      parts.append("\(Console.grouped(tally.passed)) bad value(s) taken as missing")
    }
    if tally.blank > 0 { parts.append("\(Console.grouped(tally.blank)) blank line(s) passed") }
    for (what, number) in tally.counts.sorted(by: { $0.key < $1.key }) {
      parts.append("\(Console.grouped(number)) \(what)")
    }
    note((parts + details).joined(separator: "; "))
  }

  /// A whole number with commas between thousands.
  package static func grouped(_ number: Int) -> String {
    var digits = Array(String(abs(number)))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }
}

/// Progress on a terminal, from the second second on.
package final class ProgressBar: Sendable {
  /// When progress is shown.
  package enum Mode: String, Sendable, CaseIterable {
    /// On a terminal, where the run lasts.
    case auto
    /// Even where standard error is no terminal.
    case always
    /// Never.
    case never
  }

  private struct State {
    var last: Double
    var isShown = false
  }
  private let label: String
  private let total: Int?
  private let started: Double
  private let state: Guarded<State>

  /// A bar for a stream of a known or unknown size; nil where none is to be shown.
  package init?(_ mode: Mode, label: String, size: Int?) {
    guard mode == .always || (mode == .auto && SystemFile.standardError.isTerminal) else {
      return nil
    }
    self.label = label
    total = size.map { max(1, $0 >> 18) }
    started = ProcessFacts.seconds
    state = Guarded(State(last: started))
  }

  deinit { clear() }

  /// Shows how many blocks of 256 KiB are done.
  package func update(blocks: Int) {
    let now = ProcessFacts.seconds
    state.withLock { state in
      guard now - started > 1, now - state.last > 0.2 else { return }
      state.last = now
      state.isShown = true
      if let total {
        let share = min(1, Double(blocks) / Double(total))
        let left = share > 0 ? Int((now - started) * (1 - share) / share) : 0
        Console.put("\r\(label): \(Int(share * 100)) %, \(left) s left \u{1B}[K")
      } else {
        Console.put("\r\(label): \(blocks >> 2) MiB \u{1B}[K")
      }
    }
  }

  /// What a stream calls after each block, where there is a bar.
  static func reporter(_ bar: ProgressBar?) -> (@Sendable (Int) -> Void)? {
    guard let bar else { return nil }
    return { blocks in bar.update(blocks: blocks) }
  }

  /// Shows a text of the command's own.
  package func update(_ text: String) {
    let now = ProcessFacts.seconds
    state.withLock { state in
      guard now - started > 1, now - state.last > 0.2 else { return }
      state.last = now
      state.isShown = true
      Console.put("\r\(label): \(Shown.word(text)) \u{1B}[K")
    }
  }

  /// Takes the bar off the terminal.
  package func clear() {
    state.withLock { state in
      if state.isShown { Console.put("\r\u{1B}[K") }
      state.isShown = false
    }
  }
}
