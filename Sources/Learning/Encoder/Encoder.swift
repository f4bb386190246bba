internal import FairpostNumerics

/// From columns to features, as training rows fitted it.
package struct Encoder: Sendable, Hashable {
  /// One encoding a column.
  package let columns: [ColumnEncoding]

  /// An encoder from stored encodings.
  package init(columns: [ColumnEncoding]) { self.columns = columns }

  /// Features in all.
  package var width: Int { columns.reduce(0) { $0 + $1.width } }

  /// The features' names.
  package var featureNames: [String] { columns.flatMap(\.featureNames) }

  /// Fits the encodings on training rows.
  ///
  /// - Parameters:
  ///   - rows: the training rows; all if nil.
  ///   - weights: a weight for each row, which counts as so many rows; 0 leaves it out. All are 1 if
  ///     nil.
  ///   - cap: levels a categorical column may have; rarer ones together are "other".
  ///   - standardise: whether numbers are centred and scaled to standard deviation 1 (division by
  ///     n). A constant column keeps scale 1.
  package init(
    fitting columns: [(name: String, column: FeatureColumn)], rows: [Int]? = nil,
    weights: [Double]? = nil, cap: Int = 50, standardise: Bool = true
  ) {
    self.columns = columns.map { name, column in
      let rows = (rows ?? Array(0..<column.count)).filter { (weights?[$0] ?? 1) > 0 }
      switch column {
      case .numeric(let values):
        let present = rows.filter { !values[$0].isNaN }
        let moments = WeightedMoments(
          present.map { values[$0] }, weights: present.map { weights?[$0] ?? 1 })
        return ColumnEncoding(
          name: name,
          kind: standardise
            ? .numeric(
              mean: moments.mean, scale: moments.isConstant ? 1 : moments.deviation,
              fill: moments.mean)
            : .numeric(mean: 0, scale: 1, fill: moments.mean),
          missingIndicator: present.count < rows.count)
      case .categorical(let codes, let names):
        var counts = [Double](repeating: 0, count: names.count)
        var isMissing = false
        for row in rows {
          if codes[row] < 0 {
            isMissing = true
          } else {
            counts[Int(codes[row])] += weights?[row] ?? 1
          }
        }
        let present = names.indices.filter { counts[$0] > 0 }
        // The most frequent levels stay; equal counts are told apart by name.
        let kept = present.sorted { (-counts[$0], names[$0]) < (-counts[$1], names[$1]) }
          .prefix(cap)
        return ColumnEncoding(
          name: name,
          kind: .categorical(
            levels: kept.map { names[$0] }.sorted(), other: present.count > kept.count),
          missingIndicator: isMissing)
      }
    }
  }

  /// Encodes rows, one row of features after another.
  ///
  /// A code of -2 in a categorical column is a category its names do not have.
  ///
  /// - Parameters:
  ///   - count: how many rows the columns have.
  ///   - chosen: the rows to encode, in this order; all if nil.
  ///   - counts: grows by what training rows had not shown.
  package func encode(
    _ given: [String: FeatureColumn], rows count: Int, chosen: [Int]? = nil,
    counts: inout EncodingCounts
  ) throws(EncodingError) -> [Double] {
    let width = width
    let rows = chosen?.count ?? count
    func source(_ row: Int) -> Int { chosen?[row] ?? row }
    var features = [Double](repeating: 0, count: rows * width)
    var at = 0
    for encoding in columns {
      guard let column = given[encoding.name] else { throw .missingColumn(encoding.name) }
      let missingAt = at + encoding.width - 1
      switch (encoding.kind, column) {
      case (.numeric(let mean, let scale, let fill), .numeric(let values)):
        for row in 0..<rows {
          let value = values[source(row)]
          if value.isNaN {
            counts.missing[encoding.name, default: 0] += 1
            features[row * width + at] = (fill - mean) / scale
            if encoding.missingIndicator { features[row * width + missingAt] = 1 }
            continue
          }
          guard value.isFinite else { throw .notFinite(column: encoding.name, row: source(row)) }
          let feature = (value - mean) / scale
          // The difference of two large numbers may leave the range of a Double.
          features[row * width + at] = feature.isFinite ? feature : value / scale - mean / scale
        }
      case (.categorical(let levels, let other), .categorical(let codes, let names)):
        // One search a name, not one a row.
        let places = names.map { levels.firstIndex(of: $0) }
        for row in 0..<rows {
          let code = codes[source(row)]
          if code == -1 {
            counts.missing[encoding.name, default: 0] += 1
            if encoding.missingIndicator { features[row * width + missingAt] = 1 }
          } else if code >= 0, let place = places[Int(code)] {
            features[row * width + at + place] = 1
          } else {
            if !other { counts.newCategories[encoding.name, default: 0] += 1 }
            if other { features[row * width + at + levels.count] = 1 }
          }
        }
      default: throw .wrongKind(column: encoding.name)
      }
      at += encoding.width
    }
    return features
  }
}
