internal import FairpostAdjusting
internal import FairpostCSV
package import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostSettings
internal import FairpostText
internal import FairpostTransport

/// Why a map moved each score: a step for each sensitive attribute, in the map's order of them and,
/// with its calibration records, in every other.
///
/// What an attribute's step changes depends on which steps came before; the orders show how much.
package struct MapExplanation {
  /// A step of one record in one order.
  private struct Step {
    let row: Int
    let score: Int
    /// The order of attributes, an index into `orders`.
    let order: Int
    let attribute: String
    let before: Double
    let after: Double
  }

  private let names: [ByteText]
  private let scores: [String]
  private let orders: [[String]]
  private let steps: [Step]
  private let groups: [Grouping]
  private let map: MapFile
  private let scoreValues: [[Double]]
  /// What was read.
  package let tally: Tally

  /// Explains the map of a file for the rows of a stream.
  ///
  /// - Parameter calibration: the records the map was fitted to, for the other orders.
  package init(
    _ map: MapFile, _ input: Input, calibration: Input?, id: String?, seed: UInt64,
    _ console: Console
  ) throws {
    self.map = map
    let adjustment = map.adjustment
    guard !adjustment.readsTogether else {
      throw UsageError("a map that reads several columns together is not a step for each attribute")
    }
    var request = TableRequest()
    request.numbers = try input.columns(adjustment.scoreColumns)
    request.groups = try adjustment.groupColumns.map { try input.columns($0) }
    let key = try (id ?? adjustment.idColumn).map { try input.column($0) }
    if let key { request.texts = [key] }
    request.hashes = [(StableHash(seed: adjustment.seed, purpose: "record"), key)]
    let table = try input.table(request)
    guard table.count > 0 else { throw Failure(.badData, "\(input.name): there are no rows") }
    names =
      table.texts.first.map { text in
        text.codes.map { $0 < 0 ? ByteText("") : text.values[Int($0)] }
      } ?? (0..<table.count).map { ByteText(String($0 + 1)) }
    scores = adjustment.scoreColumns
    groups = table.groups
    tally = table.tally
    scoreValues = table.numbers
    var maps = [map]
    if let calibration {
      maps += try Self.otherOrders(map, calibration, console)
    }
    orders = maps.map { $0.adjustment.groupColumns.map { $0.joined(separator: ",") } }
    var steps: [Step] = []
    for (order, map) in maps.enumerated() {
      let adjustment = map.adjustment
      // The codes of the table in this map's order of attributes and keys.
      let codes = zip(adjustment.groupColumns, adjustment.groupKeys).map {
        columns, keys -> [Int32] in
        guard let own = table.groups.first(where: { $0.columns == columns }) else { return [] }
        var places: [[ByteText]: Int32] = [:]
        for (place, key) in keys.enumerated() { places[key] = Int32(place) }
        return own.codes.map { $0 < 0 ? -1 : places[own.keys[Int($0)].parts] ?? -2 }
      }
      for score in scores.indices {
        let batch = adjustment.apply(
          score: score, values: table.numbers[score], codes: codes,
          keys: adjustment.idColumn.map { _ in table.hashes[0] }, steps: true)
        let last = batch.columns.count - 1
        // Decisions are one step, whatever they are made of.
        let count = min(adjustment.groupColumns.count, batch.columns.count)
        for row in 0..<table.count {
          var before = table.numbers[score][row]
          for place in 0..<count {
            let after = batch.columns[place == count - 1 ? last : place][row]
            steps.append(
              Step(
                row: row, score: score, order: order, attribute: orders[order][place],
                before: before, after: after))
            before = after
          }
        }
      }
    }
    self.steps = steps
  }

  /// The same fit in every other order of the attributes.
  private static func otherOrders(
    _ map: MapFile, _ calibration: Input, _ console: Console
  ) throws -> [MapFile] {
    let groups = map.adjustment.groupColumns
    guard groups.count > 1 else { return [] }
    guard groups.count <= 4 else {
      throw UsageError("\(groups.count) attributes have too many orders: at most 4 are compared")
    }
    guard let type = adjustmentMethods.first(where: { $0.info.name == map.method }) else {
      return []
    }
    let known = Set(type.settingSpecs.map(\.name))
    let options = map.provenance.options
    if let list = options.first(where: { $0.name == "epsilon" && $0.value.contains(",") }) {
      throw UsageError("orders are compared under one epsilon, and the map has \(list.value)")
    }
    let own = options.filter { known.contains($0.name) }
    var others: [MapFile] = []
    for order in permutations(Array(groups.indices)) where order != Array(groups.indices) {
      var roles = RoleNames()
      roles.scores = map.adjustment.scoreColumns
      roles.groups = order.map { groups[$0] }
      roles.id = map.adjustment.idColumn
      for (name, isFrequency) in [("weight", false), ("frequency", true)] {
        if let column = options.first(where: { $0.name == name })?.value {
          roles.weight = .init(column, isFrequency: isFrequency)
        }
      }
      let fit = try MapFit(
        map.method, given: own, roles, seed: map.adjustment.seed, options: options, .command)
      // The records may be read once only from a pipe.
      let input = try Input(calibration.name, calibration.settings)
      others.append(
        try fit.map(
          of: input, scores: map.adjustment.scoreColumns, certificate: false,
          Console(command: "explain", isQuiet: true)))
    }
    return others
  }

  private static func permutations(_ items: [Int]) -> [[Int]] {
    guard let first = items.first else { return [[]] }
    return permutations(Array(items.dropFirst())).flatMap { rest in
      (0...rest.count).map { place in
        Array(rest[..<place]) + [first] + Array(rest[place...])
      }
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  // MARK: As CSV

  /// A line for each record, score, order and step.
  package func csv() -> [UInt8] {
    var bytes = Array("record,score,order,attribute,before,after,change\n".utf8)
    for step in steps {
      bytes += Self.fields([
        names[step.row].bytes, Array(scores[step.score].utf8),
        Array(orders[step.order].joined(separator: " > ").utf8), Array(step.attribute.utf8),
        Self.number(step.before), Self.number(step.after), Self.number(step.after - step.before),
      ])
    }
    return bytes
  }

  /// A line for each score, attribute and group: the mean change of its step, and how far the orders
  /// are apart.
  package func summary() -> [UInt8] {
    var bytes = Array(
      "score,attribute,group,records,mean_change,mean_size,least_over_orders,greatest_over_orders\n"
        .utf8)
    for score in scores.indices {
      for grouping in groups {
        let attribute = grouping.columns.joined(separator: ",")
        for code in [-1] + Array(grouping.keys.indices) {
          // The mean change of this attribute's step, order by order.
          var sums = [Double](repeating: 0, count: orders.count)
          var sizes = sums
          var counts = sums
          for step in steps
          where step.score == score && step.attribute == attribute
            && (code < 0 || grouping.codes[step.row] == Int32(code))
          {
            let change = step.after - step.before
            guard change.isFinite else { continue }
            sums[step.order] += change
            sizes[step.order] += abs(change)
            counts[step.order] += 1
          }
          guard counts[0] > 0 else { continue }
          let means = zip(sums, counts).filter { $0.1 > 0 }.map { $0.0 / $0.1 }
          bytes += Self.fields([
            Array(scores[score].utf8), Array(attribute.utf8),
            code < 0 ? [] : Array(grouping.keys[code].description.utf8),
            Array(String(Int(counts[0])).utf8), Self.number(means[0]),
            Self.number(sizes[0] / counts[0]), Self.number(means.min() ?? .nan),
            Self.number(means.max() ?? .nan),
          ])
        }
      }
    }
    return bytes
  }

  // MARK: In words

  /// A paragraph for each record, in words that can be sent to that person.
  package func sentences() -> String {
    var text = ""
    for row in names.indices {
      for score in scores.indices {
        let own = steps.filter { $0.row == row && $0.score == score && $0.order == 0 }
        text += "\(Shown.word(names[row].description)): \(sentence(own, row, score))\n"
      }
    }
    return text
  }

  private func sentence(_ steps: [Step], _ row: Int, _ score: Int) -> String {
    guard let first = steps.first, let last = steps.last, first.before.isFinite else {
      return "There is no score to explain."
    }
    guard last.after.isFinite else { return "No adjusted score could be made." }
    var words = "Your score was \(Self.short(first.before))."
    if steps.count == 1, let place = place(of: row, first.before, score) {
      words +=
        " \(place.lower) of 100 people of your group (\(named(first.attribute, row))) score lower. People at that place of their own group get \(Self.short(last.after)), whichever group they belong to."
    } else if steps.count > 1 {
      let parts = steps.map { step in
        "\(named(step.attribute, row)): \(Self.moved(step.after - step.before))"
      }
      words +=
        " It was brought in line with people at the same place of their own groups, one attribute after the other: \(parts.joined(separator: "; "))."
    }
    let change = last.after - first.before
    return words
      + (abs(change) < 0.0005
        ? " So it stays as it is."
        : " So it is \(Self.moved(change)): your score is now \(Self.short(last.after)).")
  }

  private func named(_ attribute: String, _ row: Int) -> String {
    guard let grouping = groups.first(where: { $0.columns.joined(separator: ",") == attribute }),
      grouping.codes[row] >= 0
    else { return "\(attribute) unknown" }
    return "\(attribute) \(Shown.word(grouping.keys[Int(grouping.codes[row])].description))"
  }

  /// How many of 100 calibration records of a record's group score lower.
  private func place(of row: Int, _ value: Double, _ score: Int) -> (lower: Int, rest: Int)? {
    let reference = map.adjustment.calibration(of: score)
    let codes = zip(map.adjustment.groupColumns, map.adjustment.groupKeys).map {
      columns, keys -> Int in
      guard let own = groups.first(where: { $0.columns == columns }), own.codes[row] >= 0 else {
        return -1
      }
      return keys.firstIndex(of: own.keys[Int(own.codes[row])].parts) ?? -1
    }
    guard let place = reference.codes.firstIndex(of: codes) else { return nil }
    let lower = Int((reference.distributions[place].cdfBelow(value) * 100).rounded())
    return (lower, 100 - lower)
  }

  private static func moved(_ change: Double) -> String {
    abs(change) < 0.0005
      ? "unchanged" : change > 0 ? "raised by \(short(change))" : "lowered by \(short(-change))"
  }

  private static func short(_ value: Double) -> String {
    abs(value) < 1000 ? NumberText.fixed(value, digits: 3) : NumberText.text(value.rounded())
  }

  private static func number(_ value: Double) -> [UInt8] {
    guard value.isFinite else { return [] }
    var bytes: [UInt8] = []
    NumberText.append(value, to: &bytes)
    return bytes
  }

  private static func fields(_ fields: [[UInt8]]) -> [UInt8] {
    let dialect = Dialect.comma
    return Array(fields.map { dialect.quoted($0) }.joined(separator: [0x2C])) + [0x0A]
  }
}
