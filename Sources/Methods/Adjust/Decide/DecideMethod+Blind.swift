internal import FairpostNumerics
internal import FairpostTransport

/// `decide --blind`: decisions without the group at hand.
extension DecideMethod {
  package func readColumns(_ scores: [String], header: [String]) throws(AdjustmentError) -> [String]
  {
    guard let blind = settings.blind else { return scores }
    guard scores.count == 1 else {
      throw AdjustmentError.setting(
        SettingFault("blind", blind.text, .unsuited("decides one score: name it with --score")))
    }
    do {
      return try scores
        + blind.columns(in: header, classes: ["0", "1"], without: scores).columns
    } catch { throw AdjustmentError.setting(error) }
  }

  package func recordFault(
    _ columns: [String]
  ) -> (@Sendable ([Double]) -> (score: Int, words: String)?)? {
    guard let blind = settings.blind, columns.count > 1 else { return nil }
    let others = Array(columns.dropFirst())
    let own = BlindColumns(
      scores: [columns[0]], others: others, kind: blind.isJoint ? .joint : .shares,
      groups: blind.isJoint ? others.count / 2 : others.count, classes: 2)
    return { values in own.fault(values).map { ($0.column, $0.words) } }
  }

  /// The limits in terms of decisions and labels.
  private var blindConstraints: [BlindConstraint] {
    settings.heldCriteria.flatMap { criterion in
      criterion.name.rates.map {
        BlindConstraint(decided: 1, given: $0.label, tolerance: criterion.limit ?? 0)
      }
    }
  }

  /// Fits to a score and the probabilities of groups.
  func fit(
    _ request: FitRequest, _ blind: BlindPattern
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let names = request.data.scores.map(\.name)
    guard let score = names.first else { throw AdjustmentError.noRecords(score: "") }
    if ScoreName.parts(score) != nil { throw AdjustmentError.classScore(score) }
    let found: (groups: [String], columns: [String])
    do {
      found = try blind.columns(in: names, classes: ["0", "1"], without: [score])
    } catch { throw AdjustmentError.setting(error) }
    let costs = settings.objective == .cost ? settings.costs : [0, 1, 1, 0]
    let problem = BlindProblem(
      groups: found.groups.count, classes: 2,
      loss: [Array(costs[0..<2]), Array(costs[2..<4])], constraints: blindConstraints)
    if problem.isJoint, !blind.isJoint {
      let name = settings.heldCriteria.first { $0.name.rates != [.selection] }?.name.rawValue
      throw AdjustmentError.setting(BlindPattern.needsJoint(name ?? ""))
    }
    let fit = BlindFit(
      columns: BlindColumns(
        scores: [score], others: Array(names.dropFirst()), kind: blind.isJoint ? .joint : .shares,
        groups: found.groups.count, classes: 2),
      output: Self.outputColumns(of: score)[0], classNames: nil, attribute: [blind.name],
      groups: found.groups.map { GroupKey([ByteText($0)]) }, problem: problem,
      isDeterministic: settings.isDeterministic)
    let (adjustment, notes) = try fit.fit(request)
    return (adjustment, notes)
  }
}
