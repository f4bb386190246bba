internal import FairpostExport
internal import FairpostFiles
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost export`: a map or a model as code.
enum ExportCommand: Command {
  static let spec = CommandSpec(
    "export", summary: "write a map or a model as Python, R or SQL",
    usage: "--to LANGUAGE FILE",
    examples: [
      Example(
        "fairpost export --to python sex.map -o sex_map.py", "write a module without dependencies"),
      Example(
        "fairpost export --to r income.model -o income.R", "write a model as a function of R"),
      Example(
        "fairpost export --to sql --table preds sex.map | duckdb scores.db",
        "the same script runs in DuckDB, SQLite and PostgreSQL"),
    ],
    details: [
      "Use it for systems that cannot call a program. The code follows every policy of the map: a status beside each result says passed, dropped, missing-score, or, where apply would stop with an error, refused and why. Only maps of wasserstein and threshold can be exported, without random ties and jitter, which depend on the record's id.",
      "A map's code gives the numbers of apply to the last bit. A model's code gives the scores of predict to 12 digits; as SQL, a layer may have 400 units.",
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
    let file = try AnyFile(path: path)
    let language: MapExport.Language = options.choice("to") ?? .python
    let table = options.text("table") ?? "preds"
    let code =
      switch file {
      case .map(let map): try MapExport.code(of: map, path: path, as: language, table: table)
      case .model(let model):
        try ModelExport.code(of: model, path: path, as: language, table: table)
      }
    let output = try OutputFile.open(options.text("output"))
    try output.write(code)
    try output.commit()
    return .done
  }
}
