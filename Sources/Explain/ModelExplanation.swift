internal import FairpostCSV
package import FairpostFiles
internal import FairpostLearning
package import FairpostNumerics
package import FairpostPipeline
internal import FairpostText
internal import FairpostTraining
internal import FairpostTransport

/// What is asked of an explanation of models.
package struct ExplanationRequest: Sendable {
  /// A file whose rows stand for absent features; nil for the rows that are explained.
  package var background: String?
  /// How many of them at most.
  package var backgroundRows = 100
  /// Features up to which values are exact; of more they are sampled.
  package var mostExact = 10
  /// Pairs of orders where they are sampled; nil for one for each background row.
  package var pairs: Int?
  /// Whether the model's own scale is explained (logits) in place of its scores.
  package var isOfLogits = false
  /// The column that names a record.
  package var id: String?
  /// The sensitive attributes.
  package var groups: [[String]] = []
  /// The seed of every random choice.
  package var seed: UInt64 = 0

  /// The usual explanation.
  package init() {}
}

/// Why a model's scores are what they are: Shapley values of its features for each row.
package struct ModelExplanation: Sendable {
  /// The model's features, in its order.
  package let features: [String]
  /// The scores that are explained.
  package let scores: [String]
  /// The values of each row.
  package let rows: [Shapley.Values]
  /// The records' names: their ids, or their numbers in the file from 1.
  package let names: [ByteText]
  /// Each feature's values as they stand in the file.
  let cells: [[ByteText]]
  /// The sensitive attributes.
  let groups: [Grouping]
  /// What was read.
  package let tally: Tally
  /// How values were found, in words.
  package let words: String

  /// Explains the scores of a stream.
  package init(
    _ file: ModelFile, _ input: Input, _ request: ExplanationRequest, progress: ProgressBar? = nil
  ) throws {
    let model = file.model
    let encoder = model.encoder
    features = encoder.columns.map(\.name)
    scores = model.scoreNames
    let read = try Rows(model, input, request)
    guard read.table.count > 0 else { throw Failure(.badData, "\(input.name): there are no rows") }
    let other =
      try request.background.map { path in
        var settings = input.settings.besides
        settings.rows = []
        var plain = request
        plain.groups = []
        return try Rows(model, try Input(path, settings), plain)
      } ?? read
    guard other.table.count > 0 else {
      throw Failure(.badData, "\(request.background ?? input.name): there are no background rows")
    }
    // Which rows stand for others follows from their hashes, never from their order.
    let width = encoder.width
    let chosen = other.table.hashes[0].indices.sorted {
      (other.table.hashes[0][$0], $0) < (other.table.hashes[0][$1], $1)
    }.prefix(request.backgroundRows)
    let background = chosen.flatMap { other.inputs[($0 * width)..<(($0 + 1) * width)] }
    var players: [Range<Int>] = []
    var at = 0
    for column in encoder.columns {
      players.append(at..<(at + column.width))
      at += column.width
    }
    let isOfLogits = request.isOfLogits
    let outputs = scores.count
    let function: @Sendable ([Double], Int) -> [Double] = { inputs, rows in
      var workspace = Workspace(shape: model.shape)
      if !isOfLogits {
        return model.scores(inputs: inputs, rows: rows, workspace: &workspace)
      }
      workspace.forward(
        model.parameters,
        Batch(
          rows: rows, inputs: inputs, conditions: Trainer.repeated(model.conditions, rows)))
      return workspace.outputs
    }
    let shapley = Shapley(
      players: players, width: width, background: background, outputs: outputs, function)
    let isLinear =
      model.shape.hidden.isEmpty && model.shape.conditions == 0
      && (isOfLogits || model.tasks.allSatisfy { $0.kind == .regression(logTarget: false) })
    let isExact = players.count <= min(request.mostExact, 20)
    let pairs = request.pairs ?? chosen.count
    let (inputs, keys) = (read.inputs, read.table.hashes[0])
    rows = Parallel.map(read.table.count, threads: input.settings.threads) { row in
      let own = Array(inputs[(row * width)..<((row + 1) * width)])
      if isLinear { return shapley.linear(own, model.parameters) }
      return isExact
        ? shapley.exact(own)
        : shapley.sampled(own, pairs: pairs, seed: request.seed, key: keys[row])
    }
    names =
      read.ids ?? (0..<read.table.count).map { ByteText(String($0 + 1)) }
    cells = read.cells
    groups = read.table.groups
    tally = read.table.tally
    let how =
      isLinear
      ? "closed form of a linear model"
      : isExact ? "exact" : "\(pairs) pairs of orders a row, with standard errors"
    words =
      "\(features.count) features against \(chosen.count) background rows: \(how)\(isOfLogits ? ", in logits" : "")"
  }

  /// The feature columns of a stream, encoded.
  private struct Rows {
    let table: Table
    let inputs: [Double]
    let cells: [[ByteText]]
    let ids: [ByteText]?

    init(_ model: Model, _ input: Input, _ request: ExplanationRequest) throws {
      var wanted = TableRequest()
      var places: [(isNumeric: Bool, place: Int)] = []
      for column in model.encoder.columns {
        let reference = try input.column(column.name)
        if case .numeric = column.kind {
          places.append((true, wanted.numbers.count))
          wanted.numbers.append(reference)
        } else {
          places.append((false, wanted.texts.count))
          wanted.texts.append(reference)
        }
      }
      let id = try request.id.map { try input.column($0) }
      if let id { wanted.texts.append(id) }
      wanted.groups = try request.groups.map { try input.columns($0) }
      wanted.hashes = [(StableHash(seed: request.seed, purpose: "record"), id)]
      table = try input.table(wanted)
      var columns: [String: FeatureColumn] = [:]
      var cells: [[ByteText]] = []
      for (column, place) in zip(model.encoder.columns, places) {
        if place.isNumeric {
          let values = table.numbers[place.place]
          columns[column.name] = .numeric(values)
          cells.append(values.map { ByteText($0.isNaN ? "" : NumberText.text($0)) })
        } else {
          let (codes, values) = table.texts[place.place]
          columns[column.name] = .categorical(codes: codes, names: values)
          cells.append(codes.map { $0 < 0 ? ByteText("") : values[Int($0)] })
        }
      }
      self.cells = cells
      let texts = table.texts
      ids = id.map { _ in
        let (codes, values) = texts[texts.count - 1]
        return codes.map { $0 < 0 ? ByteText("") : values[Int($0)] }
      }
      var counts = EncodingCounts()
      do throws(EncodingError) {
        inputs = try model.encoder.encode(columns, rows: table.count, counts: &counts)
      } catch { throw Failure(.badData, "\(input.name): \(error.message)") }
    }
  }
}

extension Shapley {
  /// The values of a linear function: each weight times the distance of its input from the background's mean.
  func linear(_ row: [Double], _ parameters: [Double]) -> Values {
    let rows = background.count / max(width, 1)
    var means = [Double](repeating: 0, count: width)
    for place in 0..<rows {
      for input in 0..<width { means[input] += background[place * width + input] / Double(rows) }
    }
    var values = Values(shares: [], errors: [], base: [], value: [])
    for output in 0..<outputs {
      let weights = parameters[(output * width)..<((output + 1) * width)]
      let intercept = parameters[outputs * width + output]
      let first = weights.startIndex
      values.shares.append(
        players.map { range in
          range.reduce(0) { $0 + weights[first + $1] * (row[$1] - means[$1]) }
        })
      values.base.append((0..<width).reduce(intercept) { $0 + weights[first + $1] * means[$1] })
      values.value.append((0..<width).reduce(intercept) { $0 + weights[first + $1] * row[$1] })
    }
    return values
  }
}

// MARK: As CSV

extension ModelExplanation {
  /// Every row's values, a line for each feature and score.
  package func csv() -> [UInt8] {
    let hasErrors = rows.contains { !$0.errors.isEmpty }
    var bytes = Array("record,score,feature,value,shap\(hasErrors ? ",se" : "")\n".utf8)
    let dialect = Dialect.comma
    for (row, values) in rows.enumerated() {
      let name = dialect.quoted(names[row].bytes)
      for (output, score) in scores.enumerated() {
        let title = dialect.quoted(Array(score.utf8))
        func line(_ feature: [UInt8], _ cell: [UInt8], _ value: Double, _ error: Double?) {
          bytes += name + [0x2C] + title + [0x2C] + feature + [0x2C] + cell + [0x2C]
          NumberText.append(value, to: &bytes)
          if hasErrors {
            bytes.append(0x2C)
            if let error { NumberText.append(error, to: &bytes) }
          }
          bytes.append(0x0A)
        }
        line(Array("(base)".utf8), [], values.base[output], nil)
        for (place, feature) in features.enumerated() {
          line(
            dialect.quoted(Array(feature.utf8)), dialect.quoted(cells[place][row].bytes),
            values.shares[output][place], values.errors.isEmpty ? nil : values.errors[output][place]
          )
        }
      }
    }
    return bytes
  }

  /// How much a feature matters, and its mean value in a group or the difference of two.
  package struct Summary: Sendable {
    /// The score.
    package let score: String
    /// The feature; empty for the score as a whole.
    package let feature: String
    /// The mean size of its values over all rows.
    package let meanSize: Double
    /// The share of that of all features.
    package let share: Double
    /// Its place among the features, from 1; 0 for the score as a whole.
    package let rank: Int
    /// The attribute; empty where none is named.
    package let attribute: String
    /// The group the mean is of; of a gap the one with the highest mean score.
    package let group: String
    /// Of a gap the group with the lowest mean score; empty of a group's own mean.
    package let against: String
    /// The rows of the group.
    package let count: Int
    /// The mean value, or the difference of two.
    package let mean: Double
    /// Whether it is no input of the model: 0 by construction.
    package let isAbsent: Bool
  }

  /// A feature as it is summed up; no place for what is no input, and for the score as a whole.
  private struct Line {
    let feature: String
    let place: Int?
    let size: Double
    let rank: Int
    let isAbsent: Bool
  }

  /// The lines of each feature, the largest first: the gap between two groups, then each group's mean.
  package func summaries() -> [Summary] {
    var all: [Summary] = []
    let number = Double(rows.count)
    for (output, score) in scores.enumerated() {
      let sizes = features.indices.map { place in
        rows.reduce(0) { $0 + abs($1.shares[output][place]) } / number
      }
      let total = sizes.reduce(0, +)
      let order = features.indices.sorted { (-sizes[$0], $0) < (-sizes[$1], $1) }
      let attributes: [Grouping?] = groups.isEmpty ? [nil] : groups.map { $0 }
      for attribute in attributes {
        var lines = order.enumerated().map { rank, place in
          Line(
            feature: features[place], place: place, size: sizes[place], rank: rank + 1,
            isAbsent: false)
        }
        for column in attribute?.columns ?? [] where !features.contains(column) {
          lines.append(
            Line(feature: column, place: nil, size: 0, rank: features.count + 1, isAbsent: true))
        }
        lines.append(Line(feature: "", place: nil, size: total, rank: 0, isAbsent: false))
        let codes = (attribute?.keys.indices).map(Array.init) ?? []
        var counts = [Int](repeating: 0, count: codes.count)
        for code in attribute?.codes ?? [] where code >= 0 { counts[Int(code)] += 1 }
        /// The mean of a line in every group.
        func means(_ line: Line) -> [Double] {
          var sums = [Double](repeating: 0, count: codes.count)
          for (row, values) in rows.enumerated() {
            guard let code = attribute?.codes[row], code >= 0, !line.isAbsent else { continue }
            sums[Int(code)] += line.place.map { values.shares[output][$0] } ?? values.value[output]
          }
          return zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : .nan }
        }
        let whole = means(lines[lines.count - 1])
        let present = codes.filter { counts[$0] > 0 }
        let high = present.max { whole[$0] < whole[$1] }
        let low = present.min { whole[$0] < whole[$1] }
        for line in lines {
          func summary(_ group: String, _ against: String, _ count: Int, _ mean: Double) -> Summary
          {
            Summary(
              score: score, feature: line.feature, meanSize: line.size,
              share: total > 0 ? line.size / total : 0, rank: line.rank,
              attribute: attribute?.columns.joined(separator: ",") ?? "", group: group,
              against: against, count: count, mean: mean, isAbsent: line.isAbsent)
          }
          guard let attribute, let high, let low, high != low else {
            all.append(summary("", "", rows.count, .nan))
            continue
          }
          let own = means(line)
          all.append(
            summary(
              attribute.keys[high].description, attribute.keys[low].description, rows.count,
              own[high] - own[low]))
          for code in present {
            all.append(summary(attribute.keys[code].description, "", counts[code], own[code]))
          }
        }
      }
    }
    return all
  }
}
