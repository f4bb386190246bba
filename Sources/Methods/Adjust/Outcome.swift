/// What was done to one row, besides mapping it.
package struct Outcome: OptionSet, Sendable, Hashable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The score lay outside its group's fitted range and was held at the end.
  package static let clamped = Outcome(rawValue: 1)
  /// The score lay outside its group's fitted range and the map was continued with slope 1.
  package static let shifted = Outcome(rawValue: 2)
  /// The score lay outside its group's fitted range.
  package static let outside = Outcome(rawValue: 4)
  /// The group was not in the fit.
  package static let unseenGroup = Outcome(rawValue: 8)
  /// The group is missing.
  package static let missingGroup = Outcome(rawValue: 16)
  /// The combination of groups was too small in the fit, or not there.
  package static let smallCell = Outcome(rawValue: 32)
  /// A map over several groups stood in for the group's own.
  package static let pooled = Outcome(rawValue: 64)
  /// The score was left as it was.
  package static let passed = Outcome(rawValue: 128)
  /// The score is missing and stays so.
  package static let missingScore = Outcome(rawValue: 256)
  /// The row is to be left out.
  package static let dropped = Outcome(rawValue: 512)
  /// A policy says that this row is an error; the other bits say why.
  package static let refused = Outcome(rawValue: 1024)
}
