import Foundation
import Imaging
import Testing

@Suite struct FilterTests {
    struct Filtering: Decodable {
        struct Blur: Decodable {
            let sigma: Double
            let expected: ReferenceFloats
        }
        struct Dilation: Decodable {
            let radius: Double
            let expected: ReferenceFloats
        }
        let source: ReferenceFloats
        let blurs: [Blur]
        let dilations: [Dilation]
        let mean: [Float]
        let deviation: [Float]
        let plainMean: [Float]
        let plainDeviation: [Float]
    }

    @Test func blursAsSciPyDoes() throws {
        let fixture: Filtering = try Fixture.read("filtering.json")
        let source = try fixture.source.image()
        for blur in fixture.blurs {
            let difference = largestDifference(source.blurred(sigma: blur.sigma), try blur.expected.image())
            #expect(try #require(difference) < 1e-5, "sigma \(blur.sigma)")
        }
        #expect(source.blurred(sigma: 0) == source)
    }

    @Test func dilatesAsSciPyDoes() throws {
        let fixture: Filtering = try Fixture.read("filtering.json")
        let source = try fixture.source.image()
        for dilation in fixture.dilations {
            #expect(
                try source.dilated(radius: dilation.radius) == dilation.expected.image(),
                "radius \(dilation.radius)")
        }
    }

    @Test func colourStatisticsAreThoseOfNumPy() throws {
        let fixture: Filtering = try Fixture.read("filtering.json")
        let source = try fixture.source.image()
        let weights = try FloatImage(
            width: source.width, height: source.height, channels: 1,
            data: source.data.prefix(source.width * source.height).map { min(max($0, 0), 1) })
        for (found, mean, deviation) in [
            (try source.colourStatistics(), fixture.plainMean, fixture.plainDeviation),
            (try source.colourStatistics(weights: weights), fixture.mean, fixture.deviation),
        ] {
            for c in 0..<2 {
                #expect(abs(found.mean[c] - mean[c]) < 1e-6)
                #expect(abs(found.deviation[c] - deviation[c]) < 1e-6)
            }
        }
    }

    @Test func matchedColoursHaveTheTargetsStatistics() throws {
        let fixture: Filtering = try Fixture.read("filtering.json")
        let source = try fixture.source.image()
        let own = try source.colourStatistics()
        let target = ColourStatistics(mean: [0.3, 0.7], deviation: own.deviation.map { $0 * 1.4 })
        let matched = try source.matchingColours(from: own, to: target).colourStatistics()
        for c in 0..<2 {
            #expect(abs(matched.mean[c] - target.mean[c]) < 1e-5)
            #expect(abs(matched.deviation[c] - target.deviation[c]) < 1e-5)
        }
        // A flat image's noise is not blown up beyond the bound.
        let bold = ColourStatistics(mean: own.mean, deviation: own.deviation.map { $0 * 100 })
        let bounded = try source.matchingColours(from: own, to: bold, gain: 0.5...3).colourStatistics()
        #expect(abs(bounded.deviation[0] - 3 * own.deviation[0]) < 1e-5)
    }

    @Test func colourStatisticsRefuseWhatDoesNotFit() {
        let image = FloatImage(width: 4, height: 3, channels: 3, fill: 0.5)
        #expect(throws: ImagingError.self) {
            try image.colourStatistics(weights: FloatImage(width: 3, height: 4, channels: 1, fill: 1))
        }
        #expect(throws: ImagingError.invalidArgument("colour statistics: all weights are zero")) {
            try image.colourStatistics(weights: FloatImage(width: 4, height: 3, channels: 1))
        }
        #expect(throws: ImagingError.self) {
            let one = ColourStatistics(mean: [0], deviation: [1])
            return try image.matchingColours(from: one, to: one)
        }
    }
}
