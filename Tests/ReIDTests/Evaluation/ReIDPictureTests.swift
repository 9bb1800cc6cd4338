import Foundation
import Imaging
import ReID
import Testing
import Torch

@Suite struct ReIDPictureTests {
    /// A network that sees one part of the picture only.
    @Test func occlusionFindsWhatTheNetworkSees() throws {
        let pixels = try Tensor.randn([1, 3, 48, 24], generator: Generator(seed: 2))
        func embed(_ x: Tensor) throws -> Tensor {
            try x.narrow(2, 24, 12).narrow(3, 12, 12).reshape([x.size(0), -1])
        }
        for batch in [7, 64] {
            var map = OcclusionMap()
            map.batch = batch
            let values = try map.values(of: pixels, embed: embed)
            #expect(values.shape == [48, 24])
            // Squares of 6 pixels, 3 apart: beyond 6 pixels from the part nothing can change.
            #expect(try values.narrow(0, 0, 18).amax().item() == 0)
            #expect(try values.narrow(0, 42, 6).amax().item() == 0)
            #expect(try values.narrow(1, 0, 6).amax().item() == 0)
            #expect(try values.narrow(0, 27, 6).narrow(1, 15, 6).amin().item() > 0.3)
            #expect(abs(try values.amax().item() - 1) < 1e-6)
        }
        #expect(throws: ReIDError.self) {
            try OcclusionMap().values(of: pixels.select(0, 0), embed: embed)
        }
    }

    @Test func rankedListShowsRightAndWrong() throws {
        try EvaluationFixtures.withFolder { folder in
            func file(_ kind: String, _ sightings: [(Int, Int)], _ features: [Float]) throws -> FeatureFile {
                let paths = sightings.indices.map { "\(kind)\($0).png" }
                for (path, seen) in zip(paths, sightings) {
                    try EvaluationFixtures.photo(person: seen.0, camera: seen.1).writePNG("\(folder)/\(path)")
                }
                return try FeatureFile(
                    features: Tensor(values: features, shape: [sightings.count, 2]), ids: sightings.map(\.0),
                    cameras: sightings.map(\.1), paths: paths)
            }
            let evaluation = try ReIDEvaluation(
                query: file("query", [(1, 0)], [1, 0]),
                gallery: file(
                    "gallery", [(1, 0), (1, 1), (2, 1), (3, 2), (1, 2)],
                    [1, 0, 1, 0.1, 1, 0.4, 0, 1, 1, 0.8]))
            let list = try evaluation.rankedList(0, in: evaluation.evaluate())
            #expect(list.entries.map(\.image) == [1, 2, 4, 3])
            #expect(list.entries.map(\.isCorrect) == [true, false, true, false])
            let picture = try RankedListPicture().image(list, of: evaluation) { "\(folder)/\($0)" }
            if let keep = ProcessInfo.processInfo.environment["SEMBLANCE_TEST_PICTURES"] {
                try picture.writePNG(keep + "/ranked-list.png")
            }
            // Frames along the middle row, left to right: query blue, then green, red, green, red.
            let row = picture.height / 2
            var frames: [String] = []
            for x in 0..<picture.width {
                let at = (row * picture.width + x) * 3
                let pixel = Colour(picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2])
                let name = pixel == .green ? "green" : pixel == .red ? "red" : pixel == .blue ? "blue" : nil
                if let name, frames.last != name { frames.append(name) }
            }
            #expect(frames == ["blue", "green", "red", "green", "red"])
            let nameless = try FeatureFile(
                features: evaluation.query.features, ids: evaluation.query.ids,
                cameras: evaluation.query.cameras)
            #expect(throws: ReIDError.self) {
                try RankedListPicture().image(
                    list, of: ReIDEvaluation(query: nameless, gallery: evaluation.gallery))
            }
            #expect(throws: ImagingError.self) { try RankedListPicture().image(list, of: evaluation) }
        }
    }

    @Test func curvesAreDrawn() throws {
        var settings = ReIDEvaluation.Settings()
        settings.verification = true
        let outcome = try EvaluationFixtures.evaluation("random").evaluate(settings)
        let cmc = CMCPlot.make([("plain", outcome.result.cmc), ("half", outcome.result.cmc.map { $0 / 2 })])
        #expect(cmc.series.map(\.points.count) == [20, 20])
        #expect(cmc.series[0].points[4].y == outcome.result.cmc[4] && cmc.series[0].points[4].x == 5)
        #expect(cmc.xRange == 1...20)
        let verification = try #require(outcome.verification)
        let roc = CMCPlot.roc(verification)
        #expect(roc.hasLogarithmicX && roc.series[0].points.count > 100)
        #expect(roc.series[0].points.last?.x == 1)
        if let keep = ProcessInfo.processInfo.environment["SEMBLANCE_TEST_PICTURES"] {
            try cmc.writePNG(keep + "/cmc.png")
            try roc.writePNG(keep + "/pair-roc.png")
        }
    }

    @Test func activationIsTheNormOverChannelsWithinEachImage() throws {
        // Image 0: norms 5, 0, 10, 5; image 1: without differences.
        let map = try Tensor(
            values: [3, 0, 6, 0, 4, 0, 8, 5, 1, 1, 1, 1, 0, 0, 0, 0], shape: [2, 2, 2, 2])
        let values = try ActivationMap.values(map)
        #expect(values.shape == [2, 2, 2])
        for (own, other) in zip(try values.floats(), [0.5, 0, 1, 0.5, 0, 0, 0, 0]) {
            expectClose(Double(own), other, 1e-6)
        }
        #expect(throws: ReIDError.self) { try ActivationMap.values(Tensor.ones([2, 2])) }

        let photo = EvaluationFixtures.photo(person: 4, camera: 1, width: 64, height: 128)
        let heat = try ActivationMap().overlay(values.select(0, 0), on: photo)
        #expect(heat.width == 64 && heat.height == 128 && heat.channels == 3)
        func redMinusBlue(_ x: Int, _ y: Int) -> Int {
            let at = (y * 64 + x) * 3
            let (own, before) = (heat.pixels, photo.pixels)
            return (Int(own[at]) - Int(own[at + 2])) - (Int(before[at]) - Int(before[at + 2]))
        }
        // Hot at the lower left, cold at the upper right.
        #expect(redMinusBlue(4, 124) > 60)
        #expect(redMinusBlue(60, 4) < -20)
        var faint = ActivationMap()
        faint.strength = 0
        #expect(try faint.overlay(values.select(0, 0), on: photo) == photo)
        if let keep = ProcessInfo.processInfo.environment["SEMBLANCE_TEST_PICTURES"] {
            try Panel.row([photo, heat]).writePNG(keep + "/activation.png")
        }
    }
}
