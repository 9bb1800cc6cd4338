import Foundation
import Imaging
import ReID
import Testing
import Torch
import Training

@Suite struct FeatureExtractionTests {
    /// Mean colour of the left and of the right half: 6 numbers that know mirrored images apart.
    private func halves(_ pixels: Tensor) throws -> FeatureExtraction.Embedded {
        let width = pixels.size(3) / 2
        let both = try Tensor.cat(
            [pixels.narrow(3, 0, width).mean([2, 3]), pixels.narrow(3, width, width).mean([2, 3])], dim: 1)
        let red = try both.narrow(1, 0, 1)
        return .init(
            embedding: try both.l2Normalised(dim: 1), attributes: [try Tensor.cat([1 - red, red], dim: 1)])
    }

    private func photos(in folder: String, count: Int) throws -> [String] {
        try (0..<count).map { index in
            let path = "\(folder)/\(index).png"
            var image = EvaluationFixtures.photo(person: index, camera: index, width: 20 + index, height: 50)
            image.fill(Rect(x: 0, y: 0, width: Double(index), height: 50), colour: .red)
            try image.writePNG(path)
            return path
        }
    }

    @Test(arguments: [0, 2]) func embedsInOrderWhateverTheBatch(workers: Int) throws {
        try EvaluationFixtures.withFolder { folder in
            let paths = try photos(in: folder, count: 7)
            var extraction = FeatureExtraction(height: 32, width: 16)
            extraction.batch = 3
            extraction.workers = workers
            var seen: [Int] = []
            let output = try extraction(paths, progress: { done, total in seen.append(done * 10 + total) }) {
                #expect($0.shape.dropFirst() == [3, 32, 16])
                #expect($0.strides[1] == 1, "channels last")
                return try halves($0)
            }
            #expect(seen == [7, 37, 67, 77])
            #expect(output.kept == Array(0..<7) && output.bad.isEmpty)
            #expect(output.features.shape == [7, 6])
            for (index, path) in paths.enumerated() {
                let image = FloatImage(try Image.read(path).resized(width: 16, height: 32))
                let single = try halves(Tensor(values: image.data, shape: [1, 3, 32, 16]))
                let difference = try (single.embedding - output.features.narrow(0, index, 1)).abs().amax()
                    .item()
                #expect(difference < 1e-3, "image \(index)")
                let own = try #require(output.attributes?.first).narrow(0, index, 1)
                #expect(try (single.attributes[0] - own).abs().amax().item() < 1e-3)
            }
        }
    }

    @Test func flippingAddsTheMirrorImage() throws {
        try EvaluationFixtures.withFolder { folder in
            let paths = try photos(in: folder, count: 6)
            var extraction = FeatureExtraction(height: 32, width: 16)
            let plain = try extraction(paths, embed: halves).features
            #expect(try extraction(paths, embed: halves).unflipped == nil)
            extraction.flips = true
            extraction.batch = 4
            let output = try extraction(paths, embed: halves)
            let both = output.features
            // One pass gives both: with the mirror image and without.
            #expect(try (#require(output.unflipped) - plain).abs().amax().item() < 1e-6)
            // Mirroring swaps the halves, so the sum is the same for both of them.
            let mirrored = try Tensor.cat([plain.narrow(1, 3, 3), plain.narrow(1, 0, 3)], dim: 1)
            let expected = try (plain + mirrored).l2Normalised(dim: 1)
            #expect(try (both - expected).abs().amax().item() < 1e-6)
            #expect(try (both - plain).abs().amax().item() > 1e-2)
        }
    }

    @Test func badImagesEndTheRunOrAreLeftOut() throws {
        try EvaluationFixtures.withFolder { folder in
            var paths = try photos(in: folder, count: 5)
            try Data("no picture".utf8).write(to: URL(filePath: folder + "/text.png"))
            paths.insert(folder + "/text.png", at: 1)
            paths.append(folder + "/gone.png")
            var extraction = FeatureExtraction(height: 32, width: 16)
            extraction.batch = 2
            let error = try #require(throws: TrainingError.self) { try extraction(paths, embed: halves) }
            #expect(error.description.contains("text.png"))

            extraction.skipsBadImages = true
            let output = try extraction(paths, embed: halves)
            #expect(output.kept == [0, 2, 3, 4, 5])
            #expect(output.bad.map(\.file) == [folder + "/text.png", folder + "/gone.png"])
            #expect(output.bad[1].reason.contains("no such file"))
            #expect(output.features.size(0) == 5 && output.attributes?.first?.size(0) == 5)
            let clean = try extraction(output.kept.map { paths[$0] }, embed: halves)
            #expect(try (clean.features - output.features).abs().amax().item() < 1e-6)
            #expect(throws: ReIDError.invalidArgument("none of the 1 images could be read")) {
                try extraction(["/nowhere/x.png"], embed: halves)
            }
        }
    }

    @Test func progressMayEndTheRunAndNonsenseIsRefused() throws {
        struct Stop: Error {}
        try EvaluationFixtures.withFolder { folder in
            let paths = try photos(in: folder, count: 4)
            var extraction = FeatureExtraction(height: 32, width: 16)
            extraction.batch = 1
            var calls = 0
            #expect(throws: Stop.self) {
                try extraction(paths, progress: { done, _ in if done == 2 { throw Stop() } }) {
                    calls += 1
                    return try halves($0)
                }
            }
            #expect(calls == 2)
            #expect(throws: ReIDError.self) { try extraction([], embed: halves) }
            #expect(throws: ReIDError.self) {
                try extraction(paths) { .init(embedding: try $0.flatten()) }
            }
            extraction.batch = 0
            #expect(throws: ReIDError.self) { try extraction(paths, embed: halves) }
        }
    }
}
