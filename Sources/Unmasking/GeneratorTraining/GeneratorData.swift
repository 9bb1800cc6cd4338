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
        try configuration.batches(loader)
    }

    private func loader(stage: Int) throws -> DataLoader {
        let (faces, training, mirrored) = (faces, split.training, configuration.mirrored)
        return try DataLoader(
            sampler: configuration.sampler(of: split, stage: stage),
            seed: configuration.loaderSeed(stage: stage),
            workers: configuration.workers, device: device, name: { faces.names[training[$0]] }
        ) { item, seed in
            var random = SampleRandom(seed: seed)
            return Self.sample(faces, training[item], isMirrored: random.chance(mirrored))
        }
    }

    /// Held-back faces in batches, [n, 3, size, size] in -1…1.
    public func heldBack() throws -> [Tensor] {
        try stride(from: 0, to: split.heldBack.count, by: configuration.batch).map { start in
            let part = Array(split.heldBack[start...].prefix(configuration.batch))
            let samples = part.map { Self.sample(faces, $0, isMirrored: false) }
            return try Batch(samples, indices: part, device: device).floats("face") * 2 - 1
        }
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
