internal import Transport

/// A way to post-process: something that is fitted to columns and then maps rows one by one.
///
/// A method takes scores and gives scores or decisions; what it needs besides (labels, ids) is up to
/// its fit.
public protocol AdjustmentMethod: Sendable {
  /// What was chosen.
  associatedtype Settings: Sendable
  /// What a fit gives.
  associatedtype Map: Sendable

  /// The word on the command line.
  static var name: String { get }
  /// One line for the list of methods.
  static var summary: String { get }
  /// The paper the method comes from.
  static var reference: String { get }

  /// Fits the method to calibration data.
  static func fit(_ data: CalibrationData, settings: Settings) throws(AdjustmentError) -> Map
}

/// The Wasserstein-barycentre map.
public enum WassersteinAdjustment: AdjustmentMethod {
  public static let name = "wasserstein"
  public static let summary =
    "move every group's scores to the Wasserstein barycentre of the groups' distributions"
  public static let reference =
    "Hu, Ratz and Charpentier 2023, arXiv 2306.10155; Chzhen et al. 2020"

  public static func fit(
    _ data: CalibrationData, settings: WassersteinSettings
  ) throws(AdjustmentError) -> WassersteinMap {
    try WassersteinMap(data, settings: settings)
  }
}
