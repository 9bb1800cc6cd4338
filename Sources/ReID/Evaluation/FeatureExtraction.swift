import Foundation
import Imaging
import Synchronization
import Torch
import Training

/// Embeds image files: decodes and resizes on background threads, runs the network in batches.
public struct FeatureExtraction: Sendable {
    /// Height of the network's input in pixels.
    public var height: Int
    public var width: Int
    public var batch = 64
    /// Test-time augmentation: each image is also seen mirrored; both embeddings are added, the sum scaled to unit length.
    public var flips = false
    /// Background threads that read images.
    public var workers = 1
    /// Whether images that cannot be read are left out; otherwise the first one ends the run.
    public var skipsBadImages = false
    public var device = Device.cpu

    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    public struct BadImage: Sendable, Equatable, Codable {
        public let file: String
        public let reason: String
    }

    public struct Output {
        /// [kept images, D], float32, on the CPU.
        public let features: Tensor
        /// With flips, what the images gave as they are; nil otherwise.
        public let unflipped: Tensor?
        /// Per attribute the probabilities of its classes, [kept images, classes], float32, on the CPU; nil without attributes.
        public let attributes: [Tensor]?
        /// Indices of the images that were embedded, ascending.
        public let kept: [Int]
        public let bad: [BadImage]
    }

    /// What the network makes of a batch.
    public struct Embedded {
        /// [N, D], unit length.
        public var embedding: Tensor
        /// Per attribute the probabilities of its classes, [N, classes]; empty without attributes.
        public var attributes: [Tensor] = []

        public init(embedding: Tensor, attributes: [Tensor] = []) {
            self.embedding = embedding
            self.attributes = attributes
        }
    }

    /// - Parameters:
    ///   - embed: maps pixels [N, 3, height, width], 0...1, channels last, on `device`, to embeddings. Called without
    ///     gradients; the network must be in evaluation mode.
    ///   - progress: images done and images in all, after each batch; what it throws ends the run (cancellation).
    /// - Throws: `TrainingError.sample` naming the first image that cannot be read, unless those are skipped;
    ///   `ReIDError.invalidArgument` if no image is left; what `embed` throws.
    public func callAsFunction(
        _ paths: [String], progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in },
        embed: (Tensor) throws -> Embedded
    ) throws -> Output {
        guard !paths.isEmpty else { throw ReIDError.invalidArgument("no images to embed") }
        guard height > 0, width > 0, batch > 0, workers >= 0 else {
            throw ReIDError.invalidArgument(
                "embedding at \(height)x\(width) pixels, batch \(batch), \(workers) workers: expected positive numbers"
            )
        }
        let problems = ProblemList()
        let loader = try DataLoader(
            sampler: SequentialSampler(count: paths.count, batchSize: batch), seed: 0, epochs: 1,
            workers: workers, device: device, name: { paths[$0] },
            load: { [height, width, skipsBadImages] index, _ in
                do {
                    let image = try Image.read(paths[index]).rgb().resized(width: width, height: height)
                    return Sample(name: paths[index], ["pixels": .image(image)])
                } catch  where skipsBadImages {
                    problems.add(index, "\(error)")
                    let blank = Image(width: width, height: height, channels: 3)
                    return Sample(name: paths[index], ["pixels": .image(blank)])
                }
            })
        defer { loader.close() }
        var features: [Tensor] = []
        var unflipped: [Tensor] = []
        var attributes: [[Tensor]] = []
        var done = 0
        try progress(0, paths.count)
        while let batch = try loader.next() {
            let images = try batch.floats("pixels").channelsLast()
            let (found, plain) = try withoutGradients { try embedded(images, embed) }
            guard found.embedding.rank == 2, found.embedding.size(0) == batch.count else {
                throw ReIDError.invalidArgument(
                    "the network made \(found.embedding.shape) of \(batch.count) images, expected [\(batch.count), D]"
                )
            }
            features.append(try found.embedding.to(dtype: .float32).to(device: .cpu))
            if flips { unflipped.append(try plain.to(dtype: .float32).to(device: .cpu)) }
            if !found.attributes.isEmpty {
                attributes.append(
                    try found.attributes.map { try $0.to(dtype: .float32).to(device: .cpu) })
            }
            done += batch.count
            try progress(done, paths.count)
        }
        let bad = problems.list
        let kept = paths.indices.filter { bad[$0] == nil }
        guard !kept.isEmpty else {
            throw ReIDError.invalidArgument("none of the \(paths.count) images could be read")
        }
        func joined(_ parts: [Tensor]) throws -> Tensor {
            let all = try Tensor.cat(parts, dim: 0)
            return kept.count < paths.count ? try all.indexSelect(0, Tensor(kept, shape: [kept.count])) : all
        }
        return Output(
            features: try joined(features), unflipped: flips ? try joined(unflipped) : nil,
            attributes: try attributes.first?.indices.map { index in try joined(attributes.map { $0[index] })
            },
            kept: kept,
            bad: bad.sorted { $0.key < $1.key }.map { BadImage(file: paths[$0.key], reason: $0.value) })
    }

    /// What a batch gives, and its embedding without the mirrored images.
    func embedded(_ images: Tensor, _ embed: (Tensor) throws -> Embedded) throws -> (Embedded, Tensor) {
        var found = try embed(images)
        let plain = found.embedding
        guard flips else { return (found, plain) }
        let mirrored = try embed(images.flip([3]).channelsLast())
        found.embedding = try (found.embedding + mirrored.embedding).l2Normalised(dim: 1)
        for index in found.attributes.indices {
            found.attributes[index] = try (found.attributes[index] + mirrored.attributes[index]) * 0.5
        }
        return (found, plain)
    }

    /// What went wrong with which image, filled by the loader's threads.
    private final class ProblemList: Sendable {
        private let found = Mutex<[Int: String]>([:])

        func add(_ index: Int, _ reason: String) { found.withLock { $0[index] = reason } }
        var list: [Int: String] { found.withLock { $0 } }
    }
}
