import Foundation
import Metrics
import Torch

/// Embeddings with who and where: what `embed person` writes and `evaluate reid --features` scores.
///
/// On disk a safetensors file with the tensors `features` [N, D] (float32 or float16), `ids` [N] and `cameras` [N]
/// (int64), and optionally in its metadata the images' paths (`paths`: a JSON array of N strings) and the number of the
/// first camera (`firstCamera`). Other tensors are ignored, so that files with more in them can be scored.
public struct FeatureFile {
    /// [N, D], float32.
    public let features: Tensor
    /// Published ids; -1 is junk, 0 a distractor.
    public let ids: [Int]
    /// 0-based or as the data set counts; -1 is unknown.
    public let cameras: [Int]
    /// What to add to a camera for the number that people know it by: 1 in our files, whose cameras count from 0 and those
    /// of the data sets from 1; 0 in files that do not say.
    public let firstCamera: Int
    /// Where the images are; nil if not known.
    public let paths: [String]?
    /// Anything else worth keeping: the model, the settings. Not the paths.
    public let metadata: [String: String]

    public var count: Int { ids.count }
    public var dimension: Int { features.size(1) }
    public var sightings: [Sighting] { zip(ids, cameras).map { Sighting(person: $0, camera: $1) } }

    static let pathsKey = "paths"
    static let firstCameraKey = "firstCamera"

    /// The number by which people know a camera; "unknown" for -1.
    public func name(ofCamera camera: Int) -> String {
        camera < 0 ? "unknown" : String(camera + firstCamera)
    }

    /// - Parameter features: [N, D], any floating type; held as float32.
    /// - Throws: `ReIDError.invalidArgument` for counts that do not fit, no images or values that are not finite;
    ///   `TorchError`.
    public init(
        features: Tensor, ids: [Int], cameras: [Int], paths: [String]? = nil, firstCamera: Int = 0,
        metadata: [String: String] = [:]
    ) throws {
        if let problem = Self.problem(features, ids.count, cameras.count, paths?.count) {
            throw ReIDError.invalidArgument(problem)
        }
        let values = try features.detach().to(dtype: .float32)
        if let problem = try Self.nonFinite(values) { throw ReIDError.invalidArgument(problem) }
        self.features = values
        self.ids = ids
        self.cameras = cameras
        self.paths = paths
        self.firstCamera = firstCamera
        self.metadata = metadata
    }

    /// - Throws: `ReIDError.data` naming the tensor that is missing or has another shape or type than documented, and the
    ///   first row that is not finite; `TorchError.file` for a file that is absent, truncated or no safetensors file.
    public static func read(_ path: String) throws -> FeatureFile {
        let stored = try SafeTensors.read(path)
        func tensor(_ name: String, rank: Int, _ what: String, _ fits: (ScalarType) -> Bool) throws -> Tensor
        {
            guard let tensor = stored[name] else {
                let there = stored.keys.sorted().prefix(8).joined(separator: ", ")
                throw ReIDError.data(
                    path: path,
                    reason:
                        "no tensor '\(name)' (there: \(there.isEmpty ? "none" : there)); a feature file holds features [N, D], ids [N] and cameras [N]"
                )
            }
            guard tensor.rank == rank, fits(tensor.dtype) else {
                throw ReIDError.data(
                    path: path,
                    reason:
                        "tensor '\(name)' is \(tensor.dtype) \(tensor.shape), expected \(what)")
            }
            return tensor
        }
        let features = try tensor("features", rank: 2, "float32 or float16 [N, D]", \.isFloatingPoint)
        let isInteger: (ScalarType) -> Bool = { !$0.isFloatingPoint && $0 != .bool }
        let ids = try tensor("ids", rank: 1, "int64 [N]", isInteger)
        let cameras = try tensor("cameras", rank: 1, "int64 [N]", isInteger)
        var metadata = try SafeTensors.metadata(path)
        var paths: [String]?
        if let text = metadata.removeValue(forKey: pathsKey) {
            guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
                throw ReIDError.data(path: path, reason: "metadata 'paths' is not a JSON array of strings")
            }
            paths = list
        }
        let firstCamera = metadata.removeValue(forKey: firstCameraKey).flatMap { Int($0) } ?? 0
        if let problem = problem(features, ids.count, cameras.count, paths?.count) {
            throw ReIDError.data(path: path, reason: problem)
        }
        let values = try features.to(dtype: .float32)
        if let problem = try nonFinite(values) { throw ReIDError.data(path: path, reason: problem) }
        return try FeatureFile(
            features: values, ids: ids.ints(), cameras: cameras.ints(), paths: paths,
            firstCamera: firstCamera, metadata: metadata)
    }

    /// Writes to a temporary file, then renames.
    /// - Parameter dtype: of the features: float32, or float16 at half the size (relative error about 5e-4).
    /// - Throws: `ReIDError.invalidArgument` for another type, `TorchError.file` naming what failed.
    public func write(to path: String, dtype: ScalarType = .float32) throws {
        guard dtype == .float32 || dtype == .float16 else {
            throw ReIDError.invalidArgument("features are written as float32 or float16, not \(dtype)")
        }
        var metadata = metadata
        if firstCamera != 0 { metadata[Self.firstCameraKey] = String(firstCamera) }
        if let paths {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes]
            metadata[Self.pathsKey] = String(decoding: try encoder.encode(paths), as: UTF8.self)
        }
        try SafeTensors.write(
            [
                "features": try features.to(device: .cpu).to(dtype: dtype).contiguous(),
                "ids": try Tensor(ids, shape: [ids.count]),
                "cameras": try Tensor(cameras, shape: [cameras.count]),
            ], to: path, metadata: metadata)
    }

    private static func problem(_ features: Tensor, _ ids: Int, _ cameras: Int, _ paths: Int?) -> String? {
        guard features.rank == 2, features.size(0) > 0, features.size(1) > 0 else {
            return "'features' has the shape \(features.shape), expected [N, D] with at least one image"
        }
        let count = features.size(0)
        for (name, other) in [("ids", ids), ("cameras", cameras), ("paths", paths ?? count)]
        where other != count {
            return
                "'\(name)' has \(other) entries, 'features' \(features.shape) has \(count) rows: expected one for each"
        }
        return nil
    }

    private static func nonFinite(_ features: Tensor) throws(TorchError) -> String? {
        guard try !features.allFinite() else { return nil }
        let rows = try features.isFinite().to(dtype: .float32).amin([1]).floats()
        return
            "row \(rows.firstIndex(of: 0) ?? 0) of 'features' holds NaN or infinite values: check the network that made them"
    }
}
