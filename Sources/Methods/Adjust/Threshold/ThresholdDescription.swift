internal import FairpostNumerics
internal import FairpostText

/// The words about thresholds: what `inspect` prints and what `fit` says.
extension ThresholdAdjustment {
  func description() -> String {
    var lines = [
      "A score of at least its group's threshold is decided 1, a lower one 0.",
      "", "minimised      \(objective.rawValue)",
      "other groups   \(otherwise.map { "threshold \(Wording.short($0))" } ?? "fail")",
      "attribute      \(columns.joined(separator: ", ")): \(keys.map { Wording.name($0) }.joined(separator: " | "))",
    ]
    for score in scores {
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "decision"))")
      var rows = [["group", "records", "threshold", "", "selected at 0.5", "selected"]]
      for group in keys.indices {
        rows.append([
          Wording.name(keys[group]), "\(score.records[group])",
          NumberText.text(score.thresholds[group]), score.isFixed[group] ? "fixed" : "found",
          Wording.short(score.before.selected[group]), Wording.short(score.after.selected[group]),
        ])
      }
      lines += Wording.aligned(rows)
      lines.append("  \(score.note(objective))")
    }
    return Shown.page(lines)
  }
}

extension ThresholdAdjustment.Score {
  /// What the thresholds do to the calibration records, in one line.
  func note(_ objective: ThresholdObjective) -> String {
    var words =
      "\(name): \(objective.rawValue == "demographic_parity_ratio" ? "1 - demographic_parity_ratio" : objective.rawValue) \(Wording.short(before.disparity)) with every threshold 0.5, \(Wording.short(after.disparity)) at the fitted ones"
    if let old = before.accuracy, let new = after.accuracy {
      words += "; accuracy \(Wording.short(old)), \(Wording.short(new))"
    }
    return words + " (in sample)"
  }
}
