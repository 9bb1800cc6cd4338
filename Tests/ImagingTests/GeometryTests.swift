import Foundation
import Imaging
import Testing

@Suite struct GeometryTests {
    struct Resizing: Decodable {
        struct Case: Decodable {
            let filter: String
            let expected: ReferenceImage
        }
        let source: ReferenceImage
        let cases: [Case]
    }

    /// In floating point; halves may be rounded to either side.
    @Test func resizesAsPillowDoes() throws {
        let fixture: Resizing = try Fixture.read("resizing.json")
        let source = try fixture.source.image()
        #expect(fixture.cases.count == 15)
        for one in fixture.cases {
            let filter: ResizeFilter = ["bicubic": .bicubic, "lanczos3": .lanczos3][one.filter] ?? .triangle
            let expected = try one.expected.image()
            let result = try source.resized(width: expected.width, height: expected.height, filter: filter)
            let difference = try #require(largestDifference(result, expected))
            #expect(difference <= 1, "\(one.filter) to \(expected.width)x\(expected.height)")
        }
    }

    @Test func refusesEmptySizes() throws {
        let image = try pattern(8, 8)
        #expect(throws: ImagingError.invalidArgument("resize to 0x5: expected positive sizes")) {
            try image.resized(width: 0, height: 5)
        }
        #expect(throws: ImagingError.self) { try image.warped(by: .identity, width: 5, height: -1) }
        #expect(throws: ImagingError.self) {
            try image.warped(by: AffineTransform2D(a: 1, b: 2, c: 0, d: 2, e: 4, f: 0), width: 5, height: 5)
        }
    }

    @Test(arguments: [Double.nan, .infinity]) func refusesUndefinedMaps(_ value: Double) throws {
        let image = try pattern(8, 8)
        for map in [
            AffineTransform2D(a: value, b: 0, c: 0, d: 0, e: 1, f: 0),
            AffineTransform2D(a: 1, b: 0, c: value, d: 0, e: 1, f: 0),
        ] {
            let error = #expect(throws: ImagingError.self) { try image.warped(by: map, width: 5, height: 5) }
            #expect(error.map { "\($0)".contains("cannot be inverted") } == true)
        }
    }

    struct Warping: Decodable {
        struct Case: Decodable {
            let name: String
            let border: String
            let matrix: [Double]
            let opencv: ReferenceImage
            let exact: ReferenceImage
        }
        let source: ReferenceImage
        let fill: UInt8
        let cases: [Case]
    }

    /// SciPy interpolates exactly; OpenCV's weights are multiples of 1/32.
    @Test func warpsAsThePeersDo() throws {
        let fixture: Warping = try Fixture.read("warping.json")
        let source = try fixture.source.image()
        #expect(fixture.cases.count == 11)
        for one in fixture.cases {
            let border: Border =
                one.border == "constant"
                ? .constant(fixture.fill) : one.border == "reflect" ? .reflect : .replicate
            let exact = try one.exact.image()
            let result = try source.warped(
                by: AffineTransform2D(one.matrix), width: exact.width, height: exact.height, border: border)
            #expect(try #require(largestDifference(result, exact)) <= 1, "SciPy: \(one.name), \(one.border)")
            let opencv = try one.opencv.image()
            let differences = zip(result.pixels, opencv.pixels).map { abs(Int($0) - Int($1)) }
            let close = differences.filter { $0 <= 2 }.count
            #expect(Double(close) >= 0.98 * Double(differences.count), "OpenCV: \(one.name), \(one.border)")
            #expect(try #require(differences.max()) <= 6, "OpenCV: \(one.name), \(one.border)")
        }
    }

    @Test func strongShrinkingDoesNotAlias() throws {
        // A checkerboard of single pixels is grey from afar.
        let board = try Image(
            width: 128, height: 128, channels: 1,
            pixels: (0..<(128 * 128)).map { ($0 / 128 + $0) % 2 == 0 ? 0 : 255 })
        let small = try board.warped(by: .scale(1.0 / 8), width: 16, height: 16, border: .replicate)
        #expect(small.pixels.allSatisfy { (120...136).contains($0) })
    }

    struct Fit: Decodable {
        let from: [[Double]]
        let to: [[Double]]
        let matrix: [Double]
    }

    @Test func similarityIsThatOfScikitImage() throws {
        let fits: [Fit] = try Fixture.read("similarity.json")
        #expect(fits.count == 5)
        for fit in fits {
            let transform = try AffineTransform2D.similarity(
                from: fit.from.map { Point($0[0], $0[1]) }, to: fit.to.map { Point($0[0], $0[1]) })
            let values = [transform.a, transform.b, transform.c, transform.d, transform.e, transform.f]
            for (value, expected) in zip(values, fit.matrix) {
                #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)))
            }
        }
    }

    @Test func similarityRefusesWhatItCannotFit() {
        let points = [Point(1, 1), Point(2, 3)]
        #expect(throws: ImagingError.self) {
            try AffineTransform2D.similarity(from: points, to: [Point(0, 0)])
        }
        #expect(throws: ImagingError.self) {
            try AffineTransform2D.similarity(from: [points[0]], to: [points[0]])
        }
        #expect(throws: ImagingError.self) {
            try AffineTransform2D.similarity(from: [points[0], points[0]], to: points)
        }
    }

    @Test func inverseAndCompositionUndoEachOther() throws {
        let transform = AffineTransform2D(a: 1.2, b: -0.4, c: 7, d: 0.3, e: 0.8, f: -2)
        let there = transform.apply(Point(3, 4))
        let back = try transform.inverse().apply(there)
        #expect((back - Point(3, 4)).length < 1e-12)
        let both = transform.concatenating(.scale(2, translate: Point(1, 1))).apply(Point(3, 4))
        #expect((both - (there * 2 + Point(1, 1))).length < 1e-12)
    }
}
