internal import FairpostLearning

/// What a log and a summary say of learning with rows' weights.
struct ReweightWords {
  private let request: TrainingRequest
  private let settings: ReweightSettings
  private let cells: ValidationCells?
  private let cellNames: [String]
  private let playerNames: [String]

  init(
    _ request: TrainingRequest, _ cells: ValidationCells?, _ settings: ReweightSettings,
    labels: [String]
  ) {
    self.request = request
    self.cells = cells
    self.settings = settings
    cellNames =
      cells?.cells.map { cell in
        let group = request.groupName(cell.group)
        return labels.count == 1 ? group : "\(group).\(labels[cell.label])"
      } ?? []
    let groups = cells?.groups.map { request.groupName($0) } ?? []
    var isByGroup = settings.players == .group
    if case .parameters = settings.rule { isByGroup = false }
    playerNames = isByGroup ? groups : cellNames
  }

  private var bargains: Bool {
    switch settings.rule {
    case .bargain, .parameters: true
    case .base, .largest: false
    }
  }

  /// An epoch's line of the log.
  func line(_ epoch: ReweightEpoch) -> TrainingLogLine {
    var figures: [(name: String, value: Double)] = [("training_loss", epoch.trainingLoss)]
    guard let cells else {
      return TrainingLogLine(
        step: epoch.number, figures: figures + [("nonzero_weights", epoch.nonzero)])
    }
    figures.append(("validation_loss", Self.mean(epoch.cellLosses)))
    figures.append(("bargaining", epoch.bargains ? 1 : 0))
    figures.append(("conflict_before", epoch.conflictsBefore))
    figures.append(("conflict", epoch.conflicts))
    figures.append(("feasible", epoch.feasible))
    figures.append(("nonzero_weights", epoch.nonzero))
    for (place, group) in cells.groups.enumerated() {
      figures.append(
        ("loss.\(request.groupName(group))", cells.byGroup(epoch.cellLosses)[place]))
    }
    for (place, name) in playerNames.enumerated() where bargains {
      figures.append(
        ("alpha.\(name)", place < epoch.agreed.count ? epoch.agreed[place] : .nan))
    }
    for (place, name) in cellNames.enumerated() {
      func value(_ values: [Double]) -> Double { place < values.count ? values[place] : .nan }
      if cellNames.count > cells.groups.count {
        figures.append(("loss.\(name)", value(epoch.cellLosses)))
      }
      figures.append(("utility.\(name)", value(epoch.utilities)))
      figures.append(("utility_clipped.\(name)", value(epoch.utilitiesAfter)))
    }
    return TrainingLogLine(step: epoch.number, figures: figures)
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  /// Figures of the summary.
  func figures(_ epochs: [ReweightEpoch]) -> [(name: String, value: Double)] {
    guard cells != nil else { return [] }
    let first = epochs.filter(\.bargains)
    let second = epochs.filter { !$0.bargains }
    var figures: [(name: String, value: Double)] = []
    if !first.isEmpty {
      figures += [
        ("epochs with bargaining", Double(first.count)),
        (
          "share of their minibatches in which the groups agreed",
          Self.mean(first.map(\.feasible))
        ),
        (
          "share of them in which \(settings.base.rawValue) would raise some player's loss",
          Self.mean(first.map(\.conflictsBefore))
        ),
        (
          "share of them in which the direction taken raises some player's loss",
          Self.mean(first.map(\.conflicts))
        ),
      ]
    }
    if !second.isEmpty {
      let name =
        first.isEmpty
        ? "share of minibatches in which \(settings.base.rawValue) raises some player's loss"
        : "share of minibatches after bargaining in which \(settings.base.rawValue) raises some player's loss"
      figures.append((name, Self.mean(second.map(\.conflicts))))
    }
    return figures
  }

  /// What the published method is known to fail by, where it shows.
  ///
  /// - Parameter before: the cells' losses before training.
  func observations(_ epochs: [ReweightEpoch], before: [Double]) -> [TrainingObservation] {
    let first = epochs.filter(\.bargains)
    guard let cells, let last = first.last else { return [] }
    var found: [TrainingObservation] = []
    let agreed = Self.mean(first.map(\.feasible))
    if agreed < 0.5 { found.append(.seldomAgreed(share: agreed)) }
    let start = Self.mean(before)
    let end = Self.mean(last.cellLosses)
    if first.count >= 5, end > 0.99 * start { found.append(.plateau(first: start, last: end)) }
    let byPlayer = { (losses: [Double]) in
      playerNames.count == cellNames.count ? losses : cells.byGroup(losses)
    }
    for (place, losses) in zip(byPlayer(before), byPlayer(last.cellLosses)).enumerated()
    where losses.1 > losses.0 {
      found.append(
        .stillLosing(player: playerNames[place], before: losses.0, after: losses.1))
    }
    return found
  }
}
