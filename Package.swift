// swift-tools-version: 6.2
import PackageDescription

// libtorch is found through LIBTORCH, else through the link that Scripts/setup makes. The run path is
// given to the linker here because SwiftPM drops it from pkg-config files.
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.deps/libtorch"

// FAISS is found in the same way. It is a static library, which leaves BLAS, LAPACK and OpenMP to the program.
let faiss = Context.environment["FAISS"] ?? "\(Context.packageDirectory)/.deps/faiss"

let swiftSettings: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let torchLinkage: [LinkerSetting] = [
    .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
    .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
]

func room(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, swiftSettings: swiftSettings)
}

/// - Parameter fixtures: whether the tests have a folder of reference values; it is read through #filePath, not bundled.
func tests(_ name: String, _ dependencies: [String] = [], fixtures: Bool = false) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + dependencies).map { .init(stringLiteral: $0) },
        exclude: fixtures ? ["Fixtures"] : [], swiftSettings: swiftSettings)
}

let package = Package(
    name: "Semblance",
    products: [
        // All rooms, for programs of other packages (see Benchmarks/).
        .library(
            name: "Semblance",
            targets: [
                "Torch", "NN", "Imaging", "Configuration", "CommandLineKit", "Resources", "Metrics",
                "Perceptual",
                "Training", "Faces", "Unmasking", "ReID", "HTTP", "Gallery",
                "Service",
            ])
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
        .target(
            name: "CFaiss",
            cxxSettings: [.unsafeFlags(["-I\(faiss)/include", "-O2", "-Wno-everything"])],
            // Behind libtorch, whose matrix product then serves FAISS too: the other way round Debian's reference BLAS, ten times slower,
            // serves libtorch. The order of targets does not settle it.
            linkerSettings: torchLinkage + [
                // By its path: by its name, a libfaiss.a of the system is found first, which is four times slower.
                .unsafeFlags(["\(faiss)/lib/libfaiss.a"]), .linkedLibrary("lapack"), .linkedLibrary("blas"),
                .linkedLibrary("gomp"),
            ]),
        .systemLibrary(
            name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CMatio", pkgConfig: "matio", providers: [.apt(["libmatio-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
        .systemLibrary(
            name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        room("Torch", ["CTorch"]),
        room("NN", ["Torch"]),
        room("Imaging", ["CTurboJPEG", "CPNG", "CWebP"]),
        room("Configuration"),
        room("CommandLineKit", ["Configuration"]),
        room("Resources"),
        room("HTTP", ["CMicrohttpd", "Resources"]),
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
        room(
            "ReID",
            [
                "Configuration", "Training", "Metrics", "NN", "Torch", "Imaging", "Resources", "CMatio",
            ]),
        room(
            "Gallery", ["Configuration", "Torch", "Imaging", "Resources", "CSQLite", "CPostgres", "CFaiss"]),
        .target(
            name: "Service",
            dependencies: [
                "HTTP", "Gallery", "Unmasking", "ReID", "Faces", "Imaging", "NN", "Torch", "Resources",
            ],
            // The page is part of the program: nothing has to lie beside it.
            resources: ["index.html", "style.css", "app.js", "icon.svg", "openapi.json"].map {
                .embedInCode("Pages/\($0)")
            },
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "semblance",
            dependencies: [
                "CommandLineKit", "Configuration", "Resources", "Service", "HTTP", "Gallery", "Unmasking",
                "Faces", "ReID", "Training",
                "Metrics",
                "Perceptual", "Imaging", "NN", "Torch",
            ],
            swiftSettings: swiftSettings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        tests("Torch", fixtures: true),
        tests("NN", ["Torch"], fixtures: true),
        tests("Imaging", ["TestSupport"], fixtures: true),
        tests("Configuration"),
        tests("CommandLineKit", ["Configuration"]),
        tests("Resources"),
        tests("HTTP", ["Resources", "TestSupport"]),
        .executableTarget(
            name: "GalleryProbe", dependencies: ["Gallery", "Training"], path: "Tests/GalleryProbe",
            swiftSettings: swiftSettings),
        tests("Gallery", ["CSQLite", "CPostgres", "Imaging", "Training", "GalleryProbe"]),
        tests("Service", ["HTTP", "Gallery", "Imaging", "Resources", "TestSupport"]),
        tests("Metrics", ["Torch"], fixtures: true),
        tests("Perceptual", ["NN", "Torch"], fixtures: true),
        .executableTarget(
            name: "TrainingProbe",
            dependencies: ["Training", "NN", "Torch", "Imaging", "CommandLineKit"],
            path: "Tests/TrainingProbe", swiftSettings: swiftSettings),
        tests("Training", ["NN", "Torch", "Imaging", "TrainingProbe"], fixtures: true),
        tests("Faces", ["Metrics", "NN", "Torch", "Imaging", "Resources"], fixtures: true),
        tests(
            "ReID", ["Training", "Metrics", "NN", "Torch", "Imaging", "Configuration"], fixtures: true),
        tests(
            "Unmasking",
            ["Faces", "Training", "Perceptual", "Metrics", "NN", "Torch", "Imaging", "Resources"],
            fixtures: true),
        tests(
            "semblance",
            [
                "CommandLineKit", "Faces", "Unmasking", "ReID", "Training", "NN", "Torch", "Imaging",
                "Resources", "TestSupport", "HTTP", "Gallery",
            ]),
    ],
    cxxLanguageStandard: .cxx20
)
