internal import FairpostCSV
internal import FairpostEvaluation
internal import FairpostNumerics
internal import FairpostText

/// Summaries of explanations: a table for people, CSV for programs.
package enum SummaryText {
  /// The summaries of models, by the name of their file.
  package static func bytes(
    _ models: [(name: String, lines: [ModelExplanation.Summary])], isTable: Bool
  ) -> [UInt8] {
    isTable ? Array(table(models).utf8) : csv(models)
  }

  private static func csv(
    _ models: [(name: String, lines: [ModelExplanation.Summary])]
  ) -> [UInt8] {
    var bytes = Array(
      "model,score,feature,rank,mean_size,share,attribute,group,against,n,mean,flag\n"
        .utf8)
    let dialect = Dialect.comma
    func number(_ value: Double) -> String { value.isFinite ? NumberText.text(value) : "" }
    for (name, lines) in models {
      for line in lines {
        let fields = [
          name, line.score, line.feature.isEmpty ? "(score)" : line.feature,
          line.rank > 0 ? String(line.rank) : "", number(line.meanSize), number(line.share),
          line.attribute, line.group, line.against, String(line.count), number(line.mean),
          line.isAbsent ? "no input of the model: 0 by construction" : "",
        ]
        bytes +=
          Array(
            fields.map { dialect.quoted(Array($0.utf8)) }.joined(separator: [0x2C])) + [0x0A]
      }
    }
    return bytes
  }

  private static func table(
    _ models: [(name: String, lines: [ModelExplanation.Summary])]
  ) -> String {
    var text = ""
    for (name, lines) in models {
      var blocks: [(score: String, attribute: String)] = []
      for line in lines
      where !blocks.contains(where: { $0.score == line.score && $0.attribute == line.attribute }) {
        blocks.append((line.score, line.attribute))
      }
      for block in blocks {
        let known = lines.filter { $0.score == block.score && $0.attribute == block.attribute }
        let hasGap = known.contains { !$0.against.isEmpty }
        let own = hasGap ? known.filter { !$0.against.isEmpty } : known
        var title = "\(name): \(block.score)"
        if hasGap, let first = own.first {
          title += " by \(block.attribute), \(first.group) against \(first.against)"
        }
        let header = ["  feature", "mean size", "share"] + (hasGap ? ["brings to the gap"] : [])
        let rows = own.map { line in
          [
            "  " + (line.feature.isEmpty ? "in all" : line.feature),
            FigureTable.short(line.meanSize),
            NumberText.fixed(line.share * 100, digits: 1) + " %",
          ]
            + (hasGap
              ? [line.isAbsent ? "no input of the model" : FigureTable.short(line.mean)] : [])
        }
        text +=
          (text.isEmpty ? "" : "\n") + Shown.text(title) + "\n"
          + FigureTable.aligned(
            [header] + rows, right: [false] + header.dropFirst().map { _ in true })
      }
    }
    return text
  }
}
