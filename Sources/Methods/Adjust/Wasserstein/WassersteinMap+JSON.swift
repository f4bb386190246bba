internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// The map as JSON, in both directions.
///
/// A map that keeps its data (`--exact`) stores the data and the settings only: the functions follow
/// from them, and two such files merge into the file of the whole. Any other map stores functions.
extension WassersteinMap {
  /// What is stored.
  func json() -> JSONValue {
    var object: JSONObject = [
      "settings": settings.json(),
      "attributes": .array(attributes.map { $0.json() }),
    ]
    if let summary {
      object.append("exact", summary.json())
    } else {
      object.append(
        "scores",
        .array(
          scores.map { score in
            ["name": .string(score.name), "steps": .array(score.steps.map { $0.json() })]
          }))
    }
    object.append("certificates", .array(certificates.map { $0.json() }))
    return .object(object)
  }

  /// Reads a stored map; every size, order and count is held against the others.
  init(_ node: JSONNode) throws {
    let settings = try WassersteinSettings(try node["settings"])
    let attributes = try node["attributes"].array.map { try CalibrationSummary.Attribute($0) }
    let columns = attributes.flatMap(\.columns)
    guard !attributes.isEmpty, StoredNumbers.areDistinct(columns) else {
      throw try node["attributes"].wrong("one attribute or more, each with columns of its own")
    }
    do { try settings.check(attributes: attributes.count) } catch {
      throw try node["settings"].wrong("settings that a fit takes (\(error.words))")
    }
    let certificates = try node["certificates"].array.map { try Certificate($0, attributes) }
    if let exact = try node.optional("exact") {
      guard settings.knots == nil else {
        throw try node["settings"]["knots"].wrong("null in a map that keeps its data")
      }
      let summary = try CalibrationSummary(exact, attributes)
      var plain = settings
      plain.certificate = false
      let map: WassersteinMap
      do throws(AdjustmentError) { map = try WassersteinMap(summary, settings: plain) } catch {
        throw exact.wrong("data that can be fitted (\(error.words))")
      }
      self.init(
        settings: settings, attributes: attributes, scores: map.scores, summary: summary,
        certificates: certificates)
    } else {
      let scores = try node["scores"].array.map { try Score($0, attributes, settings) }
      self.init(
        settings: settings, attributes: attributes, scores: scores, summary: nil,
        certificates: certificates)
    }
    guard !scores.isEmpty, StoredNumbers.areDistinct(scores.map(\.name)),
      scores.allSatisfy({ !$0.name.isEmpty })
    else { throw node.wrong("a map of one score or more, each with a name of its own") }
    guard certificates.count == (settings.certificate ? scores.count : 0) else {
      throw try node["certificates"].wrong("a certificate for each score")
    }
  }
}

extension CalibrationSummary.Attribute {
  func json() -> JSONValue {
    [
      "columns": .array(columns.map { .string($0) }),
      "groups": .array(keys.map { $0.json() }),
    ]
  }

  /// Reads a stored one; the summary of no records has no groups.
  init(_ node: JSONNode, mayBeEmpty: Bool = false) throws {
    self.init(
      columns: try node["columns"].strings, keys: try node["groups"].array.map { try GroupKey($0) })
    guard !columns.isEmpty, !columns.contains("") else {
      throw try node["columns"].wrong("the names of one column or more")
    }
    guard mayBeEmpty || !keys.isEmpty, zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }),
      keys.allSatisfy({ $0.parts.count == columns.count })
    else { throw try node["groups"].wrong("sorted groups of as many parts as columns") }
  }
}

extension WassersteinMap.Score {
  fileprivate init(
    _ node: JSONNode, _ attributes: [CalibrationSummary.Attribute],
    _ settings: WassersteinSettings
  ) throws {
    let steps = try node["steps"].array
    // Without a step a map is the identity, and nothing would be fairer than before.
    guard steps.count == attributes.count else {
      throw try node["steps"].wrong("a step for each of the \(attributes.count) attributes")
    }
    self.init(
      name: try node["name"].string,
      steps: try steps.enumerated().map {
        try WassersteinMap.Step($1, attribute: $0, attributes, settings)
      })
  }
}

extension WassersteinMap.Step {
  fileprivate func json() -> JSONValue {
    let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return [
      "attribute": .integer(attribute), "epsilon": .number(epsilon),
      "groups": .array(
        sorted.map { codes, entry in entry.json(["codes": JSONValue(codes)]) }),
      "small": .array(small.map { $0.json() }),
      "marginal": .array(
        marginal.sorted { $0.key < $1.key }.map { $1.json(["code": .integer($0)]) }),
      "pooled": pooled?.json([:]) ?? .null,
      "averages": .array(
        averages.map { ["levels": JSONValue($0.levels), "values": JSONValue($0.values)] }),
    ]
  }

  fileprivate init(
    _ node: JSONNode, attribute: Int, _ attributes: [CalibrationSummary.Attribute],
    _ settings: WassersteinSettings
  ) throws {
    guard try node["attribute"].int == attribute else {
      throw try node["attribute"].wrong("\(attribute), the number of the step's attribute")
    }
    let sizes = attributes[attribute...].map(\.keys.count)
    let averages = try node["averages"].array.map { try QuantileAverage($0) }
    guard averages.isEmpty == (settings.ties != .random) else {
      throw try node["averages"].wrong("average quantile functions where ties are random")
    }
    func entry(_ node: JSONNode) throws -> WassersteinMap.Entry {
      try WassersteinMap.Entry(node, strata: averages.count)
    }
    var entries: [[Int]: WassersteinMap.Entry] = [:]
    for stored in try node["groups"].array {
      let codes = try stored["codes"].ints
      guard codes.count == sizes.count,
        zip(codes, sizes).allSatisfy({ $0 >= 0 && $0 < $1 }), entries[codes] == nil
      else { throw try stored["codes"].wrong("a combination of groups, each once") }
      entries[codes] = try entry(stored)
    }
    var marginal: [Int: WassersteinMap.Entry] = [:]
    for stored in try node["marginal"].array {
      let code = try stored["code"].int
      guard code >= 0, code < sizes[0], marginal[code] == nil else {
        throw try stored["code"].wrong("a group's number, each once")
      }
      marginal[code] = try entry(stored)
    }
    let pooled = try node.optional("pooled").map(entry)
    guard !entries.isEmpty || !marginal.isEmpty || pooled != nil else {
      throw try node["groups"].wrong("the function of one group or more")
    }
    let all = Array(entries.values) + Array(marginal.values) + [pooled].compactMap { $0 }
    if !averages.isEmpty {
      guard all.allSatisfy({ $0.table == nil || !averages[$0.stratum].values.isEmpty }) else {
        throw try node["averages"].wrong("a step or more in each that is drawn from")
      }
    }
    try node.countsTogether(entries.values.map(\.rows))
    let epsilon = try node["epsilon"].share
    let chosen =
      settings.epsilons.count > 1 ? settings.epsilons[attribute] : settings.epsilons[0]
    guard settings.targetW2 != nil || epsilon == chosen else {
      throw try node["epsilon"].wrong("the epsilon of the settings, \(chosen)")
    }
    let own = attributes[attribute...]
    let small = try node["small"].array.map { stored in
      let cell = try CellCount(stored)
      guard cell.keys.count == own.count,
        zip(cell.keys, own).allSatisfy({ $0.parts.count == $1.columns.count })
      else { throw try stored["groups"].wrong("a group of each of \(own.count) attributes") }
      return cell
    }
    self.init(
      attribute: attribute, entries: entries, small: small, marginal: marginal, pooled: pooled,
      averages: averages, epsilon: epsilon, sizes: sizes)
  }
}

extension QuantileAverage {
  fileprivate init(_ node: JSONNode) throws {
    let levels = try node["levels"].shares
    let values = try node["values"].scores
    // A stratum of one group has none. Rounding may leave the last of the sums a little below 1.
    guard levels.last ?? 1 > 0.999, levels.count == values.count,
      StoredNumbers.ascends(levels), StoredNumbers.isOrdered(values)
    else { throw node.wrong("levels that ascend to 1 with a value for each, none descending") }
    self.init(levels: levels, values: values)
  }
}

extension WassersteinMap.Entry {
  fileprivate func json(_ first: JSONObject) -> JSONValue {
    var object = first
    object.append("records", .integer(rows))
    object.append("weight", .number(share))
    object.append("stratum", .integer(stratum))
    object.append("value error", .number(valueError))
    if let table {
      object.append("between knots", .string(table.interpolation == .linear ? "linear" : "step"))
      if table.below != table.images[0] { object.append("below", .number(table.below)) }
      object.append("knots", JSONValue(table.knots))
      object.append("images", JSONValue(table.images))
    }
    object.append("distribution", ranks.json(knownValues: table?.knots))
    return .object(object)
  }

  fileprivate init(_ node: JSONNode, strata: Int) throws {
    rows = try node["records"].count
    share = try node["weight"].share
    stratum = try node["stratum"].int
    guard stratum >= 0, stratum < max(strata, JSONNode.mostCount * (strata == 0 ? 1 : 0)) else {
      throw try node["stratum"].wrong("the number of a stratum")
    }
    valueError = try node["value error"].size
    guard try node.optional("knots") != nil else {
      table = nil
      ranks = try Distribution(try node["distribution"], knownValues: nil)
      return
    }
    let knots = try node["knots"].scores
    let images = try node["images"].scores
    guard !knots.isEmpty, knots.count == images.count, StoredNumbers.ascends(knots) else {
      throw try node["knots"].wrong("ascending knots with an image for each")
    }
    guard StoredNumbers.isOrdered(images) else {
      throw try node["images"].wrong("images that do not descend")
    }
    let below = try node.optional("below")?.score
    guard (below ?? images[0]) <= images[0] else {
      throw try node["below"].wrong("a number of at most the first image")
    }
    let between = try node["between knots"].string
    guard between == "linear" || between == "step" else {
      throw try node["between knots"].wrong("\"linear\" or \"step\"")
    }
    table = MapTable(
      knots: knots, images: images, interpolation: between == "linear" ? .linear : .step,
      below: below)
    ranks = try Distribution(try node["distribution"], knownValues: knots)
    guard !ranks.isEmpty else {
      throw try node["distribution"].wrong("the distribution of one record or more")
    }
  }
}

extension Distribution {
  /// The distribution; its values are left out where the reader knows them.
  func json(knownValues: [Double]?) -> JSONValue {
    var object: JSONObject = ["records": .integer(rows)]
    if values != knownValues { object.append("values", JSONValue(values)) }
    if let masses { object.append("masses", JSONValue(masses)) }
    if let gaps { object.append("gaps", JSONValue(gaps)) }
    if !remainders.isEmpty {
      object.append(
        "remainders",
        .array(
          remainders.sorted { $0.key < $1.key }.map {
            .array([.integer($0), JSONValue($1)])
          }))
    }
    object.append("squared weights", JSONValue(squaredWeights))
    return .object(object)
  }

  init(_ node: JSONNode, knownValues: [Double]?) throws {
    let values: [Double]
    if let stored = try node.optional("values") {
      values = try stored.scores
    } else {
      guard let knownValues else { throw node.wrong("a distribution with values") }
      values = knownValues
    }
    let masses = try node.optional("masses")?.doubles
    let gaps = try node.optional("gaps")?.doubles
    let rows = try node["records"].count
    guard StoredNumbers.ascends(values), masses.map({ $0.count == values.count }) ?? true,
      gaps.map({ $0.count == values.count }) ?? true
    else { throw node.wrong("ascending values with a weight for each") }
    // A value without weight of its own is only kept where weight lies beside it.
    guard (masses ?? []).allSatisfy({ $0 > 0 }), (gaps ?? []).allSatisfy({ $0 >= 0 }) else {
      throw node.wrong("weights greater than 0")
    }
    guard rows == 0 || !values.isEmpty else { throw node.wrong("values where there are records") }
    var remainders: [Int: [Double]] = [:]
    if let stored = try node.optional("remainders") {
      for pair in try stored.array {
        let parts = try pair.array
        guard parts.count == 2, masses != nil, gaps == nil else {
          throw pair.wrong("a place and what remains there")
        }
        let place = try parts[0].int
        guard values.indices.contains(place), remainders[place] == nil else {
          throw parts[0].wrong("the place of a value, each once")
        }
        let rest = try parts[1].doubles
        guard !rest.isEmpty, rest.count <= 40,
          rest.allSatisfy({ abs($0) <= (masses?[place] ?? 0) })
        else { throw parts[1].wrong("what an exact weight has beyond its number") }
        remainders[place] = rest
      }
    }
    let squares = try node["squared weights"].doubles
    // What was spread over its intervals has no records of its own.
    guard squares.isEmpty ? rows == 0 : squares[0] > 0, squares.count <= 40,
      squares.allSatisfy({ abs($0) <= squares[0] })
    else { throw try node["squared weights"].wrong("the parts of a sum, the largest first") }
    let weight = (masses ?? []).reduce(0, +) + (gaps ?? []).reduce(0, +)
    guard weight <= StoredNumbers.mostWeight else {
      throw node.wrong("weights of at most \(StoredNumbers.mostWeight) in all")
    }
    self.init(
      values: values, masses: masses, gaps: gaps, remainders: remainders, rows: rows,
      squaredWeights: squares)
  }
}

extension CalibrationSummary {
  func json() -> JSONValue {
    [
      "scores": .array(scores.map { .string($0) }),
      "missing scores": JSONValue(missingScores),
      "missing groups": .integer(missingGroups),
      "zero weights": .integer(zeroWeights),
      "weighted": .bool(isWeighted),
      "cells": .array(
        cells.map { cell in
          [
            "codes": JSONValue(cell.codes),
            "parts": .array(
              cell.parts.map { parts in .array(parts.map { $0.json(knownValues: nil) }) }),
          ]
        }),
    ]
  }

  init(_ node: JSONNode, _ attributes: [Attribute]) throws {
    let scores = try node["scores"].strings
    var cells: [Cell] = []
    for cell in try node["cells"].array {
      let codes = try cell["codes"].ints
      guard codes.count == attributes.count,
        zip(codes, attributes).allSatisfy({ $1.keys.indices.contains($0) })
      else { throw try cell["codes"].wrong("a group of each attribute") }
      guard cells.last.map({ $0.codes.lexicographicallyPrecedes(codes) }) ?? true else {
        throw try cell["codes"].wrong("combinations of groups in order, each once")
      }
      let parts = try cell["parts"].array.map { score in
        try score.array.map { try Distribution($0, knownValues: nil) }
      }
      guard parts.count == scores.count,
        parts.allSatisfy({ [1, Self.partCount].contains($0.count) })
      else { throw try cell["parts"].wrong("the parts of every score") }
      cells.append(Cell(codes: codes, parts: parts))
    }
    guard !scores.isEmpty,
      cells.allSatisfy({ $0.parts.map(\.count) == cells[0].parts.map(\.count) })
    else { throw try node["cells"].wrong("as many parts in each cell") }
    for score in scores.indices {
      let parts = cells.flatMap { $0.parts[score] }
      try node["cells"].countsTogether(parts.map(\.rows))
      // No weights make records tell more than as many equal ones.
      guard parts.allSatisfy({ $0.effectiveCount <= Double($0.rows) * (1 + 1e-6) }) else {
        throw try node["cells"].wrong("squared weights that are those of the records")
      }
      guard parts.reduce(0, { $0 + $1.total }) <= StoredNumbers.mostWeight else {
        throw try node["cells"].wrong("weights of at most \(StoredNumbers.mostWeight) in all")
      }
    }
    let missing = try node["missing scores"].counts
    guard missing.count == scores.count else {
      throw try node["missing scores"].wrong("a count for every score")
    }
    self.init(
      scores: scores, attributes: attributes, cells: cells, missingScores: missing,
      missingGroups: try node["missing groups"].count,
      zeroWeights: try node["zero weights"].count,
      isWeighted: try node["weighted"].bool)
  }
}

extension GroupKey {
  func json() -> JSONValue { .array(parts.map { JSONValue($0) }) }

  init(_ node: JSONNode) throws { self.init(try node.array.map { try $0.byteText }) }
}

extension CellCount {
  fileprivate func json() -> JSONValue {
    ["groups": .array(keys.map { $0.json() }), "records": .integer(rows)]
  }

  fileprivate init(_ node: JSONNode) throws {
    self.init(
      keys: try node["groups"].array.map { try GroupKey($0) }, rows: try node["records"].count)
  }
}
