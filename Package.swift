// swift-tools-version: 6.2
import Foundation
import PackageDescription

// libtorch is found through LIBTORCH, else through the link that Scripts/setup makes. The run path is
// given to the linker here because SwiftPM drops it from pkg-config files.
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.deps/libtorch"

let swiftSettings: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let torchLinkage: [LinkerSetting] = [
    .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
    .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
]

/// Rooms (and programs that tests run) that exist in this checkout.
func present(_ names: [String]) -> [Target.Dependency] {
    names.filter { name in
        ["Sources", "Tests"].contains {
            FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\($0)/\(name)")
        }
    }.map { .init(stringLiteral: $0) }
}

func room(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(name: name, dependencies: present(dependencies), swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: present([name] + dependencies), exclude: fixtures(name),
        swiftSettings: swiftSettings)
}

/// Fixtures are read through #filePath, not bundled.
func fixtures(_ name: String) -> [String] {
    FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Tests/\(name)Tests/Fixtures")
        ? ["Fixtures"] : []
}

let package = Package(
    name: "Semblance",
    targets: [
        .target(
            name: "CTorch",
            cxxSettings: [
                .unsafeFlags([
                    "-I\(libtorch)/include", "-I\(libtorch)/include/torch/csrc/api/include", "-O2",
                    "-Wno-everything",
                ])
            ],
            linkerSettings: torchLinkage),
        .systemLibrary(
            name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
        room("Torch", ["CTorch"]),
        room("NN", ["Torch"]),
        room("Imaging", ["CTurboJPEG", "CPNG", "CWebP"]),
        room("Configuration"),
        room("CommandLineKit", ["Configuration"]),
        room("Resources"),
        room("Metrics", ["Torch"]),
        room("Perceptual", ["Torch", "NN"]),
        room("Training", ["NN", "Torch", "Imaging"]),
        room("Faces", ["Metrics", "NN", "Torch", "Imaging", "Resources"]),
        room(
            "Unmasking",
            [
                "Configuration", "Faces", "Training", "Perceptual", "Metrics", "NN", "Torch", "Imaging",
                "Resources",
            ]),
        .executableTarget(
            name: "semblance",
            dependencies: present([
                "CommandLineKit", "Configuration", "Resources", "Unmasking", "Faces", "Training", "Metrics",
                "Perceptual",
                "Imaging", "NN",
                "Torch",
            ]),
            swiftSettings: swiftSettings),
        tests("Torch"),
        tests("NN", ["Torch"]),
        tests("Imaging"),
        tests("Configuration"),
        tests("CommandLineKit", ["Configuration"]),
        tests("Resources"),
        tests("Metrics", ["Torch"]),
        tests("Perceptual", ["NN", "Torch"]),
        .executableTarget(
            name: "TrainingProbe",
            dependencies: present(["Training", "NN", "Torch", "Imaging", "CommandLineKit"]),
            path: "Tests/TrainingProbe", swiftSettings: swiftSettings),
        tests("Training", ["NN", "Torch", "Imaging", "TrainingProbe"]),
        tests("Faces", ["Metrics", "NN", "Torch", "Imaging", "Resources"]),
        tests(
            "Unmasking",
            ["Faces", "Training", "Perceptual", "Metrics", "NN", "Torch", "Imaging", "Resources"]),
        tests("semblance", ["CommandLineKit", "Imaging", "Resources"]),
    ].filter { target in
        let folder = target.path ?? "\(target.type == .test ? "Tests" : "Sources")/\(target.name)"
        return FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(folder)")
    },
    cxxLanguageStandard: .cxx20
)
