import Foundation
import Imaging
import Testing

/// Filters on planes against SciPy, scikit-image and Pillow (Tools/reference/imaging_filters.py).
@Suite struct PlaneFilterTests {
    struct Filters: Decodable {
        struct Colours: Decodable { let rgb, lab, hsv, yCbCr: ReferenceFloats }
        struct Morphology: Decodable {
            struct Disc: Decodable {
                let radius: Double
                let eroded, dilated, opened, closed: ReferenceFloats
            }
            struct Box: Decodable {
                let radius: Int
                let expected: ReferenceFloats
            }
            let source: ReferenceFloats
            let discs: [Disc]
            let boxes: [Box]
        }
        struct Sizes: Decodable {
            struct Case: Decodable {
                let filter: String
                let floats: ReferenceFloats
                let translucent: ReferenceImage
            }
            let floats: ReferenceFloats
            let translucent: ReferenceImage
            let cases: [Case]
        }
        struct Warps: Decodable {
            let source: ReferenceFloats
            let matrix: [Double]
            let expected: [String: ReferenceFloats]
        }
        let colours: Colours
        let morphology: Morphology
        let sizes: Sizes
        let warps: Warps
    }

    private let filters: Filters

    init() throws { filters = try Fixture.read("filters.json") }

    @Test func colourSpacesAreThoseOfScikitImage() throws {
        let rgb = try filters.colours.rgb.image()
        for (space, reference, tolerance) in [
            (ColourSpace.lab, filters.colours.lab, Float(2e-3)), (.hsv, filters.colours.hsv, 1e-5),
            (.yCbCr, filters.colours.yCbCr, 1e-5),
        ] {
            let converted = try rgb.converted(from: .rgb, to: space)
            let difference = try #require(largestDifference(converted, reference.image()))
            #expect(difference < tolerance, "\(space)")
            let back = try #require(largestDifference(converted.converted(from: space, to: .rgb), rgb))
            #expect(back < 1e-4, "\(space) and back")
        }
        #expect(throws: ImagingError.self) {
            try FloatImage(width: 2, height: 2, channels: 1).converted(from: .rgb, to: .lab)
        }
    }

    @Test func morphologyIsThatOfSciPy() throws {
        let source = try filters.morphology.source.image()
        for disc in filters.morphology.discs {
            #expect(try source.eroded(radius: disc.radius) == disc.eroded.image(), "radius \(disc.radius)")
            #expect(try source.dilated(radius: disc.radius) == disc.dilated.image(), "radius \(disc.radius)")
            #expect(try source.opened(radius: disc.radius) == disc.opened.image(), "radius \(disc.radius)")
            #expect(try source.closed(radius: disc.radius) == disc.closed.image(), "radius \(disc.radius)")
        }
        #expect(source.eroded(radius: 0.5) == source)
        // A disc larger than the image reaches everything.
        #expect(source.dilated(radius: 1e9).data.allSatisfy { $0 == source.data.max() })
    }

    @Test func boxBlurIsThatOfSciPy() throws {
        let source = try filters.morphology.source.image()
        for box in filters.morphology.boxes {
            let blurred = source.boxBlurred(radius: box.radius)
            #expect(
                try #require(largestDifference(blurred, box.expected.image())) < 1e-5, "radius \(box.radius)")
        }
        #expect(source.boxBlurred(radius: 0) == source)
    }

    /// Floats and transparent pictures: as Pillow, which keeps the colour of transparent pixels out too.
    @Test func resizesFloatsAndAlphaAsPillowDoes() throws {
        let floats = try filters.sizes.floats.image()
        let translucent = try filters.sizes.translucent.image()
        for one in filters.sizes.cases {
            let filter: ResizeFilter =
                one.filter == "triangle" ? .triangle : one.filter == "bicubic" ? .bicubic : .lanczos3
            let size = (width: one.floats.width, height: one.floats.height)
            let plane = try floats.resized(width: size.width, height: size.height, filter: filter)
            #expect(
                try #require(largestDifference(plane, one.floats.image())) < 1e-5, "\(one.filter) \(size)")
            let mixed = try translucent.resized(width: size.width, height: size.height, filter: filter)
            let expected = try one.translucent.image()
            // Colour counts as far as it shows: Pillow rounds alpha-weighted colours to 8 bits.
            for i in 0..<(size.width * size.height) {
                let alpha = Int(expected.pixels[4 * i + 3])
                #expect(abs(Int(mixed.pixels[4 * i + 3]) - alpha) <= 1)
                for k in 0..<3 where alpha > 0 {
                    let difference = abs(Int(mixed.pixels[4 * i + k]) - Int(expected.pixels[4 * i + k]))
                    #expect(difference * alpha <= 3 * 255, "\(one.filter) \(size) pixel \(i)")
                }
            }
        }
    }

    @Test(arguments: ["constant", "replicate", "reflect"]) func warpsFloatsAsSciPyDoes(_ name: String) throws
    {
        let source = try filters.warps.source.image()
        let expected = try #require(filters.warps.expected[name]).image()
        let border: Border = name == "constant" ? .constant(51) : name == "replicate" ? .replicate : .reflect
        let transform = AffineTransform2D(filters.warps.matrix)
        let warped = try source.warped(
            by: transform, width: expected.width, height: expected.height, border: border)
        #expect(try #require(largestDifference(warped, expected)) < 1e-5)
    }

    @Test func alphaGoesIntoImagesAndBack() throws {
        let photo = try pattern(9, 7)
        #expect(photo.alphaPlane.data.allSatisfy { $0 == 1 })
        var alpha = FloatImage(width: 9, height: 7, channels: 1)
        for i in alpha.data.indices { alpha.data[i] = Float(i) / 62 }
        let mixed = try photo.withAlpha(alpha)
        #expect(try #require(largestDifference(mixed.alphaPlane, alpha)) <= 0.5 / 255 + 1e-6)
        for i in 0..<63 {
            #expect(mixed.pixels[(4 * i)..<(4 * i + 3)] == photo.pixels[(3 * i)..<(3 * i + 3)])
        }
        // Compositing the floats equals composing the picture over white.
        let white = FloatImage(width: 9, height: 7, channels: 3, fill: 1)
        let composed = try FloatImage(photo).composited(over: white, alpha: mixed.alphaPlane)
        #expect(try #require(largestDifference(composed.image(), mixed.rgb(background: 255))) <= 1)
        #expect(throws: ImagingError.self) {
            try photo.withAlpha(FloatImage(width: 7, height: 9, channels: 1))
        }
        #expect(throws: ImagingError.self) {
            try FloatImage(photo).composited(over: white, alpha: FloatImage(width: 9, height: 7, channels: 3))
        }
    }

    @Test func channelsAndPartsAreCopies() throws {
        let image = FloatImage(try pattern(9, 7))
        let green = try image.channel(1)
        let part = try image.cropped(x: 3, y: 2, width: 4, height: 5)
        #expect(green[0, 6, 8] == image[1, 6, 8])
        #expect(part[2, 4, 3] == image[2, 6, 6])
        #expect(throws: ImagingError.self) { try image.channel(3) }
        #expect(throws: ImagingError.self) { try image.cropped(x: 6, y: 0, width: 4, height: 1) }
        #expect(throws: ImagingError.self) { try image.cropped(x: Int.max, y: 0, width: 4, height: 1) }
    }
}
