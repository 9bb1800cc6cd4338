import Foundation
import Imaging
import Testing

@Suite struct DecodingTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let file: Data
        let tolerance: Int
        let expected: Expected
        var testDescription: String { name }

        struct Expected: Decodable, Sendable {
            let width: Int
            let height: Int
            let channels: Int
            let pixels: Data
        }
    }

    static let cases: [Case] = (try? Fixture.read("decoding.json")) ?? []

    @Test func everyKindOfFileIsThere() {
        let names = Self.cases.map(\.name)
        #expect(names.count == 70)
        for word in [
            "cmyk", "ycck", "progressive", "palette 1 bit", "grey 16 bit interlaced", "webp lossy alpha",
        ] {
            #expect(names.contains { $0.contains(word) })
        }
    }

    /// Against Pillow; 16-bit PNGs against the samples that OpenCV confirms, rounded to 8 bits.
    @Test(arguments: cases) func decodesAsThePeersDo(_ one: Case) throws {
        let image = try Image.decode([UInt8](one.file), name: one.name)
        let expected = try Image(
            width: one.expected.width, height: one.expected.height, channels: one.expected.channels,
            pixels: [UInt8](one.expected.pixels))
        let difference = try #require(
            largestDifference(image, expected),
            "\(image.width)x\(image.height)x\(image.channels), expected \(expected.width)x\(expected.height)x\(expected.channels)"
        )
        #expect(difference <= one.tolerance)
    }

    @Test func readGivesWhatDecodeGives() throws {
        let one = try #require(Self.cases.first)
        try withTemporaryFolder { folder in
            // The content counts, not the name.
            let path = folder + "/misnamed.jpg"
            try one.file.write(to: URL(fileURLWithPath: path))
            #expect(try Image.read(path) == Image.decode([UInt8](one.file)))
        }
    }
}
