internal import FairpostNumerics
internal import FairpostText

extension Version {
  /// What `--version` prints.
  static var text: String {
    """
    fairpost \(number)
    GNU Scientific Library \(GSL.version)
    Licence GPL-3.0-or-later: free software, without warranty.

    """
  }
}
