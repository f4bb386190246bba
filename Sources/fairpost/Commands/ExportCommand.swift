internal import FairpostExport
internal import FairpostFiles
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost export`: a map as code.
enum ExportCommand: Command {
  static let spec = CommandSpec(
    "export", summary: "write a map as Python, R or SQL, the same numbers to the last bit",
    usage: "--to LANGUAGE MAP",
    examples: [
      Example(
        "fairpost export --to python sex.map -o sex_map.py", "write a module without dependencies"),
      Example(
        "fairpost export --to sql --table preds sex.map | duckdb scores.db",
        "the same script runs in DuckDB, SQLite and PostgreSQL"),
    ],
    details: [
      "Use it for systems that cannot call a program. The code follows every policy of the map: a status beside each result says passed, dropped, missing-score, or, where apply would stop with an error, refused and why. Only maps of wasserstein and threshold can be exported, without random ties and jitter, which depend on the record's id."
    ],
    options: [
      OptionSpec(
        "to", nil, .choice("python", "r", "sql"), help: "the language", required: true,
        section: "Output"),
      OptionSpec(
        "table", nil, .name("NAME"), help: "the name of the table that the SQL reads",
        default: "preds",
        section: "Output"),
    ] + CommonOptions.general,
    operands: OperandSpec(.file, minimum: 1, maximum: 1), seeAlso: ["apply", "inspect"],
    section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.operands[0]
    let map = try MapFile(path: path)
    let language: MapExport.Language = options.choice("to") ?? .python
    let output = try OutputFile.open(options.text("output"))
    try output.write(
      try MapExport.code(
        of: map, path: path, as: language, table: options.text("table") ?? "preds"))
    try output.commit()
    return .done
  }
}
