import Imaging
import Testing

/// Shrinking warps visit a part of the photo only; it must not show.
@Suite struct WarpRegionTests {
    /// Halving by hand, then the same bilinear warp.
    @Test(
        arguments: [(0.0, 0.0), (310, 205), (-50, 400), (555, 401)],
        [Border.replicate, .reflect, .constant(9)])
    func partEqualsWhole(_ shift: (Double, Double), _ border: Border) throws {
        let photo = try pattern(640, 480)
        // A quarter: two halvings leave a scale of one.
        let transform = AffineTransform2D(
            a: 0.24, b: 0.05, c: -shift.0 * 0.25, d: -0.05, e: 0.24, f: -shift.1 * 0.25)
        let found = try photo.warped(by: transform, width: 40, height: 32, border: border)
        let halved = try photo.resizedByBlocks().resizedByBlocks()
        // Pixel i of the quarter lies at 4i + 1.5 of the photo.
        let toPhoto = AffineTransform2D.scale(4, translate: Point(1.5, 1.5))
        let expected = try halved.warped(
            by: toPhoto.concatenating(transform), width: 40, height: 32, border: border)
        #expect(try #require(largestDifference(found, expected)) <= 1)
    }

    @Test func farOutsideIsBorder() throws {
        let photo = try pattern(640, 480)
        for shift in [-1e5, 5000, 1e9] {
            let away = AffineTransform2D.scale(0.1, translate: Point(shift, shift))
            let warped = try photo.warped(by: away, width: 20, height: 20, border: .constant(7))
            #expect(warped.pixels.allSatisfy { $0 == 7 })
        }
    }

    @Test func inverseWarpBringsBack() throws {
        let photo = FloatImage(try pattern(80, 60))
        let image = try photo.image()
        let transform = AffineTransform2D(a: 1.2, b: -0.4, c: 10, d: 0.4, e: 1.2, f: -3)
        let there = try image.warped(by: transform, width: 140, height: 120)
        let back = try there.warped(byInverseOf: transform, width: 80, height: 60)
        for y in 10..<50 {
            for x in 10..<70 {
                let i = (y * 80 + x) * 3
                #expect(abs(Int(back.pixels[i]) - Int(image.pixels[i])) <= 4)
            }
        }
    }
}

extension Image {
    /// Means of 2x2 blocks, rounded.
    fileprivate func resizedByBlocks() throws -> Image {
        var out = Image(width: width / 2, height: height / 2, channels: channels)
        for y in 0..<out.height {
            for x in 0..<out.width {
                for c in 0..<channels {
                    let sum = [(0, 0), (1, 0), (0, 1), (1, 1)].reduce(0) {
                        $0 + Int(pixels[((2 * y + $1.1) * width + 2 * x + $1.0) * channels + c])
                    }
                    out.pixels[(y * out.width + x) * channels + c] = UInt8((sum + 2) / 4)
                }
            }
        }
        return out
    }
}
