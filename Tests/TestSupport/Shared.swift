package import Foundation

/// Reference vectors and data that are not part of the repository.
///
/// Tests that use them run where they are found and are reported as skipped elsewhere:
/// `@Test(.enabled(if: Shared.isPresent))`.
package enum Shared {
  /// The repository's root folder.
  package static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["FAIRPOST_SHARED"], !path.isEmpty {
      return URL(fileURLWithPath: path)
    }
    return repository.deletingLastPathComponent().appendingPathComponent("shared")
  }()

  /// Whether the folder is there; `make test-shared` fails where it is not.
  package static let isPresent = FileManager.default.fileExists(
    atPath: root.appendingPathComponent("reference").path)

  /// The path of a file below the folder.
  package static func path(_ relative: String) -> String {
    root.appendingPathComponent(relative).path
  }

  /// The bytes of a file below the folder.
  package static func bytes(_ relative: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(relative))))
  }
}

/// Small files that are part of the repository.
package enum Fixture {
  /// The path of a file below `Fixtures/`.
  package static func path(_ relative: String) -> String {
    Shared.repository.appendingPathComponent("Fixtures").appendingPathComponent(relative).path
  }

  /// The bytes of a file below `Fixtures/`.
  package static func bytes(_ relative: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(relative))))
  }
}
