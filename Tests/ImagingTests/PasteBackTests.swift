import Foundation
import Imaging
import Testing

@Suite struct PasteBackTests {
    struct Pasting: Decodable {
        let photo: ReferenceImage
        let crop: ReferenceFloats
        let alpha: ReferenceFloats
        let matrix: [Double]
        let expected: ReferenceImage
        let untouched: Data
    }

    /// Catmull-Rom colours and bilinear alpha by scikit-image.
    @Test func blendsAsScikitImageDoes() throws {
        let fixture: Pasting = try Fixture.read("pasting.json")
        let photo = try fixture.photo.image()
        var result = photo
        try PasteBack.blend(
            fixture.crop.image(), alpha: fixture.alpha.image(), into: &result,
            transform: AffineTransform2D(fixture.matrix))
        #expect(try #require(largestDifference(result, fixture.expected.image())) <= 1)
        // Where the alpha is zero, not a single value changes.
        var kept = 0
        for (index, flag) in fixture.untouched.enumerated() where flag == 1 {
            for c in 0..<3 where result.pixels[3 * index + c] != photo.pixels[3 * index + c] {
                Issue.record("pixel \(index) outside the alpha changed")
            }
            kept += 1
        }
        #expect(kept > 1000)
        #expect(result != photo)
    }

    @Test func identityReproducesTheCrop() throws {
        let source = try pattern(24, 20)
        var photo = Image(width: 24, height: 20, channels: 3, fill: 9)
        let opaque = FloatImage(width: 24, height: 20, channels: 1, fill: 1)
        try PasteBack.blend(FloatImage(source), alpha: opaque, into: &photo, transform: .identity)
        #expect(photo == source)
    }

    @Test func zeroAlphaChangesNothing() throws {
        let photo = try pattern(24, 20)
        var result = photo
        try PasteBack.blend(
            FloatImage(width: 10, height: 10, channels: 3, fill: 1),
            alpha: FloatImage(width: 10, height: 10, channels: 1),
            into: &result, transform: .identity)
        #expect(result == photo)
    }

    @Test func aCropBesideThePhotoChangesNothing() throws {
        let photo = try pattern(24, 20)
        var result = photo
        for shift in [-1000.0, 1000, 1e12] {
            try PasteBack.blend(
                FloatImage(width: 10, height: 10, channels: 3, fill: 1),
                alpha: FloatImage(width: 10, height: 10, channels: 1, fill: 1), into: &result,
                transform: .scale(1, translate: Point(shift, shift)))
        }
        #expect(result == photo)
    }

    /// The photo is changed in place: a photo of twelve megapixels is not copied.
    @Test func doesNotCopyThePhoto() throws {
        var photo = Image(width: 4000, height: 3000, channels: 3, fill: 90)
        let before = photo.pixels.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        try PasteBack.blend(
            FloatImage(width: 32, height: 32, channels: 3, fill: 1),
            alpha: FloatImage(width: 32, height: 32, channels: 1, fill: 1), into: &photo,
            transform: .scale(0.25, translate: Point(-500, -300)))
        let after = photo.pixels.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        #expect(before == after)
        #expect(photo.pixels[(1260 * 4000 + 2060) * 3] == 255)
    }

    @Test func refusesWhatDoesNotFit() throws {
        var grey = Image(width: 8, height: 8, channels: 1)
        let crop = FloatImage(width: 4, height: 4, channels: 3)
        #expect(throws: ImagingError.self) {
            try PasteBack.blend(
                crop, alpha: FloatImage(width: 4, height: 4, channels: 1), into: &grey, transform: .identity)
        }
        var photo = Image(width: 8, height: 8, channels: 3)
        #expect(throws: ImagingError.self) {
            try PasteBack.blend(
                crop, alpha: FloatImage(width: 5, height: 4, channels: 1), into: &photo, transform: .identity)
        }
        #expect(throws: ImagingError.self) {
            try PasteBack.blend(
                crop, alpha: FloatImage(width: 4, height: 4, channels: 1), into: &photo, transform: .scale(0))
        }
    }
}
