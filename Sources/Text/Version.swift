/// What this build is.
package enum Version {
  /// The version of the program and the library; files that are written carry it.
  package static let number = "0.1.0"
}
