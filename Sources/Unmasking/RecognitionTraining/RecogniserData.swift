import Faces
import Torch
import Training

/// The faces of a recogniser's training, masked as an unmasker's are: batches for each stage, made in the background, and those that
/// are held back.
public struct RecogniserData {
    public let faces: AlignedFaces
    public let split: FaceSplit
    public let configuration: RecogniserTraining
    public let device: Device

    /// - Throws: `UnmaskingError.configuration` when the faces are not of 128 px or too few for a batch.
    public init(_ faces: AlignedFaces, _ configuration: RecogniserTraining, device: Device = .cpu)
        throws(UnmaskingError)
    {
        split = try configuration.split(faces, size: AlignmentTemplate.face128.size)
        self.faces = faces
        self.configuration = configuration
        self.device = device
    }

    /// All stages' batches, one stage after the other; `UnmaskerBatch` reads them.
    public func batches() throws -> StagedBatches {
        let (faces, augmentation) = (faces, configuration.augmentation)
        return try configuration.batches(faces, split, device: device) { stage, index, seed in
            try Sample(faces, index, augmentation, maskShare: stage.maskShare, seed: seed)
        }
    }

    /// Held-back faces in batches, every one masked in its own way, the same in every call.
    public func heldBack() throws -> [UnmaskerBatch] {
        try configuration.heldBackBatches(split, device: device) {
            try Sample(faces, $0, .none, maskShare: 1, seed: UInt64($0))
        }.map { try UnmaskerBatch($0) }
    }
}
