// swift-tools-version: 6.2

import PackageDescription

// Folders are the layers of the program, lowest first; an arrow goes only downwards.
let package = Package(
  name: "fairpost",
  products: [
    .library(name: "Fairpost", targets: ["Fairpost"]),
    .executable(name: "fairpost", targets: ["fairpost"]),
  ],
  targets: [
    // MARK: C. Only Numerics may depend on it.
    .systemLibrary(
      name: "FairpostCGSL", path: "Sources/CGSL", pkgConfig: "gsl",
      providers: [.apt(["libgsl-dev"])]),

    // MARK: Libraries, lowest layer first.
    layer("Numerics", ["CGSL"]),
    layer("Text", []),
    layer("JSON", ["Numerics"]),
    layer("CSV", ["Numerics"]),
    layer("Options", ["Text"]),
    layer("Transport", ["Numerics"]),
    layer("Learning", ["JSON", "Numerics"]),
    layer("Metrics", ["Numerics", "Transport"]),
    layer("Pipeline", ["CSV", "Numerics", "Text", "Transport"]),
    layer("Roles", ["Numerics", "Pipeline", "Text", "Transport"]),
    layer("Charts", ["Text"]),
    layer("Methods", ["JSON", "Learning", "Numerics", "Text", "Transport"]),

    layer("Files", ["JSON", "Learning", "Methods", "Numerics", "Pipeline", "Text"]),
    layer(
      "Evaluation",
      [
        "CSV", "Files", "JSON", "Methods", "Metrics", "Numerics", "Pipeline", "Roles", "Text",
        "Transport",
      ]),

    layer(
      "Audit",
      [
        "CSV", "Evaluation", "JSON", "Metrics", "Numerics", "Pipeline", "Roles", "Text",
        "Transport",
      ]),
    layer("Settings", ["Methods", "Options", "Text"]),
    layer(
      "Adjusting",
      [
        "CSV", "Evaluation", "Files", "Methods", "Numerics", "Pipeline", "Roles", "Settings",
        "Text", "Transport",
      ]),
    layer(
      "Training",
      [
        "CSV", "Evaluation", "Files", "JSON", "Learning", "Methods", "Numerics", "Pipeline",
        "Roles", "Settings", "Text", "Transport",
      ]),
    layer(
      "Comparison",
      [
        "Adjusting", "CSV", "Evaluation", "Files", "JSON", "Learning", "Methods", "Metrics",
        "Numerics", "Pipeline", "Roles", "Settings", "Text", "Training", "Transport",
      ]),

    layer(
      "Plots",
      [
        "CSV", "Charts", "Evaluation", "Files", "Methods", "Metrics", "Numerics", "Pipeline",
        "Roles",
        "Text", "Transport",
      ]),

    layer(
      "Explain",
      [
        "Adjusting", "CSV", "Evaluation", "Files", "Learning", "Methods", "Numerics", "Pipeline",
        "Roles", "Settings", "Text", "Training", "Transport",
      ]),

    layer("Export", ["Files", "Learning", "Methods", "Numerics", "Pipeline", "Text", "Transport"]),
    layer(
      "Report", ["Charts", "Evaluation", "JSON", "Metrics", "Pipeline", "Text", "Transport"]),

    // MARK: What a Swift program imports.
    .target(
      name: "Fairpost",
      dependencies: modules([
        "Adjusting", "CSV", "Comparison", "Evaluation", "Files", "JSON", "Learning", "Methods",
        "Metrics", "Numerics", "Pipeline", "Roles", "Settings", "Text", "Training", "Transport",
      ])),

    // MARK: The program.
    .executableTarget(
      name: "fairpost",
      dependencies: modules([
        "Adjusting", "Audit", "CSV", "Charts", "Comparison", "Evaluation", "Explain", "Export",
        "Files", "JSON", "Learning", "Methods", "Metrics", "Numerics", "Options", "Pipeline",
        "Plots",
        "Report", "Roles", "Settings", "Text", "Training", "Transport",
      ]),
      // One file to copy to another machine, and a start-up of milliseconds.
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux]))]),

    // MARK: Tests.
    .target(
      name: "FairpostTestSupport", dependencies: modules(["JSON", "Numerics"]),
      path: "Tests/TestSupport"),
    tests("Numerics", ["Numerics"]),
    tests("Text", ["Text"]),
    tests("JSON", ["JSON"]),
    tests("CSV", ["CSV", "Numerics"]),
    tests("Options", ["Options", "Text"]),
    tests("Transport", ["JSON", "Numerics", "Transport"]),
    tests("Metrics", ["JSON", "Metrics", "Numerics", "Transport"]),
    tests("Learning", ["JSON", "Learning", "Numerics"]),
    tests("Pipeline", ["CSV", "Numerics", "Pipeline", "Text", "Transport"]),
    tests("Charts", ["Charts"]),
    tests("Audit", ["Audit", "JSON", "Numerics", "Pipeline", "Roles", "Transport"]),
    tests(
      "Methods", ["JSON", "Learning", "Methods", "Metrics", "Numerics", "Options", "Transport"]),
    .testTarget(
      name: "FairpostTests", dependencies: ["Fairpost"] + modules(["TestSupport"])),
    // These run the built program; `make test` builds it first.
    tests("Golden", []),
    tests("Laws", ["JSON", "Numerics"]),
    tests("Torture", ["JSON", "Numerics"], exclude: ["failing.c"]),
  ]
)

/// A package that depends on this one may have a `Numerics` or a `CSV` of its own: modules carry a
/// prefix, which their folders need not.
func modules(_ names: [String]) -> [Target.Dependency] {
  names.map { .target(name: "Fairpost" + $0) }
}

func layer(_ folder: String, _ below: [String]) -> Target {
  .target(name: "Fairpost" + folder, dependencies: modules(below), path: "Sources/" + folder)
}

func tests(_ folder: String, _ of: [String], exclude: [String] = []) -> Target {
  .testTarget(
    name: folder + "Tests", dependencies: modules(of + ["TestSupport"]),
    exclude: exclude)
}

// Built only on request, with the fuzzing engine: see `make fuzz`.
if Context.environment["FAIRPOST_FUZZ"] != nil {
  package.targets += [
    .executableTarget(
      name: "fairpost-fuzz", dependencies: modules(["CSV", "JSON", "Numerics"]), path: "Tests/Fuzz",
      exclude: ["run.sh", "words.dict"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ]
}

// Built only on request: see `make bench`.
if Context.environment["FAIRPOST_BENCH"] != nil {
  package.targets += [
    .executableTarget(
      name: "fairpost-bench", dependencies: modules(["Numerics"]), path: "Tests/Bench",
      exclude: ["peers", "suites"])
  ]
}

// The modules that may touch raw memory, behind safe interfaces.
let unsafeTargets: Set = ["FairpostNumerics", "FairpostCSV", "fairpost-bench", "fairpost-fuzz"]

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
  var settings = target.swiftSettings ?? []
  settings += [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
  if target.type != .test, target.name != "FairpostTestSupport" {
    settings += [.treatAllWarnings(as: .error)]
    if !unsafeTargets.contains(target.name) {
      settings += [.strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error)]
    }
  }
  // For working on it: an optimised build that compiles only what has changed (`make quick`).
  if Context.environment["FAIRPOST_QUICK"] != nil, target.type != .test {
    settings += [.unsafeFlags(["-O"])]
  }
  // Tests run against optimised libraries, but optimising the tests' own code takes minutes.
  if target.type == .test { settings += [.unsafeFlags(["-Onone"])] }
  target.swiftSettings = settings
}
