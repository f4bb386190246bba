package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostSettings
internal import FairpostText
internal import FairpostTransport

/// The words for what a fit refuses.
extension AdjustmentError {
  /// The failure a command ends with.
  ///
  /// - Parameter voice: who speaks of the settings.
  package func failure(input name: String, _ voice: SettingVoice) -> Failure {
    switch self {
    case .noRecords(let score):
      return Failure(
        .badData, "\(name): column \"\(score)\": no record has both a score and a group")
    case .smallCells(let cells, let minimum):
      return Failure(
        .badData,
        "\(name): groups with fewer than \(minimum) records: \(Self.list(cells))",
        hint:
          "collect more, lower \(voice.name("min-group")), or choose \(voice.given("small-cell", "pool")) or marginal"
      )
    case .singletons(let cells):
      return Failure(
        .badData, "\(name): groups of a single record: \(Self.list(cells))",
        hint:
          "one record does not show a distribution; \(voice.given("allow-singletons", "")) fits such groups anyway"
      )
    case .missingGroups(let rows):
      return Failure(
        .badData, "\(name): \(rows) record\(rows == 1 ? " has" : "s have") no group",
        hint: "choose \(voice.given("missing-group", "own")), pool, pass or drop")
    case .badScores(let score, let rows):
      return Failure(
        .badData,
        "\(name): column \"\(score)\": \(rows) score\(rows == 1 ? " lies" : "s lie") outside \(voice.name("range"))"
      )
    case .badWeights(let rows):
      return Failure(
        .badData,
        "\(name): \(rows) weight\(rows == 1 ? " is" : "s are") missing, negative or not whole")
    case .needsKeys(let setting, let value):
      let what = value.map { voice.given(setting, $0) } ?? voice.name(setting)
      return Failure(
        .usage, "\(what) needs the records' ids: name their column with \(option: "id") COL")
    case .setting(let fault):
      let error = fault.usage(voice)
      return Failure(.usage, error.message, hint: error.hint)
    case .noAttribute: return Failure(.usage, "name a sensitive attribute: \(option: "group") COL")
    case .tooManyAttributes(let limit, let method):
      let what = limit.setting.map { voice.subject($0) } ?? method
      let most = limit.most == 1 ? "one attribute" : "\(limit.most) attributes"
      return Failure(
        .usage, "\(what) works on \(most): combine the columns, as in \(option: "group") sex,race")
    case .noLabels(let setting, let value):
      return Failure(.usage, "\(voice.given(setting, value)) needs labels (\(option: "task"))")
    case .classScore(let score):
      return Failure(
        .usage,
        "column \"\(score)\" is the score of one class of several: thresholds are for binary tasks"
      )
    case .noProbabilities(let score, let lower, let upper):
      return Failure(
        .badData,
        "\(name): column \"\(score)\": the scores lie between \(NumberText.text(lower)) and \(NumberText.text(upper)), not between 0 and 1: the default threshold of 0.5 cannot decide",
        hint:
          "\(voice.given("fix", "GROUP=T")) sets the threshold of one group yourself (without \(voice.name("grid")))"
      )
    case .needsLots(let share):
      return Failure(
        .usage,
        "the best decisions within the limits draw \(NumberText.text((share * 1000).rounded() / 10))% of the records at random, by the record's id: name its column with \(option: "id") COL",
        hint: "the same id always gets the same answer")
    case .needsRecordID(let words):
      return Failure(
        .usage,
        "\(words): random draws follow the record's id: name its column with \(option: "id") COL",
        hint: "the same id always gets the same answer")
    case .cannotPromise(let score, let rate, let tolerance, let least):
      let shown = NumberText.text((least * 1e4).rounded(.up) / 1e4)
      let factor = tolerance > 0 ? ((least / tolerance) * (least / tolerance)).rounded(.up) : 0
      return Failure(
        .undecided,
        "\(name): column \"\(score)\": the groups are too small to promise that the \(rate) of new records are at most \(NumberText.text(tolerance)) apart: the smallest tolerance that can be promised is \(shown)",
        hint: factor > 1
          ? "about \(NumberText.text(factor)) times as many records of each group would be enough"
          : "give a tolerance (\(voice.name("tolerance")))")
    case .notProved(let score, let gap):
      return Failure(
        .internalFault,
        "\(name): column \"\(score)\": the best decisions were found but not proved to be the best: another rule could be better by up to \(NumberText.text(gap))"
      )
    case .transport(.emptyGroup, let score):
      return Failure(
        .badData, "\(name): column \"\(score)\": a group has no record left to fit from")
    case .transport(.fractionalWeights(let estimator), _):
      return Failure(
        .usage,
        "\(voice.given("estimator", estimator.rawValue)) works with whole weights only (\(option: "frequency"))"
      )
    case .transport(.targetBelowFloor(let target, let floor), let score):
      return Failure(
        .badData,
        "\(name): column \"\(score)\": \(voice.given("target-w2", NumberText.text(target))) is below the floor \(NumberText.text(floor)) that tied scores leave",
        hint: "\(voice.given("ties", "random")) (with \(option: "id")) spreads ties")
    case .noGroupWeight(let key):
      return Failure(
        .badData, "\(voice.name("group-weights-file")) has no weight for group \(key)")
    case .unusable(let words): return Failure(.badData, "\(name): \(words)")
    case .cannotMerge(let words): return Failure(.badData, "\(words)")
    }
  }

  private static func list(_ cells: [CellCount]) -> String {
    let shown = cells.prefix(12).map { cell in
      "\(cell.keys.map(\.description).joined(separator: " / ")) (\(cell.rows))"
    }
    return shown.joined(separator: ", ") + (cells.count > 12 ? " and \(cells.count - 12) more" : "")
  }
}
