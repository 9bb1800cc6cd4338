import Foundation

/// The third-party weights and photos that the set-up installs: `Scripts/weights.json`.
public struct AssetManifest: Codable, Sendable, Equatable {
    /// One file in the cache.
    public struct Asset: Codable, Sendable, Equatable {
        public let name: String
        /// What it is used for, in a few words.
        public let purpose: String
        /// The pinned pip package that carries it.
        public let package: String
        /// Path in the cache folder, such as "weights/yunet.safetensors".
        public let output: String
        /// SHA-256 of the file in the cache, lower-case hexadecimal.
        public let outputSHA256: String
        public let licence: String
        /// Whether the commands need it; the others are for some tests and some training.
        public let required: Bool
    }

    public let assets: [Asset]

    /// - Throws: `ResourceError` when the file is missing or is not a manifest.
    public static func read(_ path: String) throws(ResourceError) -> AssetManifest {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ResourceError("\(path) is missing; get a complete copy of Semblance")
        }
        do {
            return try JSONDecoder().decode(AssetManifest.self, from: data)
        } catch {
            throw ResourceError("\(path) is not a list of weights: \(error)")
        }
    }
}
