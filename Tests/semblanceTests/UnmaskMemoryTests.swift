import Foundation
import Imaging
import Resources
import Testing

private let locator = ResourceLocator.standard
private let isReady =
    (try? locator.weights("yunet")) != nil && (try? locator.photo("astronaut.png")) != nil
    && (try? locator.model("unmasker-128")) != nil

/// A photo of 12 million pixels, filled by one face: the largest mask there can be.
@Suite(.serialized, .enabled(if: isReady, "needs YuNet, the example photo and Models/unmasker-128"))
struct UnmaskMemoryTests {
    private static let limit = 1_500_000_000

    @Test func twelveMegapixelsFitIntoOneAndAHalfGigabytes() throws {
        let folder = NSTemporaryDirectory() + "/memory-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let large = "\(folder)/large.jpg"
        // 240x180 pixels around the face, enlarged.
        try Image.read(locator.photo("astronaut.png")).rgb()
            .warped(
                by: AffineTransform2D(a: 1, b: 0, c: -100, d: 0, e: 1, f: -30), width: 240, height: 180
            )
            .resized(width: 4000, height: 3000).writeJPEG(large)

        let masked = "\(folder)/masked.jpg"
        let mask = try MeasuredProcess(["mask", large, "-o", masked, "--kind", "surgical", "--seed", "3"])
        #expect(mask.status == 0, "\(mask.errors)")
        #expect(mask.peakMemory < Self.limit, "mask took \(mask.peakMemory / 1_000_000) MB")

        let unmask = try MeasuredProcess(["unmask", masked, "-o", "\(folder)/out", "--compare", "--faces"])
        #expect(unmask.status == 0, "\(unmask.errors)")
        #expect(unmask.peakMemory < Self.limit, "unmask took \(unmask.peakMemory / 1_000_000) MB")
        // It was not cheap by doing nothing.
        #expect(unmask.peakMemory > 12_000_000 * 3)
        let before = try Image.read(masked)
        let after = try Image.read("\(folder)/out/masked.png")
        #expect(after.width == 4000 && after.height == 3000)
        let changed = stride(from: 0, to: before.pixels.count, by: 3).reduce(0) {
            $0 + (before.pixels[$1] == after.pixels[$1] ? 0 : 1)
        }
        #expect(changed > 500_000, "only \(changed) pixels were recovered")
    }
}
