import Foundation
import ReID
import Testing
import Torch

@Suite struct FeatureFileTests {
    private func reason(_ tensors: [String: Tensor], metadata: [String: String] = [:]) throws -> String {
        try EvaluationFixtures.withFolder { folder in
            let path = folder + "/file.safetensors"
            try SafeTensors.write(tensors, to: path, metadata: metadata)
            let error = try #require(throws: ReIDError.self) { try FeatureFile.read(path) }
            #expect(error.description.hasPrefix(path + ": "))
            return String(error.description.dropFirst(path.count + 2))
        }
    }

    private func tensors() throws -> [String: Tensor] {
        [
            "features": try Tensor.ones([3, 2]), "ids": try Tensor([1, 2, 3], shape: [3]),
            "cameras": try Tensor([0, 0, 1], shape: [3]),
        ]
    }

    @Test func readsWhatPythonWrote() throws {
        let file = try FeatureFile.read(EvaluationFixtures.path("random-query.safetensors"))
        #expect(file.count == 40 && file.dimension == 16)
        #expect(file.features.dtype == .float32)
        #expect(file.cameras[0] == -1 && file.ids.allSatisfy { (1...12).contains($0) })
        // A file that does not say how its cameras are numbered has them as they are.
        #expect(file.firstCamera == 0 && file.name(ofCamera: 3) == "3")
        #expect(file.paths?.count == 40 && file.paths?[7] == "query/0007.png")
    }

    @Test(arguments: [ScalarType.float32, .float16]) func comesBackAsWritten(dtype: ScalarType) throws {
        try EvaluationFixtures.withFolder { folder in
            let path = folder + "/out.safetensors"
            let features = try Tensor.randn([5, 4], generator: Generator(seed: 3))
            let file = try FeatureFile(
                features: features, ids: [1, -1, 0, 7, 7], cameras: [0, 1, 2, 3, -1],
                paths: ["a/ä.jpg", "b \"c\".jpg", "d", "e", "f"], firstCamera: 1, metadata: ["model": "m"])
            try file.write(to: path, dtype: dtype)
            #expect(try SafeTensors.read(path)["features"]?.dtype == dtype)
            #expect(try SafeTensors.read(path)["ids"]?.dtype == .int64)
            let back = try FeatureFile.read(path)
            #expect(back.ids == file.ids && back.cameras == file.cameras && back.paths == file.paths)
            #expect(back.metadata == ["model": "m"])
            #expect(back.cameras.map { back.name(ofCamera: $0) } == ["1", "2", "3", "4", "unknown"])
            let worst = zip(try back.features.floats(), try features.floats()).map { abs($0 - $1) }.max() ?? 1
            #expect(worst <= (dtype == .float16 ? 2e-3 : 0))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.safetensors"])
            #expect(throws: ReIDError.self) { try file.write(to: path, dtype: .int64) }
            #expect(throws: TorchError.self) { try file.write(to: folder + "/none/out.safetensors") }
        }
    }

    @Test(arguments: ["features", "ids", "cameras"]) func missingTensorsAreNamed(key: String) throws {
        var stored = try tensors()
        stored[key] = nil
        let rest = stored.keys.sorted().joined(separator: ", ")
        #expect(
            try reason(stored)
                == "no tensor '\(key)' (there: \(rest)); a feature file holds features [N, D], ids [N] and cameras [N]"
        )
    }

    @Test func shapesAndTypesAreNamed() throws {
        func changed(_ key: String, _ tensor: Tensor) throws -> String {
            var stored = try tensors()
            stored[key] = tensor
            return try reason(stored)
        }
        #expect(
            try changed("features", Tensor.ones([3, 2, 1]))
                == "tensor 'features' is float32 [3, 2, 1], expected float32 or float16 [N, D]")
        #expect(
            try changed("features", Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2]))
                == "tensor 'features' is int64 [3, 2], expected float32 or float16 [N, D]")
        #expect(
            try changed("ids", Tensor.ones([3])) == "tensor 'ids' is float32 [3], expected int64 [N]")
        #expect(
            try changed("cameras", Tensor([0, 1], shape: [2]))
                == "'cameras' has 2 entries, 'features' [3, 2] has 3 rows: expected one for each")
        #expect(
            try changed("features", Tensor(values: [0, 1, 2, .nan, 0, 0], shape: [3, 2]))
                == "row 1 of 'features' holds NaN or infinite values: check the network that made them")
        #expect(
            try changed("features", Tensor.zeros([0, 2]))
                == "'features' has the shape [0, 2], expected [N, D] with at least one image")
        #expect(
            try reason(tensors(), metadata: ["paths": "a,b,c"])
                == "metadata 'paths' is not a JSON array of strings")
        #expect(
            try reason(tensors(), metadata: ["paths": "[\"a\"]"])
                == "'paths' has 1 entries, 'features' [3, 2] has 3 rows: expected one for each")
    }

    @Test func damagedFilesAreNamed() throws {
        try EvaluationFixtures.withFolder { folder in
            let path = folder + "/cut.safetensors"
            let whole = try Data(
                contentsOf: URL(filePath: EvaluationFixtures.path("random-gallery.safetensors")))
            for count in [0, 5, 100, whole.count - 10] {
                try whole.prefix(count).write(to: URL(filePath: path))
                let error = try #require(throws: TorchError.self) { try FeatureFile.read(path) }
                #expect(error.description.hasPrefix(path))
            }
            #expect(throws: TorchError.file(path: "/nowhere/f", reason: "no such file")) {
                try FeatureFile.read("/nowhere/f")
            }
        }
    }
}
