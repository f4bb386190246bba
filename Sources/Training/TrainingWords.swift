package import FairpostLearning
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostSettings
internal import FairpostText

/// The words for what training refuses.
extension TrainingError {
  /// The failure a command ends with.
  ///
  /// - Parameters:
  ///   - groups: the groups' names by code.
  ///   - method: whose settings may be named; nil for a model that is adapted.
  ///   - voice: who speaks of them.
  package func failure(
    input name: String, groups: [String] = [], _ method: (any TrainingMethod)? = nil,
    _ voice: SettingVoice
  ) -> Failure {
    let known = method.map { type(of: $0).settingSpecs.map(\.name) } ?? ["rate"]
    /// Those of some settings that the method has, as they are called here.
    func settings(_ names: String...) -> [String] {
      names.filter(known.contains).map { voice.name($0) }
    }
    func members(_ own: Bool, of group: Int32) -> String {
      let named = Int(group) < groups.count ? "the group \(groups[Int(group)])" : "the group"
      return own ? "of \(named)" : "outside \(named)"
    }
    switch self {
    case .noRows: return Failure(.badData, "\(name): no row has a weight greater than 0")
    case .noLabels(let task):
      return Failure(.badData, "\(name): column \"\(task)\": no training row has a label")
    case .constantLabel(let task):
      return Failure(
        .badData, "\(name): column \"\(task)\": every training row has the same label",
        hint: "there is nothing to learn; check which rows are read, and the positive value")
    case .wrongParameterCount(let found, let expected):
      return Failure(
        .badModel, "\(option: "init") has \(found) parameters where this network has \(expected)",
        hint:
          "columns, \(option: "hidden") and tasks must be the same as when the weights were made")
    case .diverged(let epoch):
      return Failure(
        .badData, "\(name): the loss is no longer finite in epoch \(epoch)",
        hint:
          "lower the step size (\(settings("rate", "inner-rate", "outer-rate").joined(separator: ", ")))"
          + (settings("clip").first.map { " or set \($0)" } ?? ""))
    case .notFinite(let task):
      return Failure(
        .badData,
        "\(name): column \"\(task)\": the model's predictions or their loss are not finite numbers: it has diverged",
        hint:
          "lower the step size (\(settings("rate", "inner-rate", "outer-rate").joined(separator: ", ")))"
          + (settings("clip").first.map { " or set \($0)" } ?? "")
          + "; look for values that are far too large")
    case .linear(let task, let failure):
      return Failure(
        .badData, "\(name): column \"\(task)\": \(Self.words(failure))",
        hint: settings("penalty").first.flatMap { Self.hint(failure, penalty: $0) })
    case .emptyCell(let group, let isMember, let label):
      return Failure(
        .badData,
        "\(name): no training row \(members(isMember, of: group)) has the label \(label)",
        hint: "this support rule needs rows of both groups with both labels")
    case .shareTooLarge(let group, let isMember, let largest):
      let most = NumberText.text((largest * 1e4).rounded(.down) / 1e4)
      return Failure(
        .usage,
        "\(voice.subject("support")): there are not so many rows \(members(isMember, of: group)); the largest possible share is \(most)"
      )
    case .oneGroup:
      return Failure(.badData, "\(name): the training rows all belong to one group")
    case .tooFewEpisodes(_, let rowsNeeded):
      return Failure(
        .badData, "\(name): no task has \(rowsNeeded) rows or more",
        hint: "lower \(settings("min-task-rows", "shots").joined(separator: " or "))")
    case .needsOneBinaryTask:
      return Failure(.usage, "this method learns one binary task")
    case .needsOneTask:
      return Failure(.usage, "this method learns one task")
    case .undefinedObjective(let group, let label):
      let named = Int(group) < groups.count ? groups[Int(group)] : "\(group)"
      return Failure(
        .badData,
        "\(name): no training row of the group \(named) has the label \(label), so \(voice.name("objective")) has no value",
        hint: "choose an objective that does not use labels, such as dp, or collect such rows")
    case .unsuitedObjective(let measure):
      return Failure(
        .usage,
        "\(voice.given("objective", measure)) does not suit these labels",
        hint:
          "labels that are numbers have no eo and eodds; for classes only losses are compared: variance, ratio, minimax, loss"
      )
    case .frontOfManyGroups:
      return Failure(
        .usage, "\(voice.name("pareto")) needs two or three groups",
        hint: "select some of the rows, or name another attribute")
    case .noValidationCells:
      return Failure(
        .badData, "\(name): no validation row has a group and a label",
        hint:
          "this method needs validation rows with a known group: \(option: "validation") FILE, or name the sensitive column of the training rows"
      )
    case .oneValidationGroup:
      return Failure(
        .badData, "\(name): the validation rows all belong to one group",
        hint: "bargaining needs rows of at least two groups")
    case .emptyValidationCell(let group, let label):
      let named = Int(group) < groups.count ? groups[Int(group)] : "\(group)"
      return Failure(
        .badData,
        "\(name): no validation row of the group \(named) has the label \(label)",
        hint: settings("empty-cells").first.map { "\($0) skip leaves out such groups and labels" })
    }
  }

  private static func words(_ failure: LinearFit.Failure) -> String {
    switch failure {
    case .noRows: "no training row has a label"
    case .constantTarget: "every training row has the same label"
    case .separable: "the columns tell the labels apart perfectly, so the weights grow without end"
    case .singular: "some columns repeat each other, so the weights are not determined"
    case .notConverged(let iterations): "no solution after \(iterations) steps"
    }
  }

  private static func hint(_ failure: LinearFit.Failure, penalty: String) -> Message? {
    switch failure {
    case .separable, .singular: "a positive \(penalty) gives a solution"
    case .notConverged:
      "a larger \(penalty) is easier to solve; so are columns of like size (see \(option: "no-standardise"))"
    default: nil
    }
  }
}

extension TrainingObservation {
  /// The note for people.
  package var words: String {
    func text(_ value: Double) -> String { TrainingSummary.text(value) }
    return switch self {
    case .cellLeftOut(let group, let label):
      "WARNING: no validation row of the group \(group) has the label \(label): nothing protects such rows"
    case .fewDrawn(let group, let label, let rows):
      "only \(rows) validation row\(rows == 1 ? "" : "s") drawn from the group \(group) with the label \(label): there are too few such rows for more"
    case .validationRowsLeftOut(let rows):
      "validation rows without a group or a label, left out: \(Console.grouped(rows))"
    case .smallGroup(let group, let rows):
      "WARNING: only \(rows) training row\(rows == 1 ? "" : "s") of the group \(group), which counts as much as any other group: its influence is mostly chance"
    case .seldomAgreed(let share):
      "SELDOM AGREED: the groups agreed in only \(text(share)) of the minibatches with bargaining; in the others the base protocol decided"
    case .plateau(let first, let last):
      "PLATEAU: the validation loss hardly fell while the groups bargained, from \(text(first)) to \(text(last)): raise the rate, or bargain for longer"
    case .stillLosing(let player, let before, let after):
      "STILL LOSING: \(player) has the validation loss \(text(after)) after bargaining, which is no better than \(text(before)) before training"
    }
  }
}

extension EncodingError {
  /// The message for people.
  package var message: String {
    switch self {
    case .missingColumn(let name): "no column \"\(name)\""
    case .wrongKind(let column): "column \"\(column)\" is of another kind than in training"
    case .notFinite(let column, let row):
      "column \"\(column)\": row \(row + 1) is not a finite number"
    }
  }
}
