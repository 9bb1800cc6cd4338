// swift-tools-version: 6.0
import PackageDescription

// A package of its own: a client needs nothing of Semblance but its API.
let package = Package(
    name: "semblance-client",
    targets: [.executableTarget(name: "semblance-client", path: "Sources/SemblanceClient")]
)
