import Imaging
import Testing
import Unmasking

@Suite struct SkinToneTests {
    private let size = 128

    /// An upper and a lower half of one colour each, given in L*, a*, b*.
    private func face(_ upper: [Float], _ lower: [Float]) throws -> FloatImage {
        let plane = size * size
        var lab = FloatImage(width: size, height: size, channels: 3)
        for c in 0..<3 {
            for i in 0..<plane { lab.data[c * plane + i] = i < plane / 2 ? upper[c] : lower[c] }
        }
        return try lab.converted(from: .lab, to: .rgb)
    }

    private func hidden(from row: Int) -> FloatImage {
        var hidden = FloatImage(width: size, height: size, channels: 1)
        for i in (row * size)..<(size * size) { hidden.data[i] = 1 }
        return hidden
    }

    @Test func skinOfTheMasksColourIsDrawnBack() throws {
        let drawn = try face([65, 15, 18], [70, 6, 55])
        let matched = SkinTone.match(drawn, hidden: hidden(from: 64))
        let lab = try matched.converted(from: .rgb, to: .lab)
        let at = 100 * size + 64
        // a* is off by 9 and b* by 37; 8 of each stay.
        for (c, expected) in [Float(70), 7, 26].enumerated() {
            #expect(abs(lab.data[c * size * size + at] - expected) < 0.2, "channel \(c)")
        }
        #expect(matched.data[20 * size + 64] == drawn.data[20 * size + 64])
    }

    @Test func whatFacesDifferByIsLeftAlone() throws {
        let drawn = try face([65, 15, 18], [60, 20, 13])
        #expect(SkinTone.match(drawn, hidden: hidden(from: 64)) == drawn)
    }

    @Test func tooLittleVisibleSkinTellsNothing() throws {
        let drawn = try face([65, 15, 18], [70, 6, 55])
        #expect(SkinTone.match(drawn, hidden: hidden(from: 8)) == drawn)
        // Dark pixels are hair or eyes.
        let dark = try face([20, 15, 18], [70, 6, 55])
        #expect(SkinTone.match(dark, hidden: hidden(from: 64)) == dark)
    }
}
