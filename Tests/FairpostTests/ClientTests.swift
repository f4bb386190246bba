import FairpostTestSupport
import Foundation
import Testing

/// A package that depends on this one by version builds and runs, and may have modules of its own that
/// are called what folders of this one are called.
@Suite struct ClientTests {
  private static let hasHistory = FileManager.default.fileExists(
    atPath: Shared.repository.appendingPathComponent(".git").path)

  @Test(.enabled(if: hasHistory, "a version is a tag: this needs the git history"))
  func buildsAgainstAVersion() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let folder = scratch.url
    let example = Shared.repository.appendingPathComponent("Examples/swift-client")
    let environment = ProcessInfo.processInfo.environment
    // The version is what is committed, with what was changed since on top.
    let script = """
      set -e
      git config --global --add safe.directory "*"
      git clone -q "$REPOSITORY" fairpost
      cd fairpost
      git config user.email nobody@example.org
      git config user.name nobody
      (cd "$REPOSITORY" && git diff --no-renames --name-only --diff-filter=D HEAD -- Sources Package.swift) |
        xargs -r rm -f
      (cd "$REPOSITORY" && {
        git diff --no-renames --name-only --diff-filter=d HEAD -- Sources Package.swift
        git ls-files -o --exclude-standard -- Sources
      } | tar cf - -T -) | tar xf -
      git add Sources Package.swift
      git commit -q --allow-empty -m version
      git tag 9.9.9
      cd ..
      mkdir client
      cp -R "$EXAMPLE/Package.swift" "$EXAMPLE/Sources" client/
      cd client
      sed -i.old "s|.package(name: \\"fairpost\\", path: \\"../..\\")|.package(url: \\"$(pwd)/../fairpost\\", exact: \\"9.9.9\\")|" Package.swift
      grep -q 9.9.9 Package.swift
      "$SWIFT" build --cache-path ../cache --product client >../build.log 2>&1 || {
        tail -20 ../build.log >&2
        exit 1
      }
      exec "$("$SWIFT" build --cache-path ../cache --show-bin-path)/client"
      """
    let run = try Program.run(
      executable: "/bin/sh", ["-c", script],
      environment: [
        "PATH": environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path,
        "REPOSITORY": Shared.repository.path, "EXAMPLE": example.path,
        "SWIFT": environment["SWIFT"] ?? "swift",
      ], directory: folder, timeout: 900)
    try #require(run.status == 0, "\(run.errorText)")
    let expected = try String(
      contentsOf: example.appendingPathComponent("expected.txt"), encoding: .utf8)
    #expect(run.outputText == expected)
  }
}
