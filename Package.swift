// swift-tools-version: 6.2

import PackageDescription

// Folders are the layers of the program, lowest first; an arrow goes only downwards.
let package = Package(
  name: "fairpost",
  products: [
    .library(name: "Fairpost", targets: ["Kit"]),
    .executable(name: "fairpost", targets: ["fairpost"]),
  ],
  targets: [
    // MARK: C. Only Numerics may depend on it.
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),

    // MARK: Libraries, lowest layer first.
    .target(name: "Numerics", dependencies: ["CGSL"]),
    .target(name: "Text"),
    .target(name: "JSON", dependencies: ["Numerics"]),
    .target(name: "CSV", dependencies: ["Numerics"]),
    .target(name: "Options"),
    .target(name: "Transport", dependencies: ["JSON", "Numerics"]),
    .target(name: "Learning", dependencies: ["JSON", "Numerics"]),
    .target(name: "Metrics", dependencies: ["Numerics", "Transport"]),
    .target(name: "Pipeline", dependencies: ["CSV", "Numerics", "Options", "Text", "Transport"]),
    .target(
      name: "Roles", dependencies: ["CSV", "Numerics", "Options", "Pipeline", "Transport"]),
    .target(name: "Charts", dependencies: ["Text"]),
    .target(
      name: "Methods",
      dependencies: ["JSON", "Learning", "Metrics", "Numerics", "Text", "Transport"]),
    .target(
      name: "Kit",
      dependencies: ["JSON", "Learning", "Methods", "Metrics", "Numerics", "Transport"]),

    // MARK: The program.
    .executableTarget(
      name: "fairpost",
      dependencies: [
        "CSV", "Charts", "JSON", "Learning", "Methods", "Metrics", "Numerics", "Options",
        "Pipeline", "Roles", "Text", "Transport",
      ],
      // One file to copy to another machine, and a start-up of milliseconds.
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux]))]),

    // MARK: Tests.
    .target(name: "TestSupport", dependencies: ["JSON", "Numerics"], path: "Tests/TestSupport"),
    .testTarget(name: "NumericsTests", dependencies: ["Numerics", "TestSupport"]),
    .testTarget(name: "TextTests", dependencies: ["TestSupport", "Text"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
    .testTarget(name: "CSVTests", dependencies: ["CSV", "Numerics", "TestSupport"]),
    .testTarget(name: "OptionsTests", dependencies: ["Options", "TestSupport"]),
    .testTarget(
      name: "TransportTests", dependencies: ["JSON", "Numerics", "TestSupport", "Transport"]),
    .testTarget(
      name: "MetricsTests",
      dependencies: ["JSON", "Metrics", "Numerics", "TestSupport", "Transport"]),
    .testTarget(
      name: "LearningTests", dependencies: ["JSON", "Learning", "Numerics", "TestSupport"]),
    .testTarget(
      name: "PipelineTests",
      dependencies: ["CSV", "Numerics", "Pipeline", "TestSupport", "Transport"]),
    .testTarget(name: "ChartsTests", dependencies: ["Charts", "TestSupport"]),
    .testTarget(
      name: "MethodsTests",
      dependencies: [
        "JSON", "Learning", "Methods", "Metrics", "Numerics", "Options", "TestSupport",
        "Transport",
      ]),
    .testTarget(name: "KitTests", dependencies: ["Kit"]),
    // These two run the built program; `make test` builds it first.
    .testTarget(name: "GoldenTests", dependencies: ["TestSupport"]),
    .testTarget(name: "LawsTests", dependencies: ["JSON", "Numerics", "TestSupport"]),
    .testTarget(
      name: "TortureTests", dependencies: ["JSON", "Numerics", "TestSupport"],
      exclude: ["failing.c"]),
  ]
)

// Built only on request, with the fuzzing engine: see `make fuzz`.
if Context.environment["FAIRPOST_FUZZ"] != nil {
  package.targets += [
    .executableTarget(
      name: "fairpost-fuzz", dependencies: ["CSV", "JSON", "Numerics"], path: "Tests/Fuzz",
      exclude: ["run.sh", "words.dict"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ]
}

// Built only on request: see `make bench`.
if Context.environment["FAIRPOST_BENCH"] != nil {
  package.targets += [
    .executableTarget(name: "fairpost-bench", path: "Tests/Bench", exclude: ["peers", "suites"])
  ]
}

// The modules that may touch raw memory, behind safe interfaces.
let unsafeTargets: Set = ["Numerics", "CSV", "fairpost-bench", "fairpost-fuzz"]

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
  var settings = target.swiftSettings ?? []
  settings += [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
  if target.type != .test, target.name != "TestSupport" {
    settings += [.treatAllWarnings(as: .error)]
    if !unsafeTargets.contains(target.name) {
      settings += [.strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error)]
    }
  }
  // Tests run against optimised libraries, but optimising the tests' own code takes minutes.
  if target.type == .test { settings += [.unsafeFlags(["-Onone"])] }
  target.swiftSettings = settings
}
