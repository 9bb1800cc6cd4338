import Metrics
import Testing

/// Values come from scikit-image (Tools/reference/metrics.py).
@Suite struct ImageComparisonTests {
    private struct Stored: Decodable {
        struct Case: Decodable {
            let first: String
            let second: String
            let range: Double
            let psnr: Double
            let ssim: Double
            let l1: Double
            let regionL1: Double
            let regionMSE: Double
            let regionSSIM: Double
        }
        let height: Int
        let width: Int
        let region: [Float]
        let pictures: [String: [Float]]
        let cases: [Case]
    }

    @Test func agreesWithScikitImage() throws {
        let stored = try Fixtures.decode(Stored.self, "images.json")
        #expect(stored.cases.count == 4)
        for expected in stored.cases {
            func pixels(_ name: String) throws -> [Float] {
                let range = Float(expected.range)
                return try #require(stored.pictures[name]).map { $0 / 255 * range - (range == 2 ? 1 : 0) }
            }
            let first = try pixels(expected.first)
            let comparison = try ImageComparison(
                first, pixels(expected.second), channels: first.count / stored.height / stored.width,
                height: stored.height, width: stored.width, range: expected.range)
            try expectNear(comparison.psnr(), expected.psnr, 1e-5, "psnr")
            try expectNear(comparison.ssim(), expected.ssim, 1e-6, "ssim")
            try expectNear(comparison.l1(), expected.l1, 1e-7, "l1")
            try expectNear(comparison.l1(in: stored.region), expected.regionL1, 1e-7, "region l1")
            try expectNear(comparison.mse(in: stored.region), expected.regionMSE, 1e-7, "region mse")
            try expectNear(comparison.ssim(in: stored.region), expected.regionSSIM, 1e-6, "region ssim")
        }
    }

    @Test func equalImages() throws {
        let image = (0..<(3 * 16 * 12)).map { Float($0 % 7) / 7 }
        let comparison = try ImageComparison(image, image, channels: 3, height: 16, width: 12)
        #expect(try comparison.psnr() == .infinity)
        try expectNear(comparison.ssim(), 1, 1e-12)
        #expect(try comparison.l1() == 0)
    }

    @Test func badInputIsExplained() throws {
        let small = [Float](repeating: 0, count: 10 * 12)
        let comparison = try ImageComparison(small, small, channels: 1, height: 10, width: 12)
        #expect(
            throws: MetricsError.invalidInput(
                "SSIM of a 10 x 12 image: its window needs at least 11 x 11 pixels")
        ) { try comparison.ssim() }
        #expect(throws: MetricsError.empty("the region covers no pixel: nothing to compare")) {
            try comparison.l1(in: small)
        }
        #expect(
            throws: MetricsError.invalidInput("a region of 3 weights for an image of 10 x 12 pixels")
        ) { try comparison.l1(in: [1, 1, 1]) }
        #expect(throws: MetricsError.self) { try comparison.psnr(in: small.map { _ in -1 }) }
        #expect(throws: MetricsError.self) {
            try ImageComparison(small, [0], channels: 1, height: 10, width: 12)
        }
    }
}
