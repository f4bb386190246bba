// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "client",
  dependencies: [
    // Or by version: .package(url: "https://.../fairpost.git", from: "0.1.0")
    .package(name: "fairpost", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "client",
      dependencies: ["Numerics", .product(name: "Fairpost", package: "fairpost")]),
    // A module of the client's own may be called what one of fairpost's folders is called.
    .target(name: "Numerics"),
  ]
)
