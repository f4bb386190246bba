internal import FairpostJSON
internal import FairpostTransport

/// The records of a barycentre fit with the settings they are to be fitted by.
struct WassersteinSummary: FitSummary {
  let settings: WassersteinSettings
  let idColumn: String?
  let data: CalibrationSummary

  var records: Int {
    data.cells.reduce(0) { $0 + ($1.parts.first?.reduce(0) { $0 + $1.rows } ?? 0) }
  }

  var size: Int {
    data.cells.reduce(0) { $0 + $1.parts.joined().reduce(0) { $0 + $1.values.count } }
  }

  func json() -> JSONValue {
    [
      "id column": idColumn.map { .string($0) } ?? .null, "settings": settings.json(),
      "attributes": .array(data.attributes.map { $0.json() }), "records": data.json(),
    ]
  }

  init(settings: WassersteinSettings, idColumn: String?, data: CalibrationSummary) {
    self.settings = settings
    self.idColumn = idColumn
    self.data = data
  }

  init(_ node: JSONNode) throws {
    settings = try WassersteinSettings(try node["settings"])
    idColumn = try node.optional("id column")?.string
    let attributes = try node["attributes"].array.map {
      try CalibrationSummary.Attribute($0, mayBeEmpty: true)
    }
    guard !attributes.isEmpty, StoredNumbers.areDistinct(attributes.flatMap(\.columns)) else {
      throw try node["attributes"].wrong("one attribute or more, each with columns of its own")
    }
    do { try settings.check(attributes: attributes.count) } catch {
      throw try node["settings"].wrong("settings that a fit takes (\(error.words))")
    }
    data = try CalibrationSummary(try node["records"], attributes)
    guard StoredNumbers.areDistinct(data.scores), !data.scores.contains("") else {
      throw try node["records"].wrong("scores, each with a name of its own")
    }
  }

  func coarsened(minimumCell: Int) throws(AdjustmentError) -> any FitSummary {
    WassersteinSummary(
      settings: settings, idColumn: idColumn,
      data: try data.coarsened(minimumCell: minimumCell))
  }

  func conflict(with other: any FitSummary) -> String? {
    guard let other = other as? WassersteinSummary else { return "they are of different methods" }
    if let difference = Self.difference(settings.json(), other.settings.json()) {
      return "the settings differ: \(difference)"
    }
    if idColumn != other.idColumn {
      return "the columns of ids differ: \(idColumn ?? "none") and \(other.idColumn ?? "none")"
    }
    return data.conflict(with: other.data)
  }

  static func merging(_ all: [any FitSummary]) throws(AdjustmentError) -> any FitSummary {
    let all = all.compactMap { $0 as? WassersteinSummary }
    guard let first = all.first else { throw .cannotMerge("there is nothing to merge") }
    for other in all {
      if let words = first.conflict(with: other) { throw .cannotMerge(words) }
    }
    let data = try CalibrationSummary.merging(all.map(\.data))
    for (place, score) in data.scores.enumerated() {
      let weight = data.cells.reduce(0) { $0 + $1.parts[place].reduce(0) { $0 + $1.total } }
      guard weight <= StoredNumbers.mostWeight else {
        throw .cannotMerge(
          "the weights of \(score) add up to \(weight), and \(StoredNumbers.mostWeight) is the most"
        )
      }
    }
    return WassersteinSummary(settings: first.settings, idColumn: first.idColumn, data: data)
  }

  /// The first setting that differs, with both values.
  private static func difference(_ one: JSONValue, _ two: JSONValue) -> String? {
    guard case .object(let a) = one, case .object(let b) = two else { return nil }
    for name in a.members.map(\.key) + b.members.map(\.key) where a[name] != b[name] {
      return "\(name) is \(words(a[name])) and \(words(b[name]))"
    }
    return nil
  }

  private static func words(_ value: JSONValue?) -> String {
    guard let value else { return "not given" }
    if case .string(let word) = value { return word }
    do { return String(decoding: try value.written(.compact), as: UTF8.self) } catch {
      return "no number"
    }
  }

  func fit(threads: Int) throws -> (adjustment: any Adjustment, notes: [String]) {
    var settings = settings
    settings.threads = threads
    let (map, findings) = try WassersteinMap.fit(data, settings: settings)
    let adjustment = WassersteinAdjustment(map: map, idColumn: idColumn)
    return (adjustment, adjustment.notes(findings, missingGroups: data.missingGroups))
  }
}
