/// Something that should be known of a training run, beside its figures.
package enum TrainingObservation: Sendable, Hashable {
  /// A group has no validation row with a label, and so no say about it.
  case cellLeftOut(group: String, label: String)
  /// Fewer validation rows than asked for were drawn of a cell.
  case fewDrawn(group: String, label: String, rows: Int)
  /// So many validation rows have no group or no label.
  case validationRowsLeftOut(rows: Int)
  /// A group that counts as much as any other has few training rows.
  case smallGroup(group: String, rows: Int)
  /// The players could agree only in this share of the minibatches.
  case seldomAgreed(share: Double)
  /// The validation loss hardly fell while the players bargained.
  case plateau(first: Double, last: Double)
  /// A player's validation loss is higher at the end of bargaining than before training.
  case stillLosing(player: String, before: Double, after: Double)
}
