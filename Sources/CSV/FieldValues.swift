package import FairpostNumerics

/// A field that is not what its column's role asks for.
package struct FieldProblem: Sendable, Equatable {
  /// What is wrong with it.
  package enum Kind: Sendable, Equatable {
    /// It is text where a number belongs.
    case notNumber
    /// It is an infinity, or a decimal beyond the largest Double.
    case notFinite
  }
  /// The record, counted from 0 in the block.
  package let record: Int
  /// What is wrong.
  package let kind: Kind

  /// A field of a record that is no number.
  package init(record: Int, kind: Kind) {
    self.record = record
    self.kind = kind
  }
}

extension Block {
  /// Reads a column as numbers: NaN where missing or not a number; the latter are listed.
  ///
  /// - Parameter missing: texts that mean "missing" besides the usual ones.
  package func numbers(
    _ column: Int, missing: Set<ByteText> = [], into values: inout [Double],
    problems: inout [FieldProblem]
  ) {
    precondition(column < fieldCount)
    let rows = count
    values = [Double](unsafeUninitializedCapacity: rows) { target, filled in
      for row in 0..<rows { target[row] = number(row, column, missing, &problems) }
      filled = rows
    }
  }

  @inline(__always)
  private func number(
    _ row: Int, _ column: Int, _ missing: Set<ByteText>, _ problems: inout [FieldProblem]
  ) -> Double {
    let (from, length) = field(row, column)
    if case .number(let value) = NumberText.parse(buffer.start + from, count: length),
      missing.isEmpty
    {
      return value
    }
    return unusualNumber(row, column, missing, &problems)
  }

  /// Whatever is not a plain number.
  @inline(never)
  private func unusualNumber(
    _ row: Int, _ column: Int, _ missing: Set<ByteText>, _ problems: inout [FieldProblem]
  ) -> Double {
    let bytes = UnsafePointer(buffer.start)
    var (from, length) = field(row, column)
    if length > 1, bytes[from] == Dialect.quote {
      // A quoted number cannot hold a quote, so what is between the quotes is its text.
      from += 1
      length -= 1
      if length > 0, bytes[from + length - 1] == Dialect.quote { length -= 1 }
    }
    switch NumberText.parse(bytes + from, count: length) {
    case .number(let value):
      if !missing.isEmpty, missing.contains(ByteText(text(row, column))) { return .nan }
      return value
    case .missing: return .nan
    case .notFinite, .invalid:
      if missing.isEmpty || !missing.contains(ByteText(text(row, column))) {
        var kind = FieldProblem.Kind.notNumber
        if case .notFinite = NumberText.parse(bytes + from, count: length) { kind = .notFinite }
        problems.append(FieldProblem(record: row, kind: kind))
      }
      return .nan
    }
  }

  /// The keyed hash of a column's values, unquoted.
  package func hashes(_ column: Int, _ hash: StableHash, into values: inout [UInt64]) {
    precondition(column < fieldCount)
    values.removeAll(keepingCapacity: true)
    values.reserveCapacity(count)
    for row in 0..<count {
      let (from, length) = field(row, column)
      let raw = UnsafeRawBufferPointer(start: buffer.start + from, count: length)
      if length > 0, raw[0] == Dialect.quote {
        let text = Block.unquoted(UnsafeBufferPointer(start: buffer.start + from, count: length))
        values.append(text.withUnsafeBytes { hash($0) })
      } else {
        values.append(hash(raw))
      }
    }
  }

  /// The keyed hash of whole records, as they stand without their line ending.
  package func recordHashes(_ hash: StableHash, into values: inout [UInt64]) {
    values.removeAll(keepingCapacity: true)
    values.reserveCapacity(count)
    for row in 0..<count {
      let from = field(row, 0).start
      values.append(
        hash(UnsafeRawBufferPointer(start: buffer.start + from, count: contentEnd(row) - from)))
    }
  }

  /// Whether a field is empty, quoted or not.
  package func isEmpty(_ record: Int, _ column: Int) -> Bool {
    let (from, length) = field(record, column)
    return length == 0
      || (length == 2 && buffer.start[from] == Dialect.quote
        && buffer.start[from + 1] == Dialect.quote)
  }
}
