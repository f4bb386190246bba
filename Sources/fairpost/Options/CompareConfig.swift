internal import FairpostFiles
internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// Options in a file: a JSON object of option names and values, and `data` for the input.
enum CompareConfig {
  private static let operand = "data"
  /// Options about the file itself.
  private static let own: Set = ["config", "print-config", "help"]

  /// The options of a command line with those of its `--config` file beneath.
  static func options(_ given: ParsedOptions, _ spec: CommandSpec) throws -> ParsedOptions {
    guard let path = given.text("config") else { return given }
    let json: JSONValue
    let bytes = try StoredFile.contents(path)
    do { json = try JSONValue(reading: bytes, limit: bytes.count) } catch {
      throw Failure(.badData, "\(path): \(error)")
    }
    var words: [String] = []
    var operands = given.operands
    func isRepeated(_ name: String) -> Bool {
      spec.options.contains { $0.name == name && $0.repeated }
    }
    do {
      for (name, node) in try JSONNode(json, name: "config").members {
        if name == operand {
          if operands.isEmpty { operands = [try node.string] }
          continue
        }
        guard spec.options.contains(where: { $0.name == name }), !own.contains(name) else {
          let near = nearest(name, in: spec.options.map(\.name))
          throw UsageError(
            "\(path): there is no option \"\(name)\"",
            hint: near.map { "did you mean \"\($0)\"?" })
        }
        if given.has(name) { continue }
        if case .array = node.value, !isRepeated(name) {
          words.append("--\(name)=\(try node.strings.joined(separator: ","))")
        } else {
          words += try self.words(name, node)
        }
      }
    } catch let error as JSONError { throw Failure(.badData, "\(path): \(error)") }
    let typed = given.given.map { name, value in
      spec.options.contains { $0.name == name && $0.value == nil }
        ? "--\(name)" : "--\(name)=\(value)"
    }
    return try Parser(spec).parse(words + typed + ["--"] + operands)
  }

  private static func words(_ name: String, _ node: JSONNode) throws(JSONError) -> [String] {
    switch node.value {
    case .bool(let isOn): return isOn ? ["--\(name)"] : []
    case .null: return []
    case .array:
      var words: [String] = []
      for element in try node.array { words += try self.words(name, element) }
      return words
    case .integer(let number): return ["--\(name)=\(number)"]
    case .number(let number): return ["--\(name)=\(NumberText.text(number))"]
    default: return ["--\(name)=\(try node.string)"]
    }
  }

  /// The options that hold, defaults included, as such a file.
  static func text(_ options: ParsedOptions, _ spec: CommandSpec) throws -> [UInt8] {
    var members = JSONObject()
    if let file = options.operands.first { members.append(operand, .string(file)) }
    for option in spec.options where !own.contains(option.name) {
      if let value = value(option, options) { members.append(option.name, value) }
    }
    return try JSONValue.object(members).written()
  }

  /// What every cell's figures depend on, besides the arm, the seed and the data.
  static func decisive(_ options: ParsedOptions, _ spec: CommandSpec) -> JSONObject {
    let names =
      CompareOptions.columns.map(\.name) + CompareOptions.figures.map(\.name) + [
        "fractions", "validation-share", "no-adapt", "no-standardise", "levels", "rows", "join",
        "on", "bin",
        "missing", "on-bad-row", "columns", "seed",
      ]
    var members = JSONObject()
    for option in spec.options
    where names.contains(option.name) && !["level", "margin"].contains(option.name) {
      if let value = value(option, options) { members.append(option.name, value) }
    }
    return members
  }

  private static func value(_ option: OptionSpec, _ options: ParsedOptions) -> JSONValue? {
    guard let kind = option.value?.kind else { return options.has(option.name) ? true : nil }
    guard let text = options.text(option.name) else { return nil }
    if option.repeated { return .array(options.texts(option.name).map { .string($0) }) }
    switch kind {
    case .integer: return Int(text).map { .integer($0) } ?? .string(text)
    case .number: return options.number(option.name).map { .number($0) } ?? .string(text)
    default: return .string(text)
    }
  }
}
