internal import FairpostNumerics

/// What this build is.
enum Version {
  /// The program's version; files it writes carry it.
  static let number = "0.1.0"

  /// What `--version` prints.
  static var text: String {
    """
    fairpost \(number)
    GNU Scientific Library \(GSL.version)
    Licence GPL-3.0-or-later: free software, without warranty.

    """
  }
}
