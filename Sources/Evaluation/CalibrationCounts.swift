internal import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
package import FairpostTransport

/// How many rows each group had when a map was fitted: they bound how fair it can be.
package enum CalibrationCounts {
  /// The rows by attribute and group of a map: of each attribute, and of all of them crossed.
  package static func of(_ path: String) throws -> [[String]: [GroupKey: Int]] {
    let map = try MapFile(path: path).adjustment
    let keys = map.groupKeys.map { $0.map { GroupKey($0) } }
    let crossed = map.groupColumns.flatMap { $0 }
    var result: [[String]: [GroupKey: Int]] = [:]
    for score in map.scoreColumns.indices {
      var counts: [[String]: [GroupKey: Int]] = [:]
      func add(_ cell: [GroupKey], _ rows: Int) {
        for (columns, key) in zip(map.groupColumns, cell) {
          counts[columns, default: [:]][key, default: 0] += rows
        }
        if map.groupColumns.count > 1, cell.count == map.groupColumns.count {
          counts[crossed, default: [:]][GroupKey(cell.flatMap(\.parts)), default: 0] += rows
        }
      }
      let reference = map.calibration(of: score)
      for (codes, distribution) in zip(reference.codes, reference.distributions) {
        add(codes.enumerated().map { keys[$0][$1] }, distribution.rows)
      }
      for (cell, rows) in reference.small { add(cell, rows) }
      // Several scores: the smallest sample bounds.
      for (columns, groups) in counts {
        result[columns, default: [:]].merge(groups, uniquingKeysWith: min)
      }
    }
    return result
  }
}
