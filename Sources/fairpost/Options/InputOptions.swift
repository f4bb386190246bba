internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

extension InputSettings {
  /// The settings a command line gives.
  init(_ options: ParsedOptions) throws(UsageError) {
    self.init()
    if let text = options.text("delimiter") { delimiter = try OptionText.delimiter(text) }
    hasDecimalCommas = options.text("decimal") == "comma"
    files = options.operands
    if let text = options.text("shard") {
      let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let part = numbers[0], let parts = numbers[1], part >= 1,
        parts >= part, parts <= 1_000_000
      else { throw UsageError("--shard \(text): expected I/N, such as 1/4 for the first of four") }
      shard = (part, parts)
    }
    let names = options.text("columns").map { columnNames($0) }
    if options.has("no-header") {
      guard let names else {
        throw UsageError("--no-header needs the columns' names: --columns a,b,c")
      }
      if names.isEmpty { throw UsageError("--columns names no column") }
      columns = names
    } else if names != nil {
      throw UsageError("--columns needs --no-header")
    }
    missing = Set(options.texts("missing").map { ByteText($0) })
    badRows = options.choice("on-bad-row") ?? .fail
    maximumBad = options.integer("max-bad")
    rejects = options.text("rejects")
    if rejects != nil || maximumBad != nil, badRows != .skip {
      let name = rejects != nil ? "--rejects" : "--max-bad"
      if maximumBad == nil || rejects != nil || badRows == .fail {
        throw UsageError("\(name) needs --on-bad-row skip")
      }
    }
    if options.has("error-column"), badRows != .report {
      throw UsageError("--error-column needs --on-bad-row report")
    }
    errorColumn = badRows == .report ? options.text("error-column") ?? "error" : nil
    switch (options.text("join"), options.text("on")) {
    case (let path?, let key?): join = (path, key)
    case (nil, nil): break
    default: throw UsageError("--join FILE and --on COL need each other")
    }
    for text in options.texts("bin") {
      let (column, values) = try OptionText.assignment(text, option: "bin")
      var cuts: [Double] = []
      for value in values {
        guard case .number(let cut) = NumberText.parse(Array(value.utf8)) else {
          throw UsageError("--bin \(text): \"\(value)\" is not a number")
        }
        if let last = cuts.last, last >= cut { throw UsageError("--bin \(text): cuts must ascend") }
        cuts.append(cut)
      }
      bins[column] = cuts
    }
    for text in options.texts("rows") {
      let (column, values) = try OptionText.assignment(text, option: "rows")
      rows.append((column, Set(values.map { ByteText($0) })))
    }
    threads = options.integer("threads") ?? Parallel.cores
    isUnbuffered = options.has("unbuffered")
    let ofCSV = ["delimiter", "no-header", "columns", "decimal", "shard", "join"]
    if options.text("lines") == "json", let other = ofCSV.first(where: { options.has($0) }) {
      throw UsageError("--lines json and --\(other) cannot be used together")
    }
  }

  /// The settings of a filter that others wait for, which reads and writes these columns.
  static func service(
    _ options: ParsedOptions, reads: [String], writes: [String], absentIsMissing: Bool = false
  ) throws(UsageError) -> InputSettings {
    if let name = ["unbuffered", "socket"].first(where: { options.has($0) }),
      options.text("on-bad-row") == "skip"
    {
      throw UsageError("--\(name) answers every line, so it cannot be used with --on-bad-row skip")
    }
    let settings = try InputSettings(options)
    guard options.text("lines") == "json" else { return settings }
    let written = writes + [options.text("flag"), settings.errorColumn].compactMap { $0 }
    return settings.reading(
      MemberSettings(
        reads: reads, writes: options.has("overwrite") ? [] : written,
        absentIsMissing: absentIsMissing))
  }
}

extension ServiceSettings {
  /// What a command line asks for; nil where it asks for no service.
  init?(_ options: ParsedOptions) throws(UsageError) {
    guard let path = options.text("socket") else {
      if let other = ["clients", "grace"].first(where: { options.has($0) }) {
        throw UsageError("--\(other) belongs to --socket")
      }
      return nil
    }
    if let other = ["output", "unbuffered", "progress", "threads"].first(where: { options.has($0) })
      ?? options.operands.first
    {
      throw UsageError(
        "--socket reads from clients and answers them: leave out \(options.operands.isEmpty ? "--" : "")\(other)"
      )
    }
    self.init(
      path: path, clients: options.integer("clients") ?? 128, grace: options.number("grace") ?? 5)
  }
}
