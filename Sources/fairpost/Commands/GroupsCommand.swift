internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
internal import FairpostTransport

/// `fairpost groups`: how many rows each group has.
enum GroupsCommand: Command {
  static let spec = CommandSpec(
    "groups", summary: "show how many rows each group has", usage: "[FILE...]",
    examples: [
      Example(
        "fairpost groups --group sex --group race loans.csv",
        "show sizes, shares and how many rows have no group"),
      Example("fairpost groups --group sex,race loans.csv", "show the combinations that occur"),
    ],
    details: [
      "A row without a value in one of an attribute's columns has no group; the last line of each attribute counts such rows. Names that differ only in case or in spaces are different groups; a note names them."
    ],
    memory: "Streams: holds the groups, and 4 bytes a row and attribute.",
    options: [CommonOptions.group, ColumnsCommand.format] + CommonOptions.reader,
    operands: OperandSpec(.file), seeAlso: ["columns", "evaluate", "fit"],
    section: "Data")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let attributes = try SensitiveAttributes.checked(options.columns("group"))
    guard !attributes.isEmpty else {
      throw UsageError("name a sensitive attribute: --group COL")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    var request = TableRequest()
    request.groups = try attributes.map { try input.columns($0) }
    let table = try input.table(request, progress: console.bar(size: input.size))
    var lines: [[String]] = []
    for (attribute, grouping) in zip(attributes, table.groups) {
      let name = attribute.joined(separator: ",")
      var counts = [Int](repeating: 0, count: grouping.keys.count)
      var missing = 0
      for code in grouping.codes {
        if code < 0 { missing += 1 } else { counts[Int(code)] += 1 }
      }
      func line(_ group: String, _ count: Int) -> [String] {
        let share = Double(count) / Double(max(table.count, 1))
        return [name, group, String(count), NumberText.text((share * 1e6).rounded() / 1e6)]
      }
      // The largest first, equal ones by name.
      let order = counts.indices.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
      for place in order {
        lines.append(
          line(
            grouping.keys[place].parts.map(\.description).joined(separator: ","), counts[place]))
      }
      if missing > 0 { lines.append(line("(missing)", missing)) }
      for note in SimilarNames.notes(attribute, grouping.keys) { console.note(note) }
    }
    try ColumnsCommand.write(
      ["attribute", "group", "n", "share"], lines, right: [false, false, true, true], options)
    console.summary(table.tally)
    return .done
  }
}
