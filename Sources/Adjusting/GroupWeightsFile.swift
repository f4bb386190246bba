internal import FairpostCSV
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
package import FairpostSettings
internal import FairpostText
package import FairpostTransport

/// The weights of groups in a file with the group columns and a column "weight".
package enum GroupWeightsFile {
  /// The weights in the file that a method's settings name; nil where they name none.
  ///
  /// - Parameters:
  ///   - columns: the columns of the only attribute.
  ///   - voice: who names the setting where the file cannot be opened.
  package static func weights(
    of method: any AdjustmentMethod, _ columns: [String], _ settings: InputSettings,
    _ voice: SettingVoice
  ) throws -> [GroupKey: Double]? {
    guard let (setting, path) = method.groupWeightsFile else { return nil }
    var plain = InputSettings()
    plain.delimiter = settings.delimiter
    let input: Input
    do { input = try Input(path, plain) } catch let failure as Failure {
      guard failure.status == .noInput, let reason = failure.message.after("\(path): ") else {
        throw failure
      }
      throw Failure(.noInput, "\(voice.given(setting, path)): \(reason)", hint: failure.hint)
    }
    var request = TableRequest()
    request.numbers = [try input.column("weight")]
    request.groups = [try input.columns(columns)]
    let table = try input.table(request)
    var weights: [GroupKey: Double] = [:]
    for row in 0..<table.count where table.groups[0].codes[row] >= 0 {
      let weight = table.numbers[0][row]
      let key = table.groups[0].keys[Int(table.groups[0].codes[row])]
      if let fault = WeightRule.fault(weight, isFrequency: false) {
        let words = WeightColumn.words(fault, weight, isFrequency: false)
        throw Failure(.badData, "\(path): group \(key): \(words)")
      }
      guard weights.updateValue(weight, forKey: key) == nil else {
        throw Failure(.badData, "\(path): group \(key) appears twice")
      }
    }
    return weights
  }

  /// A digest of groups and their weights, whatever their order in the file.
  package static func digest(_ weights: [GroupKey: Double]) -> UInt64 {
    let hash = StableHash(seed: 0, purpose: "group weights")
    return weights.reduce(0) { sum, entry in
      let key = entry.key.parts.reduce(hash(1)) { hash($0 ^ hash($1)) }
      return sum &+ hash(key ^ entry.value.bitPattern)
    }
  }
}
