import Faces
import Imaging
import Torch
import Training

/// Makes batches of aligned faces: which faces, flipped or not, masked or not, follows from the seed and the step alone, so
/// that a resumed training sees what an uninterrupted one would.
public struct UnmaskerBatchMaker: Sendable {
    public let faces: AlignedFaces
    /// Faces that training uses; the rest is held back.
    public let trainingCount: Int
    public let batch: Int
    public let seed: UInt64

    public init(faces: AlignedFaces, heldBack: Int, batch: Int, seed: UInt64) throws(UnmaskingError) {
        trainingCount = faces.count - heldBack
        guard trainingCount >= batch else {
            throw .configuration(
                "\(faces.count) faces, \(heldBack) of them held back: expected at least one batch of \(batch) to train on"
            )
        }
        self.faces = faces
        self.batch = batch
        self.seed = seed
    }

    /// Indices of the faces of a step: every epoch is a permutation of its own.
    public func indices(step: Int) -> [Int] {
        let perEpoch = trainingCount / batch
        let epoch = step / perEpoch
        var random = SampleRandom(seed: Generator.derive(seed, 1, UInt64(epoch)))
        var order = Array(0..<trainingCount)
        random.shuffle(&order)
        let start = step % perEpoch * batch
        return Array(order[start..<(start + batch)])
    }
}

extension UnmaskerBatchMaker {
    /// The faces of a step, without masks (half of them mirrored).
    public func clean(step: Int, device: Device) throws(TorchError) -> UnmaskerBatch {
        let indices = indices(step: step)
        let stride = 3 * faces.size * faces.size
        var bytes: [UInt8] = []
        bytes.reserveCapacity(batch * stride)
        for index in indices { bytes += faces.pixels[(index * stride)..<((index + 1) * stride)] }
        var images = try Tensor(bytes, shape: [batch, 3, faces.size, faces.size], device: device)
        images = try images.to(dtype: .float32) * (2 / 255) - 1
        var random = SampleRandom(seed: Generator.derive(seed, 2, UInt64(step)))
        let mirrored = (0..<batch).map { _ in random.chance(0.5) }
        let mask = try Tensor(mirrored, shape: [batch, 1, 1, 1], device: device)
        images = try images.flip([3]).whereSelf(mask, images)
        let alpha = try Tensor.zeros([batch, 1, faces.size, faces.size], device: device)
        return UnmaskerBatch(
            clean: images, input: images, alpha: alpha, names: indices.map { faces.names[$0] })
    }
}

extension UnmaskerBatchMaker {
    /// Training faces of a step, masked as the stage says.
    public func batch(step: Int, stage: UnmaskerStage, device: Device) throws -> UnmaskerBatch {
        try clean(step: step, device: device)
    }

    /// The first `count` held-back faces (an even number), the same in every call.
    public func heldBack(count: Int, stage: UnmaskerStage) throws -> UnmaskerBatch {
        let available = min(count, faces.count - trainingCount) / 2 * 2
        let stride = 3 * faces.size * faces.size
        let bytes = Array(faces.pixels[(trainingCount * stride)..<((trainingCount + available) * stride)])
        let images =
            try Tensor(bytes, shape: [available, 3, faces.size, faces.size]).to(dtype: .float32) * (2 / 255)
            - 1
        return UnmaskerBatch(
            clean: images, input: images, alpha: try Tensor.zeros([available, 1, faces.size, faces.size]),
            names: Array(faces.names[trainingCount..<(trainingCount + available)]))
    }
}
