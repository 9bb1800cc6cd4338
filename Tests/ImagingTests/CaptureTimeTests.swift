import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct CaptureTimeTests {
    private func jpeg(_ time: String, _ offset: String? = nil, orientation: Int = 1) throws -> [UInt8] {
        var bytes = try Image(width: 8, height: 4, channels: 3, fill: 90).encodeJPEG()
        bytes.insert(
            contentsOf: EXIFBlock.jpegSegment(time: time, offset: offset, orientation: orientation), at: 2)
        return bytes
    }

    @Test(
        arguments: [
            ("2026:01:31 12:34:56", nil, "2026-01-31T12:34:56Z"),
            ("2026:01:31 12:34:56", "+02:00", "2026-01-31T10:34:56Z"),
            ("2026:01:31 23:34:56", "-05:30", "2026-02-01T05:04:56Z"),
            ("2024:02:29 00:00:00", nil, "2024-02-29T00:00:00Z"),
        ] as [(String, String?, String)]) func isRead(_ text: String, _ offset: String?, _ expected: String)
        throws
    {
        let date = try #require(try Image.captureTime(of: jpeg(text, offset)))
        #expect(date.formatted(.iso8601) == expected)
    }

    @Test(arguments: [
        "2026:02:30 12:00:00", "0000:00:00 00:00:00", "    :  :     :  :  ", "2026-01-31T12:00:00", "2026",
        "2026:01:31 25:00:00", "",
    ]) func whatIsNoTimeIsNone(_ text: String) throws {
        #expect(try Image.captureTime(of: jpeg(text)) == nil)
    }

    @Test func theOrientationIsStillHeeded() throws {
        let turned = try Image.decode(jpeg("2026:01:31 12:34:56", orientation: 6))
        #expect(turned.width == 4 && turned.height == 8)
    }

    @Test func filesWithoutMetadataAndCutOnesHaveNone() throws {
        #expect(try Image.captureTime(of: Image(width: 8, height: 4, channels: 3).encodeJPEG()) == nil)
        #expect(try Image.captureTime(of: Image(width: 8, height: 4, channels: 3).encodePNG()) == nil)
        #expect(Image.captureTime(of: []) == nil)
        // Whatever is missing or flipped, nothing outside the bytes is read.
        let whole = try jpeg("2026:01:31 12:34:56", "+02:00")
        for count in 0..<whole.count { _ = Image.captureTime(of: Array(whole.prefix(count))) }
        for index in 2..<160 {
            for value: UInt8 in [0, 1, 0x7F, 0xFF] {
                var bytes = whole
                bytes[index] = value
                _ = Image.captureTime(of: bytes)
            }
        }
    }
}
