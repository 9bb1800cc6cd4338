import Imaging
import Testing
import Unmasking

@Suite struct SeamColourTests {
    private let size = 64

    private func flat(_ r: Float, _ g: Float, _ b: Float) throws -> FloatImage {
        let plane = size * size
        return try FloatImage(
            width: size, height: size, channels: 3,
            data: [r, g, b].flatMap { [Float](repeating: $0, count: plane) })
    }

    /// The lower half is hidden.
    private func hidden() -> FloatImage {
        var hidden = FloatImage(width: size, height: size, channels: 1)
        for i in (size * size / 2)..<(size * size) { hidden.data[i] = 1 }
        return hidden
    }

    @Test func theColourOfVisibleSkinGoesOnUnderTheMask() throws {
        let matched = try SeamColour.match(
            flat(0.7, 0.5, 0.4), to: flat(0.76, 0.5, 0.36), hidden: hidden())
        for y in [36, 40] {
            let i = y * size + 32
            for (c, expected) in [Float(0.76), 0.5, 0.36].enumerated() {
                #expect(abs(matched.data[c * size * size + i] - expected) < 0.01, "row \(y), channel \(c)")
            }
        }
    }

    @Test func clothBesideTheMaskDoesNotTintTheSkin() throws {
        var photo = try flat(0.72, 0.52, 0.42)
        // Three rows of cloth that were not taken for the mask lie just above it.
        for y in 29..<32 {
            for x in 0..<size {
                let i = y * size + x
                photo.data[i] = 0.85
                photo.data[size * size + i] = 0.7
                photo.data[2 * size * size + i] = 0.2
            }
        }
        let matched = try SeamColour.match(flat(0.7, 0.5, 0.4), to: photo, hidden: hidden())
        let i = 36 * size + 32
        for (c, expected) in [Float(0.72), 0.52, 0.42].enumerated() {
            #expect(abs(matched.data[c * size * size + i] - expected) < 0.01, "channel \(c)")
        }
    }

    @Test func changesStayWithinTheLimit() throws {
        let matched = try SeamColour.match(
            flat(0.5, 0.5, 0.5), to: flat(0.9, 0.5, 0.5), hidden: hidden(), limit: 0.1, tolerance: 1)
        #expect(abs((matched.data.max() ?? 0) - 0.6) < 1e-4)
    }
}
