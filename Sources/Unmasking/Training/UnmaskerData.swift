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
        let (faces, augmentation) = (faces, configuration.augmentation)
        return try configuration.batches(faces, split, device: device) { stage, index, seed in
            try Sample(faces, index, augmentation, maskShare: stage.maskShare, seed: seed)
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
        try configuration.heldBackBatches(split, limit: limit, device: device) {
            try Sample(faces, $0, .none, maskShare: 1, seed: UInt64($0))
        }.map { try UnmaskerBatch($0) }
    }
}
