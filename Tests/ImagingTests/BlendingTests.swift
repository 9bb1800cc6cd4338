import Foundation
import Imaging
import Testing

/// Feathered and multi-band pasting.
@Suite struct BlendingTests {
    struct MultiBand: Decodable {
        let photo: ReferenceImage
        let crop: ReferenceFloats
        let alpha: ReferenceFloats
        let levels: Int
        let left: Double
        let top: Double
        let expected: ReferenceImage
    }

    struct Filters: Decodable { let multiBand: MultiBand }

    /// Against Burt and Adelson's form, which blends the bands of both pictures, in NumPy.
    @Test func multiBandBlendsAsThePaperDoes() throws {
        let fixture = try (Fixture.read("filters.json") as Filters).multiBand
        let photo = try fixture.photo.image()
        var result = photo
        try PasteBack.blend(
            fixture.crop.image(), alpha: fixture.alpha.image(), into: &result,
            transform: .scale(1, translate: Point(-fixture.left, -fixture.top)),
            blending: .multiBand(levels: fixture.levels))
        let expected = try fixture.expected.image()
        let difference = try #require(largestDifference(result, expected))
        #expect(difference <= 1, "\(difference)")
        #expect(result != photo)
    }

    /// A matte that is 1 in the middle and falls to 0 before the border.
    private func matte(_ size: Int) -> FloatImage {
        var matte = FloatImage(width: size, height: size, channels: 1)
        for y in 0..<size {
            for x in 0..<size {
                let (dx, dy) = (Float(x) - Float(size) / 2, Float(y) - Float(size) / 2)
                matte[0, y, x] = min(1, max(0, (0.42 - (dx * dx + dy * dy).squareRoot() / Float(size)) * 12))
            }
        }
        return matte
    }

    private func turned(_ scale: Double) -> AffineTransform2D {
        AffineTransform2D(
            a: 0.96 * scale, b: -0.28 * scale, c: -40 * scale, d: 0.28 * scale, e: 0.96 * scale,
            f: -55 * scale)
    }

    /// In every mode and at every scale, pixels without alpha keep every byte.
    @Test(arguments: [
        PasteBack.Blending.alpha, .feathered(radius: 4), .multiBand(levels: 0), .multiBand(levels: 5),
    ])
    func nothingChangesOutsideAlpha(_ blending: PasteBack.Blending) throws {
        let photo = try pattern(200, 180)
        let alpha = matte(64)
        let crop = FloatImage(width: 64, height: 64, channels: 3, fill: 0.9)
        for scale in [0.5, 1, 5] {
            var result = photo
            try PasteBack.blend(
                crop, alpha: alpha, into: &result, transform: turned(scale), blending: blending)
            // Anything the matte could reach, with the reach of bilinear sampling (of the quartered crop at scale 5).
            let support = try alpha.dilated(radius: scale > 2 ? 9 : 2).warped(
                by: turned(scale).inverse(), width: 200, height: 180)
            var changed = 0
            for i in 0..<(200 * 180) {
                let isSame = (0..<3).allSatisfy { result.pixels[3 * i + $0] == photo.pixels[3 * i + $0] }
                if !isSame { changed += 1 }
                #expect(isSame || support.data[i] > 0, "\(blending) scale \(scale) pixel \(i)")
            }
            #expect(changed > (scale > 2 ? 20 : 500), "\(blending) scale \(scale)")
        }
    }

    @Test func featheringStaysWithinAlpha() throws {
        var hard = FloatImage(width: 40, height: 40, channels: 1)
        for y in 8..<32 { for x in 8..<32 { hard[0, y, x] = 1 } }
        let black = Image(width: 40, height: 40, channels: 3)
        let white = FloatImage(width: 40, height: 40, channels: 3, fill: 1)
        var result = black
        try PasteBack.blend(
            white, alpha: hard, into: &result, transform: .identity, blending: .feathered(radius: 5))
        func value(_ x: Int) -> UInt8 { result.pixels[(20 * 40 + x) * 3] }
        #expect(value(7) == 0 && value(20) == 255)
        #expect(value(9) < value(11) && value(11) < value(13) && value(13) < value(15))
        #expect(value(8) < 40)
    }

    /// Multi-band blending spreads a colour difference over the seam and keeps the crop's texture.
    @Test func multiBandHidesTheSeam() throws {
        var hard = FloatImage(width: 64, height: 64, channels: 1)
        for y in 4..<60 { for x in 4..<32 { hard[0, y, x] = 1 } }
        let photo = Image(width: 64, height: 64, channels: 3, fill: 100)
        let crop = FloatImage(width: 64, height: 64, channels: 3, fill: 140 / 255)
        /// The largest step between neighbours in the middle row.
        func step(_ blending: PasteBack.Blending) throws -> Int {
            var result = photo
            try PasteBack.blend(crop, alpha: hard, into: &result, transform: .identity, blending: blending)
            let row = (8..<56).map { Int(result.pixels[(32 * 64 + $0) * 3]) }
            return zip(row, row.dropFirst()).map { abs($0 - $1) }.max() ?? 0
        }
        #expect(try step(.alpha) == 40)
        #expect(try step(.multiBand(levels: 4)) <= 24)
    }

    @Test func alphaOfThePhotoIsKept() throws {
        var photo = Image(width: 20, height: 20, channels: 4, fill: 77)
        try PasteBack.blend(
            FloatImage(width: 20, height: 20, channels: 3, fill: 1),
            alpha: FloatImage(width: 20, height: 20, channels: 1, fill: 1), into: &photo, transform: .identity
        )
        #expect(photo.pixels[0..<4] == [255, 255, 255, 77])
    }

    /// A small face drawn at high resolution: stripes of one crop pixel average out instead of aliasing.
    @Test func shrinkingTheCropDoesNotAlias() throws {
        var stripes = FloatImage(width: 256, height: 256, channels: 3)
        for c in 0..<3 { for y in 0..<256 { for x in 0..<256 { stripes[c, y, x] = Float(x % 2) } } }
        var photo = Image(width: 64, height: 64, channels: 3)
        try PasteBack.blend(
            stripes, alpha: FloatImage(width: 256, height: 256, channels: 1, fill: 1), into: &photo,
            transform: .scale(5, translate: Point(-10, -10)))
        for y in 6..<48 { for x in 6..<48 { #expect(abs(Int(photo.pixels[(y * 64 + x) * 3]) - 128) <= 2) } }
    }

    @Test func refusesNegativeLevels() {
        var photo = Image(width: 8, height: 8, channels: 3)
        #expect(throws: ImagingError.self) {
            try PasteBack.blend(
                FloatImage(width: 8, height: 8, channels: 3),
                alpha: FloatImage(width: 8, height: 8, channels: 1, fill: 1),
                into: &photo, transform: .identity, blending: .multiBand(levels: -1))
        }
    }

    /// Twelve megapixels: only the face's part of the photo costs anything.
    @Test func largePhotosCostLittle() throws {
        var photo = Image(width: 4000, height: 3000, channels: 3, fill: 90)
        let clock = ContinuousClock()
        let elapsed = try clock.measure {
            try PasteBack.blend(
                FloatImage(width: 128, height: 128, channels: 3, fill: 0.5), alpha: matte(128), into: &photo,
                transform: .scale(0.3, translate: Point(-500, -300)), blending: .multiBand(levels: 5))
        }
        #expect(elapsed < .seconds(5))
    }
}
