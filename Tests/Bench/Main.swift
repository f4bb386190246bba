#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Times whole processes in turn: `fairpost-bench run SUITE`.
///
/// `fairpost-bench generate ROWS FILE` makes the data for it, and `fairpost-bench bargain FILE TIMES`
/// solves bargaining problems, which no command does alone.
@main enum Main {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      switch words.first {
      case "run" where words.count == 2:
        try Runner(suite: Suite(path: words[1])).run()
      case "generate" where words.count == 3:
        guard let rows = Int(words[1]) else {
          throw BenchError("not a number of rows: \(words[1])")
        }
        try generate(rows: rows, path: words[2])
      case "bargain" where words.count == 3:
        try bargain(path: words[1], times: Int(words[2]) ?? 1)
      default:
        throw BenchError(
          "usage: fairpost-bench run SUITE | generate ROWS FILE | bargain FILE TIMES")
      }
    } catch {
      print("fairpost-bench: \(error)")
      exit(1)
    }
  }
}

/// What went wrong, in words.
struct BenchError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A value of the environment; an empty one counts as none.
func environment(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}
