package import FairpostPipeline
package import FairpostText

/// How many rows lack a label, a score or a decision: figures that need one leave them out, and the
/// summary says so.
package struct MissingValues: Sendable {
  private var names: [String] = []
  private var counts: [Int] = []

  /// Counts rows without a column.
  package mutating func count(_ column: ColumnReference?, _ rows: Int) {
    if let column { count(column.name, rows) }
  }

  /// Counts rows without a column; one that several tasks use is counted once.
  package mutating func count(_ name: String, _ rows: Int) {
    guard rows > 0, !names.contains(name) else { return }
    names.append(name)
    counts.append(rows)
  }

  /// Adds what another part of the same rows lacks.
  package mutating func add(_ other: MissingValues) {
    for (name, count) in zip(other.names, other.counts) {
      if let place = names.firstIndex(of: name) {
        counts[place] += count
      } else {
        names.append(name)
        counts.append(count)
      }
    }
  }

  /// Takes over what is known of other columns.
  package mutating func join(_ other: MissingValues) {
    for (name, rows) in zip(other.names, other.counts) { count(name, rows) }
  }

  /// What the summary says, in the order of the names.
  package var notes: [Message] {
    zip(names, counts).sorted { $0.0 < $1.0 }.map { "\(Console.grouped($1)) without \($0)" }
  }
}
