internal import FairpostComparison
internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline

/// Where a comparison's results go.
struct ComparisonOutputs {
  private let results: OutputFile
  private let isFile: Bool
  private let format: String
  private let cells: OutputFile?
  private let costs: OutputFile?
  private let width: Int?

  /// Opens the files, so that one that cannot be made is found out before the work.
  init(_ options: ParsedOptions) throws {
    results = try OutputFile.open(options.text("output"))
    width = options.integer("width")
    isFile = options.text("output").map { $0 != "-" } ?? false
    format =
      options.choice("format") ?? (!isFile && results.isTerminal ? "table" : "csv")
    cells = try options.text("cells").map { try OutputFile.open($0) }
    costs = try options.text("costs").map { try OutputFile.open($0) }
  }

  func write(_ table: ResultTable, isQuiet: Bool) throws {
    let width = width ?? (isFile ? OutputFile.standard.columns : results.columns)
    let aligned = { ResultText(table: table, style: .aligned, width: width).text() }
    switch format {
    case "table": try results.write(aligned())
    case "md": try results.write(ResultText(table: table, style: .markdown).text())
    default: try results.write(try ResultCSV.bytes(table))
    }
    try results.commit()
    if let cells {
      try cells.write(try ResultCSV.cells(table))
      try cells.commit()
    }
    if let costs {
      try costs.write(ResultCSV.costs(table))
      try costs.commit()
    }
    // A file keeps the figures; the answer is for whoever asked.
    if isFile, format == "csv", !isQuiet { try OutputFile.standard.write(aligned()) }
  }
}
