internal import FairpostAdjusting
internal import FairpostEvaluation
internal import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostSettings

/// `fairpost fit`: an adjustment map from calibration records.
enum FitCommand: Command {
  static let spec = CommandSpec(
    "fit", summary: "fit an adjustment map to calibration scores", usage: "[METHOD] [FILE]",
    examples: [
      Example(
        "fairpost fit --score p --group sex -o sex.map calibration.csv",
        "a map that takes the difference between the sexes out of the scores p"),
      Example(
        "fairpost fit --score p --group sex --group race --small-cell pool --id id -o both.map c.csv",
        "one attribute after the other"),
    ],
    details: [
      "Calibrate on records the model was not trained on: training scores spread wider than new ones, and the map would be wrong for those.",
      "Without labels, unless a method minimises what depends on them. The map is a JSON file; fairpost inspect reads it aloud.",
    ],
    memory:
      "Reads all records: 12 bytes a record and score, 8 for its key where there is an --id, and 16 a score while it sorts. The map keeps about --compress knots a group and those --value-error asks for, some 60 bytes each; with --exact every distinct score.",
    options: CalibrationReader.columns + [CommonOptions.seed] + CommonOptions.reader,
    operands: OperandSpec(
      .file, maximum: 1, methods: adjustmentMethods.map { MethodSpec($0) },
      defaultMethod: "wasserstein"),
    seeAlso: ["apply", "adjust", "inspect"], section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let method = try Fitting.method(options)
    let input = try Input(inputPath(options), try InputSettings(options))
    let bar = progressBar(options, input)
    let map = try Fitting.fit(
      method, input, options, console, certificate: true,
      scores: try ScoreColumns.names(options, in: input), progress: bar)
    let output = try OutputFile.open(options.text("output"))
    try output.write(try map.bytes())
    try output.commit()
    return .done
  }
}

/// Fitting, as `fit` and `adjust` share it.
enum Fitting {
  /// The method a command line names, under the settings it gives; no data is read for it.
  static func method(_ options: ParsedOptions) throws -> any AdjustmentMethod {
    guard let type = adjustmentMethods.first(where: { $0.info.name == options.method }) else {
      throw UsageError("there is no adjustment \"\(options.method ?? "")\"")
    }
    let attributes = options.columns("group").count
    let method: any AdjustmentMethod
    do { method = try type.init(given: options.given(for: type)) } catch {
      throw error.usage(.command)
    }
    guard attributes > 0 else { throw UsageError("name a sensitive attribute: --group COL") }
    do { try method.check(in: MethodContext(attributes: attributes)) } catch {
      throw error.usage(.command)
    }
    if let limit = method.attributeLimit, attributes > limit.most {
      throw AdjustmentError.tooManyAttributes(limit, method: method.info.name).failure(input: "")
    }
    if method.needsID, !options.has("id") {
      throw UsageError("what is random is drawn by the record: name its key with --id COL")
    }
    return method
  }

  /// Reads an input and fits a map to it.
  static func fit(
    _ method: any AdjustmentMethod, _ input: Input, _ options: ParsedOptions, _ console: Console,
    certificate: Bool, scores names: [String], progress: ProgressBar? = nil
  ) throws -> MapFile {
    let reading = try CalibrationReader.read(
      input, options, scores: names, method: method, certificate: certificate, progress: progress)
    return try fit(reading, method, names, input, options, console)
  }

  /// Fits to an input, and says what the map makes of its records where that is known already.
  ///
  /// What was sorted for the fit tells where every record goes; so the second reading need not look
  /// at scores and groups again. Not so if a record took no part, or needs a note.
  static func fitKnowing(
    _ method: any AdjustmentMethod, _ input: Input, _ options: ParsedOptions, _ console: Console,
    scores names: [String], progress: ProgressBar?
  ) throws -> (map: MapFile, values: KnownValues?) {
    var reading = try CalibrationReader.read(
      input, options, scores: names, method: method, certificate: false, progress: progress)
    if method.gainsFromSorting {
      reading.request.data.sortWithinGroups(threads: reading.request.threads)
    }
    let map = try fit(reading, method, names, input, options, console)
    guard reading.tally.skipped + reading.tally.passed + reading.tally.leftOut == 0 else {
      return (map, nil)
    }
    var columns: [[Double]] = []
    for score in names.indices {
      guard
        let values = map.adjustment.fittedValues(
          score: score, of: &reading.request.data, threads: reading.request.threads)
      else { return (map, nil) }
      columns.append(values)
    }
    return (map, KnownValues(columns: columns))
  }

  private static func fit(
    _ reading: CalibrationReader.Reading, _ method: any AdjustmentMethod, _ names: [String],
    _ input: Input, _ options: ParsedOptions, _ console: Console
  ) throws -> MapFile {
    do {
      let (adjustment, notes) = try method.fit(reading.request)
      console.summary(reading.tally, ["fitted \(names.joined(separator: ", "))"])
      for note in notes { console.note(note) }
      var provenance = MapFile.Provenance()
      provenance.options = MapFile.decisive(options)
      let digits = String(reading.request.digest, radix: 16)
      provenance.digest = String(repeating: "0", count: 16 - digits.count) + digits
      return MapFile(
        adjustment: adjustment, method: method.info.name, provenance: provenance)
    } catch let error as AdjustmentError {
      throw error.failure(input: input.name)
    }
  }
}
