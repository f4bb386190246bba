internal import FairpostCSV
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
package import FairpostSettings
internal import FairpostText

/// The curve of a method's knob, from one reading of the records.
package struct FrontierCurve {
  private let method: any FrontierMethod
  private let knob: String
  private let roles: RoleNames
  private let seed: UInt64
  private let voice: SettingVoice
  /// How many values to take where the curve has no breakpoints of its own.
  package var steps = 20
  /// A score at or above it counts as decided 1, where the method decides nothing itself.
  package var threshold = 0.5
  /// The level of intervals.
  package var level = 0.95

  /// The methods that have a curve.
  package static var methods: [any FrontierMethod.Type] {
    adjustmentMethods.compactMap { $0 as? any FrontierMethod.Type }
  }

  /// Checks what can be checked without data.
  package init(
    _ name: String, given: [(name: String, value: String)], _ roles: RoleNames, seed: UInt64,
    _ voice: SettingVoice
  ) throws {
    guard let type = Self.methods.first(where: { $0.info.name == name }) else {
      throw UsageError(
        "there is no adjustment \"\(name)\" with a curve",
        hint: "it is one of \(Self.methods.map { $0.info.name }.joined(separator: ", "))")
    }
    knob = type.knob
    if given.contains(where: { $0.name == type.knob }) {
      throw UsageError(
        "the curve tries every value of \(voice.name(type.knob)) by itself: leave it out")
    }
    do { method = try type.init(given: given) } catch { throw error.usage(voice) }
    self.roles = roles
    self.seed = seed
    self.voice = voice
    guard roles.groups.count == 1 else {
      throw UsageError(
        "name one sensitive attribute: \(option: "group") COL",
        hint: "cross columns as in \(option: "group") sex,race")
    }
    do { try method.check(in: MethodContext(attributes: 1)) } catch { throw error.usage(voice) }
  }

  /// Reads the records, and others to judge by where there are any, and gives the curve as CSV.
  package func csv(
    _ input: Input, test: Input?, scores names: [String], _ console: Console
  ) throws -> [UInt8] {
    func read(_ input: Input) throws -> CalibrationReader.Reading {
      try CalibrationReader.read(
        input, roles, seed: seed, scores: names, method: method, certificate: false, voice,
        labels: .required)
    }
    let fitted = try read(input)
    let judged = try test.map { try read($0) }
    var head = ["score", knob, "value", "price", "lots", "rows", "accuracy"]
    head += ["accuracy.lower", "accuracy.upper"]
    for gap in FrontierFigures.gapNames { head += [gap, "\(gap).lower", "\(gap).upper"] }
    var bytes = Array((head.joined(separator: ",") + "\n").utf8)
    for (place, name) in names.enumerated() {
      var request = fitted.request
      request.data = Self.only(place, request.data)
      let curve: [FrontierStep]
      do { curve = try method.frontier(request, steps: steps) } catch let error as AdjustmentError {
        throw error.failure(input: input.name, voice)
      }
      let parts =
        [("fit", request.data)]
        + (judged.map { [("test", Self.only(place, $0.request.data))] } ?? [])
      for (rows, data) in parts {
        let lines = Parallel.map(curve.count, threads: request.threads) { index in
          line(name, curve[index], rows, data)
        }
        for line in lines { bytes += Array(line.utf8) }
      }
      console.note("\(name): \(curve.count) values of \(knob)")
    }
    console.summary(fitted.tally, [])
    return bytes
  }

  private func line(
    _ score: String, _ step: FrontierStep, _ rows: String, _ data: CalibrationData
  ) -> String {
    let figures = FrontierFigures(step.adjustment, data, threshold: threshold, level: level)
    func text(_ number: Double?) -> String {
      number.map { $0.isNaN ? "" : NumberText.text($0 + 0) } ?? ""
    }
    let name = String(decoding: Dialect.comma.quoted(Array(score.utf8)), as: UTF8.self)
    var fields = [name, text(step.setting)]
    // What the fit knows of itself stands with its own rows.
    fields += rows == "fit" ? [text(step.value), text(step.price), text(step.lots)] : ["", "", ""]
    fields.append(rows)
    for estimate in [figures.accuracy] + figures.gaps {
      fields += [
        text(estimate.value), text(estimate.interval.lower), text(estimate.interval.upper),
      ]
    }
    return fields.joined(separator: ",") + "\n"
  }

  /// One score with its labels.
  private static func only(_ place: Int, _ data: CalibrationData) -> CalibrationData {
    var own = data
    own.scores = [data.scores[place]]
    own.labels = place < data.labels.count ? [data.labels[place]] : []
    return own
  }
}
