// swift-tools-version: 6.2
import PackageDescription

// Beside the main package, so that nobody who uses it builds this.
let package = Package(
    name: "SemblanceBenchmarks",
    dependencies: [.package(name: "Semblance", path: "..")],
    targets: [
        .executableTarget(
            name: "semblance-bench",
            dependencies: [.product(name: "Semblance", package: "Semblance")],
            swiftSettings: [.treatAllWarnings(as: .error)])
    ],
    cxxLanguageStandard: .cxx20
)
