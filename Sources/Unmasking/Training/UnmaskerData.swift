import Faces
import Torch
import Training

/// The faces of a training: batches for each stage, made in the background, and those that are held back.
///
/// Which faces a step sees, and what happens to each, follows from the seed, the stage and the number of the batch alone.
public struct UnmaskerData {
    public let faces: AlignedFaces
    public let split: FaceSplit
    public let configuration: UnmaskerTraining
    public let device: Device

    /// - Throws: `UnmaskingError.configuration` when the faces have another size than the networks take, or are too few for a batch.
    public init(_ faces: AlignedFaces, _ configuration: UnmaskerTraining, device: Device = .cpu)
        throws(UnmaskingError)
    {
        split = try configuration.split(faces, size: configuration.networks.generator.size)
        self.faces = faces
        self.configuration = configuration
        self.device = device
    }

    /// All stages' batches, one stage after the other.
    public func batches() throws -> StagedBatches {
        try configuration.batches(loader)
    }

    private func loader(stage index: Int) throws -> DataLoader {
        let (faces, training, augmentation) = (faces, split.training, configuration.augmentation)
        let maskShare = configuration.stages[index].maskShare
        return try DataLoader(
            sampler: configuration.sampler(of: split, stage: index),
            seed: configuration.loaderSeed(stage: index),
            workers: configuration.workers, prefetch: 3, device: device, name: { faces.names[training[$0]] }
        ) { item, seed in
            try Self.sample(
                faces, training[item], augmentation: augmentation, maskShare: maskShare, seed: seed)
        }
    }

    /// Where a run of this configuration stands after a number of steps.
    public func position(at step: Int) throws -> LoaderPosition {
        let place = configuration.stage(at: step)
        let perEpoch = split.training.count / configuration.batch
        var position = LoaderPosition(
            sampler: try configuration.sampler(of: split, stage: place.index).description,
            seed: configuration.loaderSeed(stage: place.index), epoch: place.step / perEpoch,
            batch: place.step % perEpoch)
        (position.stage, position.stageBatch) = (place.index, place.step)
        return position
    }

    /// Held-back faces in batches, every one with a mask of its own, the same in every call.
    /// - Parameter limit: at most this many faces.
    public func heldBack(limit: Int = .max) throws -> [UnmaskerBatch] {
        let indices = Array(split.heldBack.prefix(limit))
        return try stride(from: 0, to: indices.count, by: configuration.batch).map { start in
            let part = indices[start..<min(start + configuration.batch, indices.count)]
            let samples = try part.map {
                try Self.sample(faces, $0, augmentation: .none, maskShare: 1, seed: UInt64($0))
            }
            return try UnmaskerBatch(Batch(samples, indices: Array(part), device: device))
        }
    }

    private static func sample(
        _ faces: AlignedFaces, _ index: Int, augmentation: FaceAugmentation, maskShare: Double, seed: UInt64
    ) throws -> Sample {
        let example = try augmentation.example(
            faces.image(index), landmarks: faces.landmarks[index], mesh: faces.mesh(index),
            maskShare: maskShare, seed: seed)
        return Sample(
            name: faces.names[index],
            [
                "clean": .image(example.clean), "input": .image(example.input),
                "alpha": .image(example.alpha),
            ])
    }
}
