import Imaging
import ReID
import Testing

@Suite("Colour adjustment") struct ColourAdjustmentTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            let kind: ColourAdjustment
            let amount: Double
            let pixels: [UInt8]
        }
        let width, height: Int
        let pixels: [UInt8]
        let cases: [Case]
    }

    @Test("equals Pillow", arguments: ColourAdjustment.allCases) func pillow(kind: ColourAdjustment) throws {
        let reference = try DataFixture.json("colour.json", as: Reference.self)
        let image = try Image(
            width: reference.width, height: reference.height, channels: 3, pixels: reference.pixels)
        let cases = reference.cases.filter { $0.kind == kind }
        #expect(!cases.isEmpty)
        for reference in cases {
            var result = image
            result.adjust(kind, reference.amount)
            let difference = zip(result.pixels, reference.pixels).map { abs(Int($0) - Int($1)) }.max()
            // Rounding of hue differs between the two formulas.
            #expect(difference ?? 255 <= (kind == .hue ? 1 : 0), "\(kind.rawValue) by \(reference.amount)")
        }
    }

    @Test("images of one colour survive", arguments: ColourAdjustment.allCases)
    func oneColour(kind: ColourAdjustment) {
        for value: UInt8 in [0, 128, 255] {
            var image = Image(width: 1, height: 1, channels: 3, fill: value)
            image.adjust(kind, 1)
            #expect(Set(image.pixels).count == 1)
        }
    }
}
