import Faces
import Torch
import Training

/// The faces of a generator's training: batches for each stage, made in the background, and those that are held back.
public struct GeneratorData {
    public let faces: AlignedFaces
    public let split: FaceSplit
    public let configuration: GeneratorTraining
    public let device: Device

    /// - Throws: `UnmaskingError.configuration` when the faces have another size than the networks, or are too few for a batch.
    public init(_ faces: AlignedFaces, _ configuration: GeneratorTraining, device: Device = .cpu)
        throws(UnmaskingError)
    {
        split = try configuration.split(faces, size: configuration.generator.size)
        self.faces = faces
        self.configuration = configuration
        self.device = device
    }

    /// All stages' batches, one stage after the other: field "face", bytes [batch, 3, size, size].
    public func batches() throws -> StagedBatches {
        let (faces, mirrored) = (faces, configuration.mirrored)
        return try configuration.batches(faces, split, device: device) { _, index, seed in
            var random = SampleRandom(seed: seed)
            return Self.sample(faces, index, isMirrored: random.chance(mirrored))
        }
    }

    /// Held-back faces in batches, [n, 3, size, size] in -1…1.
    public func heldBack() throws -> [Tensor] {
        try configuration.heldBackBatches(split, device: device) {
            Self.sample(faces, $0, isMirrored: false)
        }.map { try $0.floats("face") * 2 - 1 }
    }

    private static func sample(_ faces: AlignedFaces, _ index: Int, isMirrored: Bool) -> Sample {
        let (size, count) = (faces.size, 3 * faces.size * faces.size)
        var pixels = Array(faces.pixels[(index * count)..<((index + 1) * count)])
        if isMirrored {
            for row in 0..<(3 * size) { pixels[(row * size)..<((row + 1) * size)].reverse() }
        }
        return Sample(name: faces.names[index], ["face": .bytes(pixels, shape: [3, size, size])])
    }
}
