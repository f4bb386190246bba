internal import FairpostAdjusting
internal import FairpostFiles
internal import FairpostJSON
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostSettings

/// A fitted adjustment: it makes scores fair to groups, one record at a time.
///
///     let map = try FairMap.fit(.file("calibration.csv"), Columns(scores: ["p"], groups: ["sex"]))
///     let fair = try map.apply(to: .table(new)).numbers("p.fair")
///     try map.save(to: "sex.map")
///
/// What comes out for a record depends on the map and that record alone.
public struct FairMap: Sendable {
  private let file: MapFile
  /// What the fit has to say: rows left out, groups that are small, what was pooled.
  public let notes: [String]

  /// The adjustments there are, with their settings.
  public static var methods: [MethodDescription] {
    adjustmentMethods.map { MethodDescription($0) }
  }

  /// Fits a map to calibration records, which the model was not trained on.
  ///
  /// - Parameters:
  ///   - records: the calibration records.
  ///   - columns: the score columns and the sensitive attributes; labels where the method needs them.
  ///   - method: the name of an adjustment; see ``methods``.
  ///   - settings: what is set of the method.
  ///   - seed: the seed of what is random, keyed by the record's id.
  public static func fit(
    _ records: Records, _ columns: Columns, method: String = "wasserstein",
    settings: Settings = [:], seed: Int = defaultSeed
  ) throws(FairpostError) -> FairMap {
    try answering {
      let roles = columns.roles
      let fit = try MapFit(
        method, given: settings.given, roles, seed: UInt64(bitPattern: Int64(seed)),
        options: provenance(columns, settings, seed), .library)
      let input = try records.input()
      let listener = Listener()
      let map = try fit.map(
        of: input, scores: try ScoreColumns.names(roles, in: input), certificate: true,
        listener.console)
      return FairMap(file: map, notes: listener.notes)
    }
  }

  /// What the map tells of how it was asked for, as the program's options.
  private static func provenance(
    _ columns: Columns, _ settings: Settings, _ seed: Int
  ) -> [(name: String, value: String)] {
    var options = settings.given
    options += columns.groups.map { ("group", $0.columns.joined(separator: ",")) }
    options += columns.scores.map { ("score", $0) }
    options += columns.tasks.map { ("task", $0) }
    if let id = columns.id { options.append(("id", id)) }
    switch columns.weight {
    case nil: break
    case .survey(let column): options.append(("weight", column))
    case .frequency(let column): options.append(("frequency", column))
    }
    if seed != defaultSeed { options.append(("seed", String(seed))) }
    // Repeated options keep their order.
    return options.enumerated().sorted {
      ($0.element.name, $0.offset) < ($1.element.name, $1.offset)
    }
    .map(\.element)
  }

  /// The score columns it adjusts.
  public var scoreColumns: [String] { file.adjustment.scoreColumns }
  /// The columns that it writes, in order.
  public var outputColumns: [String] {
    scoreColumns.flatMap { file.adjustment.outputColumns(of: $0) }
  }
  /// The columns of each sensitive attribute.
  public var groupColumns: [[String]] { file.adjustment.groupColumns }
  /// The method that made it.
  public var method: String { file.method }
  /// What is in it, in words and numbers: what `fairpost inspect` shows.
  public var description: String { file.adjustment.description() }

  /// Reads a map that was saved here or by the program.
  ///
  /// - Parameter path: the file.
  public init(contentsOf path: String) throws(FairpostError) {
    self = try answering { FairMap(file: try MapFile(path: path), notes: []) }
  }

  private init(file: MapFile, notes: [String]) {
    self.file = file
    self.notes = notes
  }

  /// Writes the map, whole or not at all.
  ///
  /// - Parameter path: the file.
  public func save(to path: String) throws(FairpostError) {
    try answering {
      let output = try OutputFile.open(path)
      try output.write(try file.bytes())
      try output.commit()
    }
  }

  /// Adjusts records: the rows of a table with the fair columns behind them, or of a file those
  /// columns alone.
  ///
  /// A value is NaN where the map leaves a row out.
  ///
  /// - Parameter records: the records, with the map's score and group columns.
  public func apply(to records: Records) throws(FairpostError) -> Table {
    try answering {
      let input = try records.input()
      let filter = try ApplyFilter(
        file.adjustment, input, seed: file.adjustment.seed, wantsSteps: false, .library)
      let columns = try input.values(of: filter).columns
      return try records.appending(filter.columnNames, columns)
    }
  }

  /// Adjusts a CSV file into another, whole or not at all; every other column passes as it came.
  ///
  /// - Parameters:
  ///   - records: the records, with the map's score and group columns.
  ///   - path: the file to write.
  ///   - overwrite: whether columns that exist may be replaced.
  public func apply(
    to records: Records, writing path: String, overwrite: Bool = false
  ) throws(FairpostError) {
    try answering {
      let application = try MapApplication(
        file, to: try records.input(), wantsSteps: false, .library)
      let output = try OutputFile.open(path)
      _ = try application.run(writing: output, flag: nil, overwrite: overwrite)
      try output.commit()
    }
  }

  /// What `verify` found of a file that claims to be adjusted.
  public struct Verification: Sendable, Equatable {
    /// A value that is not what the map gives.
    public struct Difference: Sendable, Equatable {
      /// Its line, the header's being 1.
      public let line: Int
      /// Its column.
      public let column: String
      /// What stands there.
      public let found: String
      /// What the map gives; empty for none.
      public let wanted: String
    }

    /// How many values differ.
    public let count: Int
    /// How many rows were compared.
    public let rows: Int
    /// The first that differ.
    public let differences: [Difference]
    /// Whether there was something to compare, and all of it agrees.
    public var agrees: Bool { count == 0 && rows > 0 }
  }

  /// Derives every adjusted value again and compares it to the last bit.
  ///
  /// - Parameters:
  ///   - records: what claims to be adjusted.
  ///   - limit: how many differences to list.
  public func verify(
    _ records: Records, listing limit: Int = 10
  ) throws(FairpostError) -> Verification {
    try answering {
      let found = try MapVerification(
        file, named: "map", try records.input(), listing: limit, .library)
      return Verification(
        count: found.count, rows: found.compared,
        differences: found.listed.map {
          Verification.Difference(
            line: $0.line, column: $0.column, found: $0.found, wanted: $0.wanted)
        })
    }
  }
}

/// The seed that holds where none is given, as in the program.
public let defaultSeed = 20_260_101

extension Records {
  /// A table with new columns; of a file the new columns alone.
  func appending(_ names: [String], _ columns: [[Double]]) throws -> Table {
    var result = try Table([:])
    if case .table(let table) = self { result = table }
    for (name, values) in zip(names, columns) { try result.append(name, .numbers(values)) }
    return result
  }
}

/// Keeps what a run says.
final class Listener: Sendable {
  private let said = Guarded<[String]>([])
  let console: Console

  init() {
    let said = said
    console = Console(listener: { text in said.withLock { $0.append(text) } })
  }

  var notes: [String] { said.withLock { $0 } }
}
