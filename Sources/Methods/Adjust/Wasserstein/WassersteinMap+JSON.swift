internal import JSON
internal import Numerics
internal import Transport

/// The map as JSON, in both directions.
///
/// A map that keeps its data (`--exact`) stores the data and the settings only: the functions follow
/// from them, and two such files merge into the file of the whole. Any other map stores functions.
extension WassersteinMap {
  /// What is stored.
  func json() -> JSONValue {
    var object: JSONObject = [
      "settings": settings.json(),
      "attributes": .array(
        attributes.map { attribute in
          [
            "columns": .array(attribute.columns.map { .string($0) }),
            "groups": .array(attribute.keys.map { $0.json() }),
          ]
        }),
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

  /// Reads a stored map.
  init(_ node: JSONNode) throws {
    let settings = try WassersteinSettings(try node["settings"])
    var attributes: [CalibrationSummary.Attribute] = []
    for attribute in try node["attributes"].array {
      attributes.append(
        CalibrationSummary.Attribute(
          columns: try attribute["columns"].strings,
          keys: try attribute["groups"].array.map { try GroupKey($0) }))
      guard let last = attributes.last,
        zip(last.keys, last.keys.dropFirst()).allSatisfy({ $0 < $1 }),
        last.keys.allSatisfy({ $0.parts.count == last.columns.count })
      else { throw try attribute["groups"].wrong("sorted groups of as many parts as columns") }
    }
    let certificates = try node["certificates"].array.map { try Certificate($0, attributes) }
    if let exact = try node.optional("exact") {
      let summary = try CalibrationSummary(exact, attributes)
      var plain = settings
      plain.certificate = false
      let map = try WassersteinMap(summary, settings: plain)
      self.init(
        settings: settings, attributes: attributes, scores: map.scores, summary: summary,
        certificates: certificates)
      return
    }
    let scores = try node["scores"].array.map { score in
      Score(
        name: try score["name"].string,
        steps: try score["steps"].array.map { try Step($0, attributes) })
    }
    self.init(
      settings: settings, attributes: attributes, scores: scores, summary: nil,
      certificates: certificates)
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

  fileprivate init(_ node: JSONNode, _ attributes: [CalibrationSummary.Attribute]) throws {
    let attribute = try node["attribute"].int
    guard attributes.indices.contains(attribute) else {
      throw try node["attribute"].wrong("an attribute's number")
    }
    let sizes = attributes[attribute...].map(\.keys.count)
    var averages: [QuantileAverage] = []
    for average in try node["averages"].array {
      let levels = try average["levels"].doubles
      let values = try average["values"].doubles
      guard !levels.isEmpty, levels.count == values.count,
        zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 }),
        zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
      else { throw average.wrong("ascending levels with a value for each") }
      averages.append(QuantileAverage(levels: levels, values: values))
    }
    var entries: [[Int]: WassersteinMap.Entry] = [:]
    for entry in try node["groups"].array {
      let codes = try entry["codes"].ints
      guard codes.count == sizes.count,
        zip(codes, sizes).allSatisfy({ $0 >= 0 && $0 < $1 }), entries[codes] == nil
      else { throw try entry["codes"].wrong("a combination of groups, each once") }
      entries[codes] = try WassersteinMap.Entry(entry, strata: averages.count)
    }
    var marginal: [Int: WassersteinMap.Entry] = [:]
    for entry in try node["marginal"].array {
      let code = try entry["code"].int
      guard code >= 0, code < sizes[0] else { throw try entry["code"].wrong("a group's number") }
      marginal[code] = try WassersteinMap.Entry(entry, strata: averages.count)
    }
    let epsilon = try node["epsilon"].double
    guard epsilon >= 0, epsilon <= 1 else {
      throw try node["epsilon"].wrong("a number between 0 and 1")
    }
    self.init(
      attribute: attribute, entries: entries,
      small: try node["small"].array.map { try CellCount($0) }, marginal: marginal,
      pooled: try node.optional("pooled").map {
        try WassersteinMap.Entry($0, strata: averages.count)
      },
      averages: averages, epsilon: epsilon, sizes: sizes)
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
    rows = try node["records"].int
    share = try node["weight"].double
    stratum = try node["stratum"].int
    guard rows >= 0, stratum >= 0, strata == 0 || stratum < strata else {
      throw try node["stratum"].wrong("the number of a stratum")
    }
    valueError = try node["value error"].double
    guard try node.optional("knots") != nil else {
      table = nil
      ranks = try Distribution(try node["distribution"], knownValues: nil)
      return
    }
    let knots = try node["knots"].doubles
    let images = try node["images"].doubles
    guard !knots.isEmpty, knots.count == images.count,
      zip(knots, knots.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw try node["knots"].wrong("ascending knots with an image for each") }
    guard zip(images, images.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw try node["images"].wrong("images that do not descend")
    }
    let between = try node["between knots"].string
    guard between == "linear" || between == "step" else {
      throw try node["between knots"].wrong("\"linear\" or \"step\"")
    }
    table = MapTable(
      knots: knots, images: images, interpolation: between == "linear" ? .linear : .step,
      below: try node.optional("below")?.double)
    ranks = try Distribution(try node["distribution"], knownValues: knots)
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
      values = try stored.doubles
    } else {
      guard let knownValues else { throw node.wrong("a distribution with values") }
      values = knownValues
    }
    let masses = try node.optional("masses")?.doubles
    let gaps = try node.optional("gaps")?.doubles
    let rows = try node["records"].int
    let isAscending = zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
    let areWeights = (masses ?? []).allSatisfy { $0 >= 0 } && (gaps ?? []).allSatisfy { $0 >= 0 }
    guard isAscending, areWeights, rows >= 0, masses.map({ $0.count == values.count }) ?? true,
      gaps.map({ $0.count == values.count }) ?? true
    else { throw node.wrong("ascending values with a weight for each") }
    var remainders: [Int: [Double]] = [:]
    if let stored = try node.optional("remainders") {
      for pair in try stored.array {
        let parts = try pair.array
        guard parts.count == 2, values.indices.contains(try parts[0].int) else {
          throw pair.wrong("a place and what remains there")
        }
        remainders[try parts[0].int] = try parts[1].doubles
      }
    }
    self.init(
      values: values, masses: masses, gaps: gaps, remainders: remainders, rows: rows,
      squaredWeights: try node["squared weights"].doubles)
  }
}

extension CalibrationSummary {
  fileprivate func json() -> JSONValue {
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

  fileprivate init(_ node: JSONNode, _ attributes: [Attribute]) throws {
    let scores = try node["scores"].strings
    var cells: [Cell] = []
    for cell in try node["cells"].array {
      let codes = try cell["codes"].ints
      guard codes.count == attributes.count,
        zip(codes, attributes).allSatisfy({ $1.keys.indices.contains($0) })
      else { throw try cell["codes"].wrong("a group of each attribute") }
      let parts = try cell["parts"].array.map { score in
        try score.array.map { try Distribution($0, knownValues: nil) }
      }
      guard parts.count == scores.count,
        parts.allSatisfy({ [1, Self.partCount].contains($0.count) })
      else { throw try cell["parts"].wrong("the parts of every score") }
      cells.append(Cell(codes: codes, parts: parts))
    }
    let missing = try node["missing scores"].ints
    guard missing.count == scores.count else {
      throw try node["missing scores"].wrong("a count for every score")
    }
    self.init(
      scores: scores, attributes: attributes, cells: cells, missingScores: missing,
      missingGroups: try node["missing groups"].int, zeroWeights: try node["zero weights"].int,
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
      keys: try node["groups"].array.map { try GroupKey($0) }, rows: try node["records"].int)
  }
}
