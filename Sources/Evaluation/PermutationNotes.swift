package import FairpostMetrics
package import FairpostText

/// The p-values of an evaluation as they are shown, and what a reader must know of them.
package struct PermutationNotes {
  package private(set) var figures: [Figure]
  package private(set) var notes: [Message] = []

  /// Corrects p-values where asked to, and says where there are too few permutations for a small one.
  package init(_ figures: [Figure], correctsP: Bool, _ settings: EvaluationOptions) {
    self.figures = figures
    var hypotheses = 1
    if correctsP {
      let tested = figures.count { $0.score != "constant" && $0.pValue != nil }
      (self.figures, hypotheses) = MultipleTesting.holm(figures)
      guard hypotheses > 0 else { return }
      notes.append(
        "p: Holm's correction for \(counted(hypotheses, "hypothesis", "hypotheses")), each tested by the first of its figures (\(counted(tested, "figure", "figures")))"
      )
    }
    guard figures.contains(where: { $0.pValue != nil }) else { return }
    let needed = MultipleTesting.permutations(for: settings.tail, hypotheses: hypotheses)
    guard settings.permutations < needed else { return }
    let least = min(1, Double(hypotheses) / Double(settings.permutations + 1))
    notes.append(
      "with \(counted(settings.permutations, "permutation", "permutations")) no p can be below \(FigureTable.short(least)): \(FigureTable.short(settings.tail)) needs \(option: "permutations") \(needed) or more"
    )
  }
}

/// A number with its noun.
private func counted(_ number: Int, _ one: String, _ many: String) -> String {
  "\(number) \(number == 1 ? one : many)"
}
