internal import FairpostCGSL

/// Facts about the GNU Scientific Library this build runs on.
package enum GSL {
  /// The library's own version string, such as `2.7.1`.
  package static var version: String { unsafe String(cString: cgsl_version()) }

  /// Turns off GSL's default handler, which aborts the process; every call's status is checked instead.
  ///
  /// Call it once, before the first use of GSL.
  package static func start() { unsafe _ = gsl_set_error_handler_off() }
}
