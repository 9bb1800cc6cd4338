import Foundation
import Imaging
import Testing

/// What the header says is not believed before memory is taken.
@Suite struct HeaderTests {
    struct Filters: Decodable {
        struct Sampling: Decodable {
            let file: Data
            let expected: ReferenceImage
        }
        let sampling: Sampling
    }

    private func reason(_ bytes: [UInt8]) -> String? {
        do throws(ImagingError) {
            _ = try Image.decode(bytes, name: "small.file")
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Within the limits, but more than so few bytes can hold.
    @Test func headerPromisesMoreThanTheFileHolds() throws {
        var jpeg = try pattern(64, 64).encodeJPEG(quality: 90)
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0x26, 0xAC, 0x26, 0xAC])
        #expect(try #require(reason(jpeg)).contains("cannot hold 9900x9900 pixels"))

        // A PNG header is protected by a checksum; libpng must find it right to get as far as the sizes.
        var png = try pattern(8, 8).encodePNG()
        png.replaceSubrange(16..<24, with: [0, 0, 0x26, 0xAC, 0, 0, 0x26, 0xAC])
        let sum = crc(png[12..<29])
        png.replaceSubrange(29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) })
        #expect(try #require(reason(png)).contains("cannot hold 9900x9900 pixels"))
    }

    /// Of ISO 3309, as PNG wants it.
    private func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
            }
        }
    }

    /// Nothing is missing but the end marker: the picture is whole.
    @Test func jpegWithoutEndMarker() throws {
        let whole = try pattern(40, 30).encodeJPEG(quality: 90)
        #expect(whole.suffix(2) == [0xFF, 0xD9])
        #expect(try Image.decode(Array(whole.dropLast(2))) == Image.decode(whole))
    }

    @Test func jpegOfUnusualSampling() throws {
        let sampling = try (Fixture.read("filters.json") as Filters).sampling
        let image = try Image.decode([UInt8](sampling.file))
        #expect(try #require(largestDifference(image, sampling.expected.image())) <= 2)
    }

    @Test func jpegHeaderCutAnywhere() throws {
        let whole = try pattern(16, 16).encodeJPEG(quality: 90)
        let scan = try #require(whole.indices.dropLast().first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA })
        for length in 3..<scan { #expect(reason(Array(whole.prefix(length))) != nil, "\(length) bytes") }
    }

    @Test func previewsAreDecodedSmaller() throws {
        // Smooth enough to survive the largest reduction.
        let image = try pattern(26, 15).resized(width: 208, height: 120, filter: .bicubic)
        let file = try image.encodeJPEG(quality: 95)
        for (side, width, height) in [
            (120, 208, 120), (61, 208, 120), (60, 104, 60), (30, 52, 30), (15, 26, 15), (1, 26, 15),
        ] {
            let preview = try Image.decode(file, previewSide: side)
            #expect(preview.width == width && preview.height == height, "side \(side)")
            let resized = try image.resized(width: width, height: height)
            let errors = zip(preview.pixels, resized.pixels).map { abs(Int($0) - Int($1)) }
            #expect(errors.reduce(0, +) < 3 * errors.count, "side \(side)")
        }
        // Other kinds are decoded whole.
        #expect(try Image.decode(image.encodePNG(), previewSide: 10) == image)
    }

    @Test func devicesAreNotRead() {
        #expect(
            throws: ImagingError.file(
                path: "/dev/zero", reason: "is not a regular file, expected an image file")
        ) { try Image.read("/dev/zero") }
    }

    /// `/dev/full` fails as a full disk does.
    @Test func fullDevice() throws {
        let image = try pattern(64, 64)
        let error = #expect(throws: ImagingError.self) { try image.writePNG("/dev/full") }
        #expect(
            error.map { "\($0)".contains("/dev/full") && "\($0)".contains("No space left on device") } == true
        )
        try image.writePNG("/dev/null")
    }

    @Test func manyWritersOfOneFileLeaveOneWholeFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "writers-\(UUID().uuidString)"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/shared.png"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for size in 1...8 {
                group.addTask { for _ in 0..<5 { try pattern(20 * size, 10).writePNG(path) } }
            }
            try await group.waitForAll()
        }
        #expect(try Image.read(path).height == 10)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["shared.png"])
    }
}
