internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// Which files a command line writes, held against each other and against those it reads.
///
/// An option says that it writes a file by its kind (`.output`), so every command is checked here
/// alike, before anything is read.
enum OutputClaims {
  /// Tells files apart however they are called.
  private enum Place: Hashable {
    /// A file that is there: device and inode, so that links and other paths are the same.
    case file([UInt64])
    /// A file that is not there yet: its folder and its name.
    case name(folder: [UInt64], String)
    /// Standard output, where it is no file.
    case standardOutput
  }

  /// A place with how the command line calls it.
  private struct Claim {
    let words: String
    let place: Place
  }

  /// Refuses two outputs of one name, and an output that would destroy an input.
  ///
  /// A filter may write over its own input, which is replaced when it has been read wholly, as long
  /// as every row comes out again.
  static func check(_ options: ParsedOptions, _ command: CommandSpec) throws(UsageError) {
    let outputs = outputs(options, command)
    for (index, output) in outputs.enumerated() {
      guard let other = outputs[..<index].first(where: { $0.place == output.place }) else {
        continue
      }
      throw UsageError(
        "\(other.words) and \(output.words) are the same file: one would overwrite the other",
        hint: "give each a name of its own")
    }
    let inputs = inputs(options, command)
    for output in outputs {
      guard let input = inputs.first(where: { $0.place == output.place }) else { continue }
      if input.words == dataWords, output.words.hasPrefix("--output"), isInPlace(options, command) {
        continue
      }
      throw UsageError(
        "\(output.words) is also read, as \(input.words): the result would destroy it",
        hint: "write to another file")
    }
  }

  /// Whether every row of the input comes out again, with its columns.
  private static func isInPlace(_ options: ParsedOptions, _ command: CommandSpec) -> Bool {
    let drops = options.given.contains { name, value in
      name == "rows" || value == "skip" || value == "drop"
    }
    return command.passesRows && !drops
  }

  /// Whether the result replaces the file that is read.
  static func overwritesInput(_ options: ParsedOptions) -> Bool {
    guard let path = options.text("output"), let output = written(path) else { return false }
    let status = options.operands.first.map { FileStatus.of($0) } ?? SystemFile.standardInput.status
    return status.map { Place.file($0.identity) } == output
  }

  // MARK: What is written

  private static func outputs(_ options: ParsedOptions, _ command: CommandSpec) -> [Claim] {
    let writing = Set(command.everyOption.filter { $0.value?.kind == .output }.map(\.name))
    var claims: [Claim] = []
    var writesStandardOutput = writing.contains("output") && !options.has("output")
    for (name, value) in options.given where writing.contains(name) {
      if name == "output", value == "-" { writesStandardOutput = true }
      guard value != "-" || name != "output" else { continue }
      if value == "-" {
        claims.append(Claim(words: "--\(name) -", place: standardOutput))
      } else if let place = written(value) {
        claims.append(Claim(words: "--\(name) \(value)", place: place))
      }
    }
    if let pattern = options.text("into"), let parts = command.parts?(options) {
      writesStandardOutput = false
      for part in parts {
        if let place = written(part) {
          claims.append(Claim(words: "--into \(pattern): \(part)", place: place))
        }
      }
    }
    // A file that the shell has opened counts even where nothing is written to it.
    if writesStandardOutput || standardOutput != .standardOutput {
      claims.append(Claim(words: "standard output", place: standardOutput))
    }
    return claims
  }

  private static var standardOutput: Place {
    guard let status = SystemFile.standardOutput.status, status.isRegular || status.isPipe else {
      return .standardOutput
    }
    return .file(status.identity)
  }

  /// Where a path is written; nil for devices and folders, which nothing can overwrite.
  private static func written(_ path: String) -> Place? {
    let target = OutputFile.followed(path)
    if let status = FileStatus.of(target) {
      return status.isRegular || status.isPipe ? .file(status.identity) : nil
    }
    guard let folder = FileStatus.of(OutputFile.folderOf(target)) else { return nil }
    let name = target.split(separator: "/").last.map(String.init) ?? target
    return .name(folder: folder.identity, name)
  }

  // MARK: What is read

  private static let dataWords = "the input"

  private static func inputs(_ options: ParsedOptions, _ command: CommandSpec) -> [Claim] {
    var claims: [Claim] = []
    func add(_ words: String, _ path: String) {
      let status = path == "-" ? SystemFile.standardInput.status : FileStatus.of(path)
      if let status, status.isRegular {
        claims.append(Claim(words: words, place: .file(status.identity)))
      }
    }
    let kinds = Dictionary(
      command.everyOption.map { ($0.name, $0.value?.kind) }, uniquingKeysWith: { first, _ in first }
    )
    for (name, value) in options.given {
      switch kinds[name] {
      case .file?: add("--\(name) \(value)", value)
      case .namedFile?:
        if let equals = value.firstIndex(of: "=") {
          add("--\(name) \(value)", String(value[value.index(after: equals)...]))
        }
      default: continue
      }
    }
    guard command.operands.kind == .file else { return claims }
    for operand in options.operands { add(dataWords, operand) }
    if options.operands.isEmpty, command.operands.maximum != 0 { add(dataWords, "-") }
    return claims
  }
}
