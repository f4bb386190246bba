package import FairpostFiles
internal import FairpostMethods
package import FairpostPipeline
package import FairpostSettings

/// A map over an input, whose columns are found before anything is written.
package struct MapApplication {
  private let filter: ApplyFilter
  private let input: Input
  private let known: KnownValues?

  /// The columns that a map reads.
  package static func columns(_ map: MapFile) -> [String] {
    map.adjustment.scoreColumns + map.adjustment.groupColumns.joined()
      + [map.adjustment.idColumn].compactMap { $0 }
  }

  /// The columns that a map writes.
  package static func written(_ map: MapFile, wantsSteps: Bool) -> [String] {
    ApplyFilter.columnNames(
      scores: map.adjustment.scoreColumns, groups: map.adjustment.groupColumns,
      wantsSteps: wantsSteps, outputs: map.adjustment.outputColumns(of:))
  }

  /// Looks up the columns the map needs.
  ///
  /// - Parameter values: what the map makes of the input's records, where that is known.
  package init(
    _ map: MapFile, to input: Input, knowing values: KnownValues? = nil, wantsSteps: Bool,
    _ voice: SettingVoice
  ) throws {
    filter = try ApplyFilter(
      map.adjustment, input, seed: map.adjustment.seed, wantsSteps: wantsSteps, voice,
      known: values)
    self.input = input
    known = values
  }

  /// Writes the rows with the new columns behind them; the output is not yet committed.
  ///
  /// - Parameter flag: a column that says what was done to each row.
  package func run(
    writing output: OutputFile, flag: String?, overwrite: Bool, progress: ProgressBar? = nil
  ) throws -> Tally {
    let tally = try input.filter(
      filter, to: output, flagColumn: flag, overwrite: overwrite, progress: progress)
    if let known, tally.records != known.count { throw KnownValues.changed(input.name) }
    return tally
  }
}

extension MapApplication {
  /// Serves clients with a map, read again when it is asked for.
  package static func serve(
    _ service: ServiceSettings, _ settings: InputSettings, _ policies: PolicyOverrides,
    path: String, wantsSteps: Bool, flag: String?, overwrite: Bool, _ console: Console
  ) throws {
    try SocketService(
      service, settings, flag: flag, overwrite: overwrite,
      load: { try policies.applied(to: try MapFile(path: path), named: path).map },
      columns: { columns($0) + written($0, wantsSteps: wantsSteps) },
      make: { map, input in
        try ApplyFilter(
          map.adjustment, input, seed: map.adjustment.seed, wantsSteps: wantsSteps, .command)
      }
    ).run(console)
  }
}
