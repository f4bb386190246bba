internal import FairpostCSV
package import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles

/// What a whole file says about its columns: which hold numbers, which values labels have.
package struct ColumnTypes {
  /// One column as its values show it.
  package struct Facts: Sendable {
    /// Values that are there, and how many of them are numbers.
    package var present = 0
    package var numbers = 0
    /// The first value that is no number.
    package var firstText: ByteText?
    /// The distinct values of a label, up to `mostValues` and one more.
    package var values: Set<ByteText> = []
    /// What a label's numbers are like.
    package var label = LabelFacts()

    /// A column all of whose values are numbers; one without values counts as one.
    package var isNumeric: Bool { firstText == nil }

    package mutating func add(_ other: Facts, behind line: Int) {
      label.add(other.label, behind: line)
      present += other.present
      numbers += other.numbers
      firstText = firstText ?? other.firstText
      if values.count <= ColumnTypes.mostValues { values.formUnion(other.values) }
    }
  }

  /// Classes a label may have; more distinct values are no classes.
  package static let mostValues = 100

  private let facts: [String: Facts]
  /// What was read.
  package let tally: Tally
  /// The rows that take part.
  package var rows: Int { tally.records - tally.leftOut }

  /// The facts of a column that was asked for.
  package subscript(name: String) -> Facts { facts[name] ?? Facts() }

  /// Reads the whole stream.
  package init(_ input: Input, features: [String], labels: [String], bar: ProgressBar?) throws {
    let names = features + labels
    let columns = try input.columns(names)
    let labelStart = features.count
    let found = Guarded(
      (facts: [Facts](repeating: Facts(), count: names.count), lines: input.headerLines))
    tally = try input.run(
      onProgress: nil, makeState: { [UInt8]() },
      transform: { (batch: inout Batch, _: inout [UInt8]) -> [Facts] in
        columns.enumerated().map { place, column in
          Self.facts(batch, column, isLabel: place >= labelStart)
        }
      },
      finish: { (facts: [Facts], _: Block, _: Settled, _: inout [UInt8]) in facts },
      consume: { (facts: [Facts], tally: Tally) in
        found.withLock { found in
          for place in facts.indices { found.facts[place].add(facts[place], behind: found.lines) }
          found.lines += tally.lines
        }
      })
    let all = found.withLock { $0.facts }
    facts = Dictionary(zip(names, all), uniquingKeysWith: { first, _ in first })
  }

  private static func facts(_ batch: Batch, _ column: ColumnReference, isLabel: Bool) -> Facts {
    var facts = Facts()
    let missing = batch.missingTexts
    // The quick way for the usual column of numbers: only its bad fields are looked at.
    if !isLabel, let field = column.field {
      var values: [Double] = []
      var problems: [FieldProblem] = []
      batch.read(field, into: &values, &problems)
      for row in values.indices where !batch.isLeftOut(row) && !values[row].isNaN {
        facts.present += 1
        facts.numbers += 1
      }
      for problem in problems where !batch.isLeftOut(problem.record) {
        facts.present += 1
        // An infinity is a bad number, not a category.
        guard problem.kind == .notNumber else { continue }
        facts.firstText = facts.firstText ?? batch.text(problem.record, column)
      }
      return facts
    }
    for row in 0..<batch.count where !batch.isLeftOut(row) {
      let text = batch.text(row, column)
      if text.isEmpty || missing.contains(text) { continue }
      if isLabel, facts.values.count <= mostValues { facts.values.insert(text) }
      switch batch.parse(text) {
      case .missing: continue
      case .number(let value):
        facts.present += 1
        facts.numbers += 1
        if isLabel { facts.label.see(value, line: batch.block.line(of: row) + 1) }
      case .notFinite: facts.present += 1
      case .invalid:
        facts.present += 1
        facts.firstText = facts.firstText ?? text
        if isLabel { facts.label.seeText(text) }
      }
    }
    return facts
  }
}
