import Foundation

/// The long form of tests that take random cases: `FAIRPOST_TORTURE=100000`.
public enum Torture {
  /// How many cases are wanted; nil for a test's usual number.
  public static let cases: Int? =
    ProcessInfo.processInfo.environment["FAIRPOST_TORTURE"].flatMap { Int($0) }
}
