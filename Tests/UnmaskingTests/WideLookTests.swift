import Faces
import Foundation
import Imaging
import Testing
import Torch
import Unmasking

/// Drawings made by hand stand for what the networks would say.
@Suite struct WideLookTests {
    private let size = 128
    private let compositor = FaceCompositor(size: 128)

    /// A photo of 256 pixels in which the aligned crop is the square from 64 to 191.
    private func photo() -> Image {
        var photo = Image(width: 256, height: 256, channels: 3, fill: 200)
        // The mask: from the middle of the face to far below the crop.
        for y in 140..<215 {
            for x in 90..<166 { photo.paint(x, y, 20, 60, 220) }
        }
        return photo
    }

    private func aligned(_ photo: Image) throws -> FaceCompositor.Aligned {
        let landmarks = AlignmentTemplate.face128.landmarks.applying(
            .scale(1, translate: Point(64, 64)))
        let face = DetectedFace(
            box: Rect(x: 64, y: 64, width: 128, height: 128), score: 1, landmarks: landmarks)
        return try #require(try compositor.align(photo, face))
    }

    /// Alpha 1 where the crop shows the mask's colour, and skin drawn everywhere.
    private func drawing(_ crop: FloatImage, skin: Float = 0.78) throws -> FaceDrawing {
        let plane = size * size
        var alpha = FloatImage(width: size, height: size, channels: 1)
        for i in 0..<plane where crop.data[2 * plane + i] - crop.data[i] > 0.3 { alpha.data[i] = 1 }
        return FaceDrawing(
            drawn: FloatImage(width: size, height: size, channels: 3, fill: skin), alpha: alpha)
    }

    /// A photo's face as the networks saw it first, and the wide crop that they are to look at.
    private func firstLook(_ photo: Image) throws -> (
        aligned: FaceCompositor.Aligned, drawing: FaceDrawing, wide: FaceCompositor.Aligned
    ) {
        let aligned = try aligned(photo)
        let drawing = try drawing(aligned.crop)
        return (aligned, drawing, try #require(try compositor.widened(aligned, drawing, in: photo)))
    }

    /// The face, blended into its photo after both looks.
    private func blended(
        _ photo: Image, _ aligned: FaceCompositor.Aligned, _ first: FaceDrawing,
        _ wide: FaceCompositor.Aligned
    ) throws -> (face: Unmasker.Face, output: Image) {
        var output = photo
        let face = try compositor.blend(
            first, of: aligned, look: WideLook(aligned: wide, drawing: drawing(wide.crop)), into: &output)
        return (face, output)
    }

    @Test func theMaskIsRemovedBeyondTheCropAndAllElseKept() throws {
        let photo = photo()
        let (aligned, first, wide) = try firstLook(photo)
        let (face, output) = try blended(photo, aligned, first, wide)
        #expect(face.overhang != nil)
        var (left, changed) = (0, 0)
        for y in 0..<256 {
            for x in 0..<256 {
                let i = 3 * (256 * y + x)
                let isMask = (140..<215).contains(y) && (90..<166).contains(x)
                if isMask, output.pixels[i + 2] > 210, output.pixels[i] < 150 { left += 1 }
                let isNear = (128..<227).contains(y) && (78..<178).contains(x)
                if !isNear, output.pixels[i..<(i + 3)] != photo.pixels[i..<(i + 3)] { changed += 1 }
            }
        }
        #expect(left == 0)
        #expect(changed == 0)

        // Without the second look everything below the crop stays.
        var before = photo
        let cropped = try compositor.blend(first, of: aligned, into: &before)
        #expect(cropped.overhang == nil)
        #expect(before.pixels[3 * (256 * 205 + 128) + 2] == 220)
        #expect(before.pixels[3 * (256 * 170 + 128) + 2] < 210)
    }

    @Test func theOverhangLeavesTheCropAlone() throws {
        let photo = photo()
        let (aligned, first, wide) = try firstLook(photo)
        let overhang = try #require(try blended(photo, aligned, first, wide).face.overhang)
        // Crop pixels -> wide crop; the crop fades out over eight pixels, and what lies under it over as many more.
        let map = WideLook.transform(size: size)
        for y in stride(from: 18, to: 110, by: 4) {
            for x in stride(from: 18, to: 110, by: 4) {
                let p = map.apply(Point(Double(x), Double(y)))
                let i = Int(p.y.rounded()) * size + Int(p.x.rounded())
                #expect(overhang.matte.data[i] == 0, "at \(x), \(y) of the crop")
            }
        }
        #expect(overhang.matte.data.contains { $0 > 0.99 })
    }

    @Test func aLookThatSeesAnotherMaskIsNotBelieved() throws {
        let photo = photo()
        let (aligned, first, wide) = try firstLook(photo)
        var other = try drawing(wide.crop)
        for i in other.alpha.data.indices { other.alpha.data[i] = 1 - other.alpha.data[i] }
        var (output, expected) = (photo, photo)
        let face = try compositor.blend(
            first, of: aligned, look: WideLook(aligned: wide, drawing: other), into: &output)
        _ = try compositor.blend(first, of: aligned, into: &expected)
        #expect(face.overhang == nil)
        #expect(output == expected)
    }

    @Test func whatTheFirstLookMissedIsAdded() throws {
        let photo = photo()
        let (aligned, whole, wide) = try firstLook(photo)
        var first = whole
        // A stripe of the mask, 16 pixels wide: too wide to be closed as a gap.
        for y in 0..<size { for x in 56..<72 { first.alpha.data[y * size + x] = 0 } }
        let (face, output) = try blended(photo, aligned, first, wide)
        #expect(face.maskAlpha.data[100 * size + 64] > 0.5)
        #expect(output.pixels[3 * (256 * 164 + 128) + 2] < 210)
    }

    @Test func noSecondLookWhereTheMaskEndsInsideTheCrop() throws {
        var photo = Image(width: 256, height: 256, channels: 3, fill: 200)
        for y in 140..<180 {
            for x in 90..<166 { photo.paint(x, y, 20, 60, 220) }
        }
        let aligned = try aligned(photo)
        #expect(try compositor.widened(aligned, drawing(aligned.crop), in: photo) == nil)
        var settings = Unmasker.Settings()
        settings.looksWider = false
        let whole = self.photo()
        let crop = try self.aligned(whole)
        #expect(
            try FaceCompositor(size: 128, settings: settings).widened(crop, drawing(crop.crop), in: whole)
                == nil)
    }
}

extension Image {
    fileprivate mutating func paint(_ x: Int, _ y: Int, _ r: UInt8, _ g: UInt8, _ b: UInt8) {
        let i = 3 * (y * width + x)
        pixels[i] = r
        pixels[i + 1] = g
        pixels[i + 2] = b
    }
}
