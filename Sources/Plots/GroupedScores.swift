internal import FairpostCharts
internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
internal import FairpostTransport

/// The scores of a stream by group, read as `evaluate` reads them.
package struct GroupedScores {
  /// One score column under one attribute.
  struct Sheet {
    /// The score column, with the attribute where there are several.
    let title: String
    /// The task's name.
    let task: String
    /// What the task's labels are.
    let kind: TaskKind
    /// The groups that are drawn: the largest, in the order of their names.
    let groups: [Group]
  }

  /// The rows of one group.
  struct Group {
    let series: Int
    var scores: [Double] = []
    /// The labels; NaN where missing, empty where there are none.
    var labels: [Double] = []
    var weights: [Double] = []
  }

  /// A picture for each score and attribute.
  let sheets: [Sheet]
  /// The names of the groups that are drawn, by series.
  let names: [String]
  /// What was read, in a sentence.
  let words: String
  /// What a reader of the figure must know.
  let notes: [String]
  /// The digest of the records.
  package let digest: String
  /// The least and greatest score; 0 to 1 where all lie there.
  let range: (low: Double, high: Double)

  /// The rows that a report draws; of more a share.
  private static let mostRows = 1_000_000

  /// The largest groups of each attribute that are drawn.
  static let most = 8

  private let input: String

  /// Refuses rows of which nothing can be drawn.
  func refuseEmpty() throws(Failure) {
    guard range.low <= range.high else {
      throw Failure(.badData, "\(input): no row has both a score and a group: nothing to draw")
    }
  }

  package init(_ source: PictureSource) throws {
    let input = try source.input()
    let plan = try EvaluationPlan(source.request, input)
    let weight = try WeightColumn(source.request.roles, input)
    let reader = EvaluationReader(
      plan: plan, settings: .init(isNeeded: false), weight: weight, seed: source.request.seed)
    let share = source.rows.map { min(1, Double(Self.mostRows) / Double(max($0, 1))) } ?? 1
    let reading = try reader.read(input, progress: nil, wantsDigest: true, share: share)
    digest = reading.digest
    let data = reading.data
    source.console.summary(reading.tally, reading.notes)
    let weights: [Double] =
      switch data.weights {
      case .none: []
      case .survey(let values): values
      case .frequencies(let values): values.map { Double($0) }
      }
    // Without an attribute all rows are one group.
    let attributes =
      data.attributes.isEmpty
      ? [
        Grouping(
          columns: [], keys: [GroupKey(["all rows"])], codes: .init(repeating: 0, count: data.count)
        )
      ]
      : data.attributes
    var sheets: [Sheet] = []
    var names: [String] = []
    var notes: [String] = []
    var low = Double.infinity
    var high = -Double.infinity
    for task in data.tasks {
      for score in task.scores where !score.values.isEmpty && score.kind != .constant {
        for attribute in attributes {
          var counts = [Int](repeating: 0, count: attribute.keys.count)
          for code in attribute.codes where code >= 0 { counts[Int(code)] += 1 }
          let chosen = counts.indices.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
            .prefix(Self.most).sorted()
          let column = attribute.columns.joined(separator: ",")
          let minimum = source.request.minimumCell
          let small = chosen.filter { counts[$0] < minimum }
          if !small.isEmpty {
            let words = "\(column): groups of fewer than \(minimum) rows are not drawn"
            if !notes.contains(words) { notes.append(words) }
          }
          if chosen.count < counts.count {
            let words =
              "\(column): the \(chosen.count) largest of \(Console.grouped(counts.count)) groups are drawn"
            if !notes.contains(words) { notes.append(words) }
          }
          var places = [Int](repeating: -1, count: counts.count)
          var groups: [Group] = []
          for code in chosen where counts[code] >= minimum {
            let key = attribute.keys[code].description
            let name = attributes.count > 1 ? "\(column)=\(key)" : key
            let series = names.firstIndex(of: name) ?? names.count
            if series == names.count { names.append(name) }
            places[code] = groups.count
            groups.append(Group(series: series))
          }
          for row in 0..<data.count {
            let value = score.values[row]
            let code = attribute.codes[row]
            guard code >= 0, value.isFinite, places[Int(code)] >= 0 else { continue }
            let weight = weights.isEmpty ? 1 : weights[row]
            guard weight > 0 else { continue }
            let place = places[Int(code)]
            groups[place].scores.append(value)
            groups[place].weights.append(weight)
            if !task.labels.isEmpty { groups[place].labels.append(task.labels[row]) }
            low = min(low, value)
            high = max(high, value)
          }
          let title = attributes.count > 1 ? "\(score.name) by \(column)" : score.name
          sheets.append(
            Sheet(
              title: title, task: task.name, kind: task.kind,
              groups: groups.filter { !$0.scores.isEmpty }))
        }
      }
    }
    self.input = input.name
    for sheet in sheets {
      for group in sheet.groups where group.scores.count < 30 {
        let count = group.scores.count
        let words = "\(names[group.series]) has only \(count) row\(count == 1 ? "" : "s")"
        if !notes.contains(words) { notes.append(words) }
      }
    }
    if share < 1 {
      notes.append(
        "drawn from \(Console.grouped(data.count)) of \(Console.grouped(source.rows ?? 0)) rows, chosen at random by a hash"
      )
    }
    self.sheets = sheets
    self.names = names
    self.notes = notes
    range = low >= 0 && high <= 1 && low <= high ? (0, 1) : (low, high)
    let by = attributes.map { $0.columns.joined(separator: ",") }.filter { !$0.isEmpty }
    words =
      "\(Console.grouped(data.count)) rows of \(input.name)"
      + (by.isEmpty ? "" : ", groups of \(by.joined(separator: " and "))")
      + (weight.map { ", counted by \($0.column.name)" } ?? "")
  }
}
