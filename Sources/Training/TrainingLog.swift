package import FairpostMethods
internal import FairpostNumerics

/// The figures of every epoch or iteration, as CSV.
package struct TrainingLog {
  package private(set) var bytes: [UInt8] = []

  /// Adds a line, the first with a header before it.
  package mutating func add(_ line: TrainingLogLine) {
    if bytes.isEmpty {
      let names = ["step"] + line.figures.map { Self.quoted($0.name) }
      bytes += Array((names.joined(separator: ",") + "\n").utf8)
    }
    NumberText.append(line.step, to: &bytes)
    for (_, value) in line.figures {
      bytes.append(UInt8(ascii: ","))
      if value.isFinite { NumberText.append(value, to: &bytes) }
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func quoted(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D })
    else { return name }
    return "\""
      + name.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  /// What a terminal shows meanwhile.
  package static func progress(_ line: TrainingLogLine, planned: Int?, started: Double) -> String {
    var text = "\(line.step + 1)"
    if let planned, planned > 0 {
      let share = Double(line.step + 1) / Double(planned)
      let left = (ProcessFacts.seconds - started) * (1 - share) / share
      text += " of \(planned), at most \(Int(max(left, 0))) s left"
    }
    for (name, value) in line.figures.prefix(3) where value.isFinite {
      text += ", \(name) \(TrainingSummary.text(value))"
    }
    return text
  }
}
