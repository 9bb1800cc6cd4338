import Faces
import Imaging
import Torch
import Training

/// Makes batches of aligned faces in the background. Which faces, and what happens to each, follows from the seed, the stage and the
/// number of the batch alone, so that a resumed training sees what an uninterrupted one would.
public final class UnmaskerBatchMaker {
    public let faces: AlignedFaces
    /// Faces that training uses; the rest is held back.
    public let trainingCount: Int
    public let batch: Int
    public let seed: UInt64
    public let augmentation: FaceAugmentation
    public let device: Device
    private var loader: (stage: Int, next: Int, loader: DataLoader)?

    public init(
        faces: AlignedFaces, heldBack: Int, batch: Int, seed: UInt64,
        augmentation: FaceAugmentation = FaceAugmentation(),
        device: Device = .cpu
    ) throws(UnmaskingError) {
        trainingCount = faces.count - heldBack
        guard trainingCount >= batch else {
            throw .configuration(
                "\(faces.count) faces, \(heldBack) of them held back: expected at least one batch of \(batch) to train on"
            )
        }
        self.faces = faces
        self.batch = batch
        self.seed = seed
        self.augmentation = augmentation
        self.device = device
    }

    /// The batch of a step.
    /// - Parameters:
    ///   - step: within the stage.
    ///   - index: the stage's number.
    public func batch(step: Int, of stage: UnmaskerStage, index: Int) throws -> UnmaskerBatch {
        if loader?.stage != index || loader?.next != step {
            loader?.loader.close()
            loader = (index, step, try makeLoader(stage, index: index, from: step))
        }
        guard let batch = try loader?.loader.next() else { throw TrainingError.closed }
        loader?.next = step + 1
        return UnmaskerBatch(
            clean: try batch.floats("clean") * 2 - 1, input: try batch.floats("input") * 2 - 1,
            alpha: try batch.floats("alpha"), names: batch.names)
    }

    private func makeLoader(_ stage: UnmaskerStage, index: Int, from step: Int) throws -> DataLoader {
        let faces = faces
        let augmentation = augmentation
        let sampler = try ShuffledSampler(
            count: trainingCount, batchSize: batch, seed: Generator.derive(seed, 1, UInt64(index)),
            dropLast: true)
        let loader = try DataLoader(
            sampler: sampler, seed: Generator.derive(seed, 2, UInt64(index)), workers: 1, prefetch: 3,
            device: device,
            name: { faces.names[$0] }
        ) { item, seed in
            let example = try augmentation.example(
                faces.image(item), landmarks: faces.landmarks[item], maskShare: stage.maskShare, seed: seed)
            return Sample(
                name: faces.names[item],
                [
                    "clean": .image(example.clean), "input": .image(example.input),
                    "alpha": .image(example.alpha),
                ])
        }
        try loader.restore(
            LoaderPosition(
                sampler: sampler.description, seed: loader.seed, epoch: step / loader.batchesPerEpoch,
                batch: step % loader.batchesPerEpoch))
        return loader
    }

    /// The first held-back faces, every one with a mask of its own, the same in every call.
    public func heldBack(count: Int) throws -> UnmaskerBatch {
        var still = FaceAugmentation()
        still.rotation = 0
        still.scale = 0
        still.shift = 0
        still.cast = 0
        still.exposure = 0
        still.degraded = 0
        still.mirrored = 0
        let samples = try (trainingCount..<min(faces.count, trainingCount + count)).map { index in
            let example = try still.example(
                faces.image(index), landmarks: faces.landmarks[index], maskShare: 1, seed: UInt64(index))
            return Sample(
                name: faces.names[index],
                [
                    "clean": .image(example.clean), "input": .image(example.input),
                    "alpha": .image(example.alpha),
                ])
        }
        let batch = try Batch(samples, indices: Array(samples.indices), device: device)
        return UnmaskerBatch(
            clean: try batch.floats("clean") * 2 - 1, input: try batch.floats("input") * 2 - 1,
            alpha: try batch.floats("alpha"), names: batch.names)
    }
}
