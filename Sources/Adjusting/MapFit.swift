internal import FairpostCSV
package import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
package import FairpostSettings
internal import FairpostText

/// A fit before its data: the method, what the columns are for, and what the map will say of itself.
package struct MapFit {
  private let method: any AdjustmentMethod
  private let roles: RoleNames
  private let seed: UInt64
  /// What decides the result, as the map will tell it.
  private let options: [(name: String, value: String)]
  private let voice: SettingVoice
  /// The bytes that records may take as they stand; more are gathered in pieces.
  package var memory = 1 << 30

  /// Checks what can be checked without data.
  ///
  /// - Parameters:
  ///   - given: the settings of the method, by name.
  ///   - options: what decides the result, as the map will tell it.
  ///   - voice: who speaks of settings.
  package init(
    _ name: String, given: [(name: String, value: String)], _ roles: RoleNames, seed: UInt64,
    options: [(name: String, value: String)], _ voice: SettingVoice
  ) throws {
    guard let type = adjustmentMethods.first(where: { $0.info.name == name }) else {
      let names = adjustmentMethods.map { $0.info.name }
      let near = nearest(name, in: names)
      throw UsageError(
        "there is no adjustment \"\(name)\"",
        hint: near.map { "did you mean \"\($0)\"?" }
          ?? "it is one of \(names.joined(separator: ", "))")
    }
    do { method = try type.init(given: given) } catch { throw error.usage(voice) }
    self.roles = roles
    self.seed = seed
    self.options = options
    self.voice = voice
    let attributes = roles.groups.count
    guard attributes > 0 || !method.needsAttribute else {
      throw UsageError("name a sensitive attribute: \(option: "group") COL")
    }
    guard attributes == 0 || method.needsAttribute else {
      throw UsageError(
        "\(voice.subject("blind")) is for decisions that do not know the group: leave out \(option: "group")"
      )
    }
    do { try method.check(in: MethodContext(attributes: attributes)) } catch {
      throw error.usage(voice)
    }
    if let limit = method.attributeLimit, attributes > limit.most {
      throw AdjustmentError.tooManyAttributes(limit, method: method.info.name)
        .failure(input: "", voice)
    }
    if method.needsID, roles.id == nil {
      throw UsageError(
        "random draws follow the record's id: name its column with \(option: "id") COL")
    }
  }

  /// The columns that the map will write for these scores.
  package func columnNames(scores: [String], wantsSteps: Bool) -> [String] {
    ApplyFilter.columnNames(
      scores: scores, groups: roles.groups, wantsSteps: wantsSteps,
      outputs: method.outputColumns(of:))
  }

  /// The columns of numbers that are read: the scores, and what else the method takes.
  private func columns(_ scores: [String], _ input: Input) throws -> [String] {
    do { return try method.readColumns(scores, header: input.header.names) } catch {
      throw error.failure(input: input.name, voice)
    }
  }

  /// Reads an input and gathers what the fit needs of it.
  private func gather(
    _ input: Input, scores names: [String], certificate: Bool, progress: ProgressBar?
  ) throws -> GatheredFit {
    let gathered = Guarded(GatheredFit())
    let method = method
    do {
      try CalibrationReader.pieces(
        input, roles, seed: seed, scores: try columns(names, input), method: method,
        certificate: certificate, voice, memory: memory, progress: progress
      ) { reading in try gathered.withLock { try $0.take(reading, method) } }
    } catch let error as AdjustmentError {
      throw error.failure(input: input.name, voice)
    }
    return gathered.withLock { all in
      defer { all = GatheredFit() }
      return all
    }
  }

  /// Reads an input and fits a map to it.
  package func map(
    of input: Input, scores names: [String], certificate: Bool, _ console: Console,
    progress: ProgressBar? = nil
  ) throws -> MapFile {
    let gathered = try gather(
      input, scores: names, certificate: certificate, progress: progress)
    return try fit(gathered, names, input, console)
  }

  /// Reads an input and keeps what the fit of a whole needs of it.
  ///
  /// - Parameter minimumCell: the fewest records that anything kept may rest on.
  package func summary(
    of input: Input, scores names: [String], minimumCell: Int?, _ console: Console,
    progress: ProgressBar? = nil
  ) throws -> SummaryFile {
    guard method.merges else {
      throw UsageError(
        "the fits of \(method.info.name) do not merge: \(option: "summary") goes with wasserstein")
    }
    let gathered = try gather(input, scores: names, certificate: true, progress: progress)
    let kept: any FitSummary
    do {
      let all = try gathered.summary(method)
      kept =
        if let minimumCell { try all.coarsened(minimumCell: minimumCell) } else { all }
    } catch { throw error.failure(input: input.name, voice) }
    console.summary(gathered.tally, ["kept \(names.joined(separator: ", "))"])
    let hidden = gathered.records - gathered.tally.leftOut - kept.records
    if minimumCell != nil, hidden > 0 {
      console.note("\(Console.grouped(hidden)) records are in no combination that is large enough")
    }
    var provenance = MapFile.Provenance()
    provenance.options = options
    // The records' hashes would let a guess be checked.
    provenance.digest = MapFile.Provenance.digits(minimumCell == nil ? gathered.digest : 0)
    return SummaryFile(summary: kept, method: method.info.name, provenance: provenance)
  }

  /// Fits to an input, and says what the map makes of its records where that is known already.
  ///
  /// What was sorted for the fit tells where every record goes; so the second reading need not look
  /// at scores and groups again. Not so if a record took no part, or needs a note, or if there are too
  /// many records to hold.
  package func mapKnowing(
    _ input: Input, scores names: [String], _ console: Console, progress: ProgressBar?
  ) throws -> (map: MapFile, values: KnownValues?) {
    var gathered = try gather(input, scores: names, certificate: false, progress: progress)
    if method.gainsFromSorting { gathered.sortWithinGroups() }
    let map = try fit(gathered, names, input, console)
    let tally = gathered.tally
    guard tally.skipped + tally.passed + tally.leftOut == 0, var data = gathered.takeRecords()
    else { return (map, nil) }
    var columns: [[Double]] = []
    for score in names.indices {
      guard
        let values = map.adjustment.fittedValues(
          score: score, of: &data, threads: input.settings.threads)
      else { return (map, nil) }
      columns.append(values)
    }
    return (map, KnownValues(columns: columns))
  }

  private func fit(
    _ gathered: GatheredFit, _ names: [String], _ input: Input, _ console: Console
  ) throws -> MapFile {
    do {
      let (adjustment, notes) = try gathered.fit(method, threads: input.settings.threads)
      console.summary(gathered.tally, ["fitted \(names.joined(separator: ", "))"])
      for note in notes { console.note(note) }
      var provenance = MapFile.Provenance()
      provenance.options = options
      provenance.digest = MapFile.Provenance.digits(gathered.digest)
      return MapFile(
        adjustment: adjustment, method: method.info.name, provenance: provenance)
    } catch let error as AdjustmentError {
      throw error.failure(input: input.name, voice)
    }
  }
}
