#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Commands that are timed against each other, read from a file of `key: value` lines.
///
/// - `title: TEXT`, `rounds: N`, `rows: N` (makes the data, whose path is `$IN`), `baseline: NAME`
/// - `run NAME: COMMAND`, for `sh`, with `$IN`, `$OUT` and `$WORK`, a folder of its own
/// - `needs NAME: PROGRAM` says that without PROGRAM a case is reported as not measured;
///   several words are a command that must succeed
/// - `prepare: COMMAND` is run once before all
struct Suite {
  struct Case {
    let name: String
    let command: String
    var needs: String?
  }

  let name: String
  var title = ""
  var rounds = 5
  var rows = 0
  var baseline = ""
  var prepare: [String] = []
  var cases: [Case] = []

  init(path: String) throws {
    let file = path.split(separator: "/").last ?? ""
    name = String(file.prefix { $0 != "." })
    for line in try readText(path).split(separator: "\n") where !line.hasPrefix("#") {
      guard let colon = line.firstIndex(of: ":") else { throw BenchError("\(path): \(line)") }
      let key = line[..<colon].split(separator: " ").map(String.init)
      let value = String(line[line.index(after: colon)...].drop { $0 == " " })
      switch (key.first, key.count) {
      case ("title", 1): title = value
      case ("rounds", 1): rounds = Int(value) ?? rounds
      case ("rows", 1): rows = Int(value) ?? rows
      case ("baseline", 1): baseline = value
      case ("prepare", 1): prepare.append(value)
      case ("run", 2): cases.append(Case(name: key[1], command: value))
      case ("needs", 2):
        for index in cases.indices where cases[index].name == key[1] {
          cases[index].needs = value
        }
      default: throw BenchError("\(path): unknown line \"\(line)\"")
      }
    }
    if let text = environment("ROUNDS"), let number = Int(text) { rounds = number }
    if let text = environment("ROWS"), let number = Int(text), rows > 0 { rows = number }
  }
}

/// A whole file as text.
func readText(_ path: String) throws -> String {
  guard let file = fopen(path, "r") else { throw BenchError("\(path): cannot be read") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&block, 1, block.count, file)
    if count == 0 { break }
    bytes += block[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}
