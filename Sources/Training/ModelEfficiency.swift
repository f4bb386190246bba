package import FairpostFiles
internal import FairpostLearning
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostSettings
internal import FairpostText
internal import FairpostTransport

/// What `inspect` says of a linear model's efficiency on some rows.
package enum ModelEfficiency {
  /// A risk that is smaller by no more than this share is no gain.
  private static let least = 1e-6

  /// Whether another linear model is better for every group of the rows.
  package static func text(
    _ file: ModelFile, on input: Input, _ console: Console
  ) throws -> String {
    let model = file.model
    guard model.shape.hidden.isEmpty, model.conditions.isEmpty, model.tasks.count == 1 else {
      throw UsageError("\(option: "efficiency") is for linear models of one task")
    }
    guard let group = model.group, !group.columns.isEmpty else {
      throw UsageError(
        "\(option: "efficiency") compares groups, and the model was trained without a sensitive attribute",
        hint: "train it with \(option: "group") COL")
    }
    let (data, rows) = try ModelRows.read(
      model, input, ModelColumnPolicy(), console, group: group)
    guard let grouping = rows.group else {
      throw Failure(.badData, "\(input.name): no row has a group")
    }
    let used = (0..<data.rows).filter {
      data.groups[$0] >= 0 && !data.tasks[0].targets[$0].isNaN && data.weights[$0] > 0
    }
    let present = Set(used.map { data.groups[$0] }).sorted()
    guard present.count > 1 else {
      throw Failure(.badData, "\(input.name): the rows with a label all belong to one group")
    }
    let penalty = ridge(model, rows: file.rows)
    let risks = GroupRisks(
      inputs: data.inputs, features: data.features, loss: model.tasks[0].kind.loss,
      targets: data.tasks[0].targets, weights: data.weights,
      codes: data.groups.map { code in present.firstIndex(of: code) ?? -1 },
      groups: present.count, penalty: penalty, threads: input.settings.threads)
    let found: ParetoEfficiency
    do { found = try ParetoEfficiency(risks, model.parameters) } catch {
      throw TrainingError.linear(task: model.tasks[0].name, error)
        .failure(input: input.name, nil, .command)
    }
    let names = present.map { grouping.keys[Int($0)].description }
    func list(_ values: [Double]) -> String {
      zip(names, values).map { "\($0) \(TrainingSummary.text($1))" }.joined(separator: ", ")
    }
    var lines = [
      "efficiency on \(input.name): \(Console.grouped(used.count)) rows, groups of \(group.columns.joined(separator: ","))",
      "risk (mean loss, and the model's ridge \(NumberText.text(penalty))): \(list(found.risks))",
      "shortest mixture of the groups' gradients, over their mean length: \(TrainingSummary.text(found.stationarity))",
    ]
    let scale = found.risks.reduce(0, +) / Double(found.risks.count)
    if found.waste > least * max(scale, 1e-300) {
      lines.append(
        "WASTEFUL: another linear model has a smaller risk in every group, smaller by at least \(TrainingSummary.text(found.waste)): \(list(found.rival))"
      )
      lines.append("it minimises the groups' risks under the weights \(list(found.lambda))")
    } else {
      lines.append(
        "Pareto-efficient: no linear model with this ridge has a smaller risk in every group")
    }
    return Shown.page(lines)
  }

  /// The ridge beside a mean loss: as the bilevel methods have it, or that of a sum over the rows.
  private static func ridge(_ model: Model, rows: Int) -> Double {
    guard let text = model.options["penalty"], case .number(let penalty) = NumberText.parse(text)
    else { return 1e-9 }
    let isOfSum = model.method == "linear"
    return max(isOfSum ? penalty / Double(max(rows, 1)) : penalty, 1e-9)
  }
}
