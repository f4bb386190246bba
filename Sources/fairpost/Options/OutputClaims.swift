internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// The files that a command line writes and reads, checked before anything is read.
///
/// An option says that it writes or reads a file by its kind, so every command is checked here alike.
enum OutputClaims {
  private static let dataWords = "the input"

  /// Refuses two outputs of one name, and an output that would destroy an input.
  ///
  /// A filter may write over its own input, which is replaced when it has been read wholly, as long
  /// as every row comes out again.
  static func check(_ options: ParsedOptions, _ command: CommandSpec) throws(UsageError) {
    var claims = FileClaims()
    let kinds = Dictionary(
      command.everyOption.map { ($0.name, $0.value?.kind) }, uniquingKeysWith: { first, _ in first }
    )
    let writing = Set(kinds.filter { $0.value == .output }.keys)
    var writesStandardOutput =
      writing.contains("output") && (options.text("output") ?? "-") == "-"
    for (name, value) in options.given where writing.contains(name) {
      if value != "-" {
        claims.write("--\(name) \(value)", value)
      } else if name != "output" {
        claims.writeStandardOutput("--\(name) -", always: true)
      }
    }
    if let pattern = options.text("into"), let parts = command.parts?(options) {
      writesStandardOutput = false
      for part in parts { claims.write("--into \(pattern): \(part)", part) }
    }
    claims.writeStandardOutput("standard output", always: writesStandardOutput)
    for (name, value) in options.given {
      switch kinds[name] {
      case .file?: claims.read("--\(name) \(value)", value)
      case .namedFile?:
        if let equals = value.firstIndex(of: "=") {
          claims.read("--\(name) \(value)", String(value[value.index(after: equals)...]))
        }
      default: continue
      }
    }
    if command.operands.kind == .file {
      for operand in options.operands { claims.read(dataWords, operand) }
      if options.operands.isEmpty, command.operands.maximum != 0 { claims.read(dataWords, "-") }
    }
    let drops = options.given.contains { name, value in
      name == "rows" || value == "skip" || value == "drop"
    }
    // Of several files the result is more than the first was.
    if command.passesRows, !drops, options.operands.count < 2 {
      claims.allow("--output", toReplace: dataWords)
    }
    try claims.check()
  }

  /// Whether the result replaces the file that is read.
  static func overwritesInput(_ options: ParsedOptions) -> Bool {
    options.text("output").map {
      FileClaims.overwrites($0, input: options.operands.first)
    } ?? false
  }
}
