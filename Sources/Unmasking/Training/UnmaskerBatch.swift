import Faces
import Torch
import Training

/// Faces for one training step.
public struct UnmaskerBatch {
    /// True faces, [batch, 3, size, size] in [-1, 1].
    public var clean: Tensor
    /// What the encoder sees: with a mask or without, degraded or not, the same shape and range.
    public var input: Tensor
    /// The mask's alpha, [batch, 1, size, size] in 0…1; zero for faces without one.
    public var alpha: Tensor

    public init(clean: Tensor, input: Tensor, alpha: Tensor) {
        self.clean = clean
        self.input = input
        self.alpha = alpha
    }

    /// - Throws: `TrainingError.batch` for a batch that `UnmaskerData` did not make.
    public init(_ batch: Batch) throws {
        clean = try batch.floats("clean") * 2 - 1
        input = try batch.floats("input") * 2 - 1
        alpha = try batch.floats("alpha")
    }

    public var count: Int { clean.size(0) }
}

extension Sample {
    /// What `UnmaskerBatch` is made of: a face changed, and given a mask by chance, as a seed says.
    init(
        _ faces: AlignedFaces, _ index: Int, _ augmentation: FaceAugmentation, maskShare: Double, seed: UInt64
    ) throws {
        let example = try augmentation.example(
            faces.image(index), landmarks: faces.landmarks[index], mesh: faces.mesh(index),
            maskShare: maskShare, seed: seed)
        self.init(
            name: faces.names[index],
            [
                "clean": .image(example.clean), "input": .image(example.input),
                "alpha": .image(example.alpha),
            ])
    }
}
