import Foundation
import NN
import Testing
import Torch
import Unmasking

@Suite struct LatentFileTests {
    private let generator = InversionReference.generator
    private let folder = NSTemporaryDirectory() + "/latents-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    @Test func codesAndFeaturesComeBack() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/codes.safetensors"
        let face = EncodedFace(
            latents: try Reference.hashed("w", [2, 10, 16]),
            featureOffsets: [16: try Reference.hashed("f", [2, 8, 16, 16])])
        try LatentFile.write(face, to: path)
        let back = try LatentFile.read(path, for: generator)
        #expect(try (back.latents - face.latents).abs().amax().item() == 0)
        let features = try #require(back.featureOffsets[16])
        #expect(try (features - Reference.hashed("f", [2, 8, 16, 16])).abs().amax().item() == 0)
        // Another generator's resolutions.
        var other = generator
        other.channels[16] = 9
        let error = #expect(throws: UnmaskingError.self) { try LatentFile.read(path, for: other) }
        #expect("\(try #require(error))".contains("'features.16'"))
    }

    @Test func everyUsualShapeIsTaken() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/w.npy"
        try NPY.write(Reference.hashed("w", [10, 16]), to: path)
        #expect(try LatentFile.read(path, for: generator).latents.shape == [1, 10, 16])
        try NPY.write(Reference.hashed("w", [3, 10, 16]), to: path)
        #expect(try LatentFile.read(path, for: generator).latents.shape == [3, 10, 16])
        let w = try Reference.hashed("w", [3, 16])
        try NPY.write(w, to: path)
        let codes = try LatentFile.read(path, for: generator).latents
        #expect(codes.shape == [3, 10, 16])
        #expect(try (codes.select(1, 9) - w).abs().amax().item() == 0)
        let single = folder + "/one.safetensors"
        try SafeTensors.write(["w_plus": Reference.hashed("w", [10, 16])], to: single)
        #expect(try LatentFile.read(single, for: generator).latents.shape == [1, 10, 16])
    }

    @Test func otherShapesAndValuesAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/w.npy"
        try NPY.write(Reference.hashed("w", [18, 512]), to: path)
        let error = #expect(throws: UnmaskingError.self) { try LatentFile.read(path, for: generator) }
        #expect("\(try #require(error))".contains("takes [n, 16] (W) or [n, 10, 16] (W+)"))
        try NPY.write(.full([1, 10, 16], .infinity), to: path)
        #expect(throws: UnmaskingError.self) { try LatentFile.read(path, for: generator) }
        let two = folder + "/two.safetensors"
        try SafeTensors.write(["a": .zeros([1]), "b": .zeros([1])], to: two)
        #expect(throws: UnmaskingError.self) { try LatentFile.read(two, for: generator) }
    }

    @Test func modelsOfEveryKindAreReadByOneReader() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/model.safetensors"
        try InversionReference.model(.psp).write(to: path)
        let inversion = try LatentModel.read(path)
        #expect(inversion.kind == .psp && inversion.encoder != nil && inversion.hasMapping)
        #expect(inversion.alignment?.size == 64 && inversion.size == 64)
        #expect(try inversion.truncationCentre().shape == [1, 16])

        let model = try GeneratorModel(
            GeneratorModel.Configuration(generator: generator), in: Context(seed: 1))
        try model.measureMeanLatent()
        try model.write(to: path, dtype: .float16)
        let alone = try LatentModel.read(path)
        #expect(alone.kind == .stylegan2 && alone.encoder == nil && alone.alignment == nil)

        try SafeTensors.write(["x": .zeros([1])], to: path)
        let error = #expect(throws: UnmaskingError.self) { try LatentModel.read(path) }
        #expect("\(try #require(error))".contains("semblance import"))
    }
}
