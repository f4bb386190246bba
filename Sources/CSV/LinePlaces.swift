package import FairpostNumerics

/// A source whose lines are not those of one file from its beginning.
package protocol LinePlaces: ByteSource {
  /// Where a line of what it gives, counted from 1, stands: in which file, where there are several, and
  /// which line of the file it is.
  func place(ofLine line: Int) -> (path: String?, line: Int)
}
