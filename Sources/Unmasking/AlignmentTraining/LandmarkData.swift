import Faces
import Imaging
import Torch
import Training

/// The faces of a landmark network's training: batches for each stage, made in the background, and those that are held back.
public struct LandmarkData {
    public let faces: AlignedFaces
    public let split: FaceSplit
    public let configuration: LandmarkTraining
    public let device: Device

    /// - Throws: `UnmaskingError.configuration` when the faces are not of 128 px or too few for a batch.
    public init(_ faces: AlignedFaces, _ configuration: LandmarkTraining, device: Device = .cpu)
        throws(UnmaskingError)
    {
        split = try configuration.split(faces, size: AlignmentTemplate.face128.size)
        self.faces = faces
        self.configuration = configuration
        self.device = device
    }

    /// All stages' batches, one stage after the other: "face", floats [batch, 3, 128, 128] in 0…1, and "landmarks", [batch, 5, 2] in
    /// its pixels.
    public func batches() throws -> StagedBatches {
        let (faces, augmentation) = (faces, configuration.augmentation)
        return try configuration.batches(faces, split, device: device) { stage, index, seed in
            try Self.sample(faces, index, augmentation, maskShare: stage.maskShare, seed: seed)
        }
    }

    /// Held-back faces in batches, every one masked and moved in its own way, the same in every call.
    public func heldBack() throws -> [Batch] {
        try configuration.heldBackBatches(split, device: device) {
            try Self.sample(faces, $0, configuration.augmentation, maskShare: 1, seed: UInt64($0))
        }
    }

    private static func sample(
        _ faces: AlignedFaces, _ index: Int, _ augmentation: FaceAugmentation, maskShare: Double, seed: UInt64
    ) throws -> Sample {
        let example = try augmentation.example(
            faces.image(index), landmarks: faces.landmarks[index], mesh: faces.mesh(index),
            maskShare: maskShare, seed: seed)
        return Sample(
            name: faces.names[index],
            [
                "face": .image(example.input),
                "landmarks": .floats(example.landmarks.values, shape: [5, 2]),
            ])
    }
}
