// swift-tools-version: 6.2
import PackageDescription

// libtorch is found through LIBTORCH, else through the link that Scripts/setup makes. The run path is
// given to the linker here because SwiftPM drops it from pkg-config files.
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.deps/libtorch"

let swiftSettings: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let torchLinkage: [LinkerSetting] = [
    .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
    .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
        exclude: [], swiftSettings: swiftSettings)
}

let package = Package(
    name: "Semblance",
    products: [
        .executable(name: "semblance", targets: ["semblance"])
    ],
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
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
        room("Torch", ["CTorch"]),
        room("NN", ["Torch"]),
        room("Imaging", ["CTurboJPEG", "CPNG", "CWebP"]),
        room("CommandLineKit"),
        .executableTarget(
            name: "semblance", dependencies: ["CommandLineKit", "Imaging", "NN", "Torch"], swiftSettings: swiftSettings),
        tests("Torch"),
        tests("NN", ["Torch"]),
        tests("Imaging"),
        tests("CommandLineKit"),
    ],
    cxxLanguageStandard: .cxx20
)
