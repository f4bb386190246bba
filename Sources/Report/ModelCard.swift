package import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostPipeline
internal import FairpostText

/// The fairness part of a model card, in Markdown.
package enum ModelCard {
  /// The card of an evaluation.
  package static func markdown(
    title: String, input: String, outcome: EvaluationRun.Outcome, smallGroup: Int,
    about: String?
  ) -> String {
    let glance = Glance(outcome.figures, width: 200, smallGroup: smallGroup)
    var text = "# \(Shown.markdown(title))\n\n"
    if let about {
      text +=
        "## Model\n\n"
        + about.split(separator: "\n").map { "    \(Shown.line(String($0)))\n" }.joined() + "\n"
    }
    text +=
      "## Evaluated on\n\n\(Console.grouped(outcome.tally.records)) rows of \(Shown.markdown(input)): \(Shown.markdown(outcome.words)).\n\n"
    text += "## Fairness\n\n"
    for finding in outcome.verdicts {
      let word = finding.verdict.word
      let sentence = FailureGates.sentence(finding).description
        .replacing(": \(word)", with: "")
      text += "- **\(word)** \(Shown.markdown(sentence))\n"
    }
    if !outcome.verdicts.isEmpty { text += "\n" }
    for verdict in glance.verdicts() where !verdict.rows.isEmpty {
      text += FigureTable.markdown(
        "\(verdict.score) by \(verdict.attribute.joined(separator: ","))",
        ["notion", "", "gap", "interval", "chance level", "highest, lowest"],
        verdict.rows.map {
          [$0.notion, $0.word.rawValue, $0.gap, $0.interval, $0.chance, $0.sized]
        },
        right: [false, false, true, false, true, false])
      text += "\n"
    }
    text += "## Figures\n\n"
    text += FigureTable(pairs: outcome.pairs, style: .markdown)
      .text(ReportPage.shown(outcome.figures).filter { $0.score != "constant" })
    return text + """

      ## Limits

      - A gap says that groups are treated differently, not why.
      - Figures hold for rows like these, and only if the labels themselves are not biased.
      - Equal selection, equal errors and equal calibration cannot all hold if groups differ in what is predicted.

      """
  }
}
