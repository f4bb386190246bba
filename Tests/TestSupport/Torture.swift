import Foundation

/// The long form of tests that take random cases: `FAIRPOST_TORTURE=100000`.
package enum Torture {
  /// How many cases are wanted; nil for a test's usual number.
  package static let cases: Int? =
    ProcessInfo.processInfo.environment["FAIRPOST_TORTURE"].flatMap { Int($0) }
}
