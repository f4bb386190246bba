internal import FairpostNumerics
package import FairpostText

/// Which files a run writes, held against each other and against those it reads.
package struct FileClaims {
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

  private var outputs: [Claim] = []
  private var inputs: [Claim] = []
  /// What may replace what: a filter's output its own input, where every row comes out again.
  private var replacing: (output: String, input: String)?

  /// No files yet.
  package init() {}

  /// Notes a file that is written; devices and folders nothing can overwrite.
  package mutating func write(_ words: String, _ path: String) {
    if let place = Self.written(path) { outputs.append(Claim(words: words, place: place)) }
  }

  /// Notes standard output; a file that the shell has opened counts even where nothing is written.
  package mutating func writeStandardOutput(_ words: String, always: Bool) {
    let place = Self.standardOutput
    if always || place != .standardOutput { outputs.append(Claim(words: words, place: place)) }
  }

  /// Notes a file that is read; `-` is standard input.
  package mutating func read(_ words: String, _ path: String) {
    let status = path == "-" ? SystemFile.standardInput.status : FileStatus.of(path)
    if let status, status.isRegular {
      inputs.append(Claim(words: words, place: .file(status.identity)))
    }
  }

  /// Lets an output replace an input, which is read wholly before.
  package mutating func allow(_ output: String, toReplace input: String) {
    replacing = (output, input)
  }

  /// Refuses two outputs of one name, and an output that would destroy an input.
  package func check() throws(UsageError) {
    for (index, output) in outputs.enumerated() {
      guard let other = outputs[..<index].first(where: { $0.place == output.place }) else {
        continue
      }
      throw UsageError(
        "\(other.words) and \(output.words) are the same file: one would overwrite the other",
        hint: "give each a name of its own")
    }
    for output in outputs {
      guard let input = inputs.first(where: { $0.place == output.place }) else { continue }
      if let replacing, input.words == replacing.input, output.words.hasPrefix(replacing.output) {
        continue
      }
      throw UsageError(
        "\(output.words) is also read, as \(input.words): the result would destroy it",
        hint: "write to another file")
    }
  }

  /// Whether two paths are one file; nil is standard input or output.
  package static func overwrites(_ output: String, input: String?) -> Bool {
    guard let place = written(output) else { return false }
    let status = input.map { FileStatus.of($0) } ?? SystemFile.standardInput.status
    return status.map { Place.file($0.identity) } == place
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
}
