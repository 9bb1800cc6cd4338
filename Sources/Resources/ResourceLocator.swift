import Foundation

/// Where Semblance's files are: its own models, and the cache that the set-up fills.
///
/// `SEMBLANCE_MODELS` and `SEMBLANCE_CACHE` override the places; otherwise the models are in `Models/` of the
/// checkout that the program was built in (or `share/semblance/Models` beside an installed program), and the
/// cache is `$XDG_CACHE_HOME/semblance` or `~/.cache/semblance`.
public struct ResourceLocator: Sendable, Equatable {
    /// The checkout or the `share/semblance` folder; nil when the program was taken out of both.
    public let root: String?
    /// The folder of our own trained models.
    public let models: String
    /// The cache folder that `Scripts/setup` fills.
    public let cache: String
    /// Converted third-party weights, safetensors each.
    public var weights: String { cache + "/weights" }
    /// Example photos.
    public var photos: String { cache + "/photos" }
    /// The list of what the set-up installs.
    public var manifestPath: String { (root ?? ".") + "/Scripts/weights.json" }

    /// The places for this process.
    public static let standard = ResourceLocator()

    /// - Parameters:
    ///   - environment: the process's environment variables.
    ///   - executable: path of the running program.
    ///   - workingDirectory: searched, with its parents, when the program lies outside a checkout.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        executable: String = Self.currentExecutable,
        workingDirectory: String = FileManager.default.currentDirectoryPath
    ) {
        root = Self.findRoot(executable: executable) ?? Self.checkout(above: workingDirectory)
        models = Self.given("SEMBLANCE_MODELS", environment) ?? (root ?? ".") + "/Models"
        let userCache =
            Self.given("XDG_CACHE_HOME", environment)
            ?? (Self.given("HOME", environment) ?? NSHomeDirectory()) + "/.cache"
        cache = Self.given("SEMBLANCE_CACHE", environment) ?? userCache + "/semblance"
    }

    /// The path of the running program.
    public static var currentExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine
            .arguments.first ?? ""
    }

    /// The path of one of our own models, such as "unmasker-128" for `Models/unmasker-128.safetensors`.
    /// - Throws: `ResourceError` that lists the models which are there.
    public func model(_ name: String) throws(ResourceError) -> String {
        let path = "\(models)/\(name).safetensors"
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        let present = modelNames()
        throw ResourceError(
            "model '\(name)' is not in \(models) (there: \(present.isEmpty ? "none" : present.joined(separator: ", "))); "
                + "set SEMBLANCE_MODELS to the folder that holds it, or name a file")
    }

    /// The names of the models in `models`, sorted.
    public func modelNames() -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: models)) ?? []
        return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(".safetensors".count)) }
            .sorted()
    }

    /// The path of a third-party weight file, such as "yunet".
    /// - Throws: `ResourceError` that says how to install it.
    public func weights(_ name: String) throws(ResourceError) -> String {
        try cached("\(weights)/\(name).safetensors", what: "weights '\(name)'")
    }

    /// The path of an example photo, such as "astronaut.png".
    /// - Throws: `ResourceError` that says how to install it.
    public func photo(_ name: String) throws(ResourceError) -> String {
        try cached("\(photos)/\(name)", what: "photo '\(name)'")
    }

    /// The file that a path given by the user means: "example:astronaut" is the set-up's `photos/astronaut.png`,
    /// everything else stands for itself.
    /// - Throws: `ResourceError` that says how to install the photo, when it is not there.
    public func input(_ path: String) throws(ResourceError) -> String {
        guard path.hasPrefix(Self.examplePrefix) else { return path }
        return try photo(path.dropFirst(Self.examplePrefix.count) + ".png")
    }

    private static let examplePrefix = "example:"

    /// The list of what the set-up installs.
    /// - Throws: `ResourceError` when it is missing or damaged.
    public func manifest() throws(ResourceError) -> AssetManifest { try AssetManifest.read(manifestPath) }

    private func cached(_ path: String, what: String) throws(ResourceError) -> String {
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        throw ResourceError(
            "\(what) are not installed: no \(path); run Scripts/setup --all, or set SEMBLANCE_CACHE to the cache that has them"
        )
    }

    private static func given(_ name: String, _ environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func findRoot(executable: String) -> String? {
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        if let found = checkout(above: folder.path) { return found }
        let share = folder.deletingLastPathComponent().appendingPathComponent("share/semblance").path
        return FileManager.default.fileExists(atPath: share) ? share : nil
    }

    private static func checkout(above folder: String) -> String? {
        var current = URL(fileURLWithPath: folder).standardizedFileURL
        while current.path != "/" {
            let path = current.path
            if FileManager.default.fileExists(atPath: path + "/Scripts/weights.json"),
                FileManager.default.fileExists(atPath: path + "/Package.swift")
            {
                return path
            }
            current.deleteLastPathComponent()
        }
        return nil
    }
}
