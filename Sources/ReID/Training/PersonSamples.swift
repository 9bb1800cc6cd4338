import Imaging
import Synchronization
import Torch
import Training

/// The pictures of a training set with their labels, decoded once if wanted, and loaders of augmented batches.
///
/// A batch has the fields "image" (bytes, [batch, 3, height, width]), "label" ([batch]) and, with attributes, "attributes"
/// ([batch, attributes], -1 where unknown).
public final class PersonSamples: Sendable {
    public let images: [PersonImage]
    /// Contiguous class of each image.
    public let labels: [Int]
    /// Class of each attribute, per image.
    public let attributes: [[Int]]?
    private let cache: Mutex<[Image?]>
    private let caches: Bool

    /// - Parameter attributes: table of the people's attributes; a person who is not in it has unknown ones.
    /// - Throws: `ReIDError.data` for an empty training set.
    public init(_ dataset: PersonDataset, attributes table: AttributeTable?, caches: Bool) throws(ReIDError) {
        guard !dataset.train.isEmpty else {
            throw .data(path: dataset.root, reason: "the data set has no training images")
        }
        images = dataset.train
        labels = dataset.trainLabels
        attributes = table.map { table in
            dataset.train.map { table.classes(of: $0.person) }
        }
        self.caches = caches
        cache = Mutex([Image?](repeating: nil, count: caches ? images.count : 0))
    }

    public var classCount: Int { (labels.max() ?? -1) + 1 }

    /// A loader of one stage's batches; it goes on for ever.
    public func loader(_ stage: ReIDStage, of training: ReIDTraining, index: Int, device: Device) throws
        -> DataLoader
    {
        let seed = Generator.derive(training.seed, 0x5EED, UInt64(index))
        let augmentation = training.augmentation(of: stage)
        let sampler: any Sampler =
            switch training.batches {
            case .identity:
                try IdentitySampler(
                    labels: labels, identitiesPerBatch: training.identitiesPerBatch,
                    imagesPerIdentity: training.imagesPerIdentity, seed: seed)
            case .cameras:
                try SetWeightedSampler(
                    labels: labels, sets: images.map(\.camera),
                    weights: Dictionary(
                        uniqueKeysWithValues: training.cameraWeights.compactMap { key, weight in
                            Int(key).map { ($0 - 1, weight) }
                        }), identitiesPerBatch: training.identitiesPerBatch,
                    imagesPerIdentity: training.imagesPerIdentity, seed: seed)
            case .shuffled:
                try ShuffledSampler(
                    count: images.count,
                    batchSize: training.identitiesPerBatch * training.imagesPerIdentity, seed: seed)
            }
        return try DataLoader(
            sampler: sampler, seed: seed, workers: training.workers, prefetch: 4, device: device,
            name: { [images] in images[$0].path },
            load: { [self] index, seed in
                let picture = try augmentation(
                    picture(index), height: stage.height, width: stage.width, seed: seed)
                var sample = Sample(
                    name: images[index].path, ["image": .image(picture), "label": .integer(labels[index])])
                if let attributes {
                    sample.fields["attributes"] = .integers(
                        attributes[index], shape: [attributes[index].count])
                }
                return sample
            })
    }

    /// Images per class and attribute class: what balanced losses need.
    public func attributeCounts(_ schema: AttributeSchema) -> [[Int]] {
        var counts = schema.attributes.map { [Int](repeating: 0, count: $0.classes.count) }
        for values in attributes ?? [] {
            for (attribute, value) in values.enumerated() where value >= 0 { counts[attribute][value] += 1 }
        }
        return counts
    }

    private func picture(_ index: Int) throws -> Image {
        if caches, let known = cache.withLock({ $0[index] }) { return known }
        let image = try Image.read(images[index].path)
        if caches { cache.withLock { $0[index] = image } }
        return image
    }
}
