import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct WritingTests {
    @Test(arguments: [1, 3, 4]) func pngKeepsEveryPixel(channels: Int) throws {
        let image = try pattern(37, 23, channels: channels)
        #expect(try Image.decode(image.encodePNG()) == image)
    }

    @Test func losslessWebPKeepsEveryPixel() throws {
        let image = try pattern(37, 23)
        #expect(try Image.decode(image.encodeWebP(quality: nil)) == image)
        // Alpha of 67 and more: no pixel is fully transparent.
        let translucent = try pattern(37, 23, channels: 4)
        #expect(try Image.decode(translucent.encodeWebP(quality: nil)) == translucent)
        let grey = try pattern(9, 8, channels: 1)
        #expect(try Image.decode(grey.encodeWebP(quality: nil)) == grey.rgb())
    }

    @Test func lossyFormatsComeClose() throws {
        let image = try pattern(64, 48)
        #expect(try #require(largestDifference(image, image.jpegRoundTrip(quality: 95))) <= 8)
        #expect(try #require(largestDifference(image, Image.decode(image.encodeWebP(quality: 95)))) <= 16)
        let fine = try image.encodeJPEG(quality: 95)
        let coarse = try image.encodeJPEG(quality: 20)
        #expect(coarse.count < fine.count)
        #expect(try image.jpegRoundTrip(quality: 20) == Image.decode(coarse))
        #expect(try image.jpegRoundTrip(quality: 20) != image)
    }

    @Test func jpegComposesAlphaOverWhite() throws {
        var image = Image(width: 16, height: 16, channels: 4, fill: 0)
        for index in 0..<256 { image.pixels[4 * index + 3] = index < 128 ? 0 : 255 }
        let flat = try image.jpegRoundTrip(quality: 100)
        #expect(flat.channels == 3)
        #expect(flat.pixels[0] > 250 && flat.pixels[255 * 3] < 5)
    }

    @Test func refusesImpossibleQualities() throws {
        let image = try pattern(8, 8)
        for quality in [0, 101, -5] {
            #expect(throws: ImagingError.invalidArgument("JPEG quality \(quality): expected 1 to 100")) {
                try image.encodeJPEG(quality: quality)
            }
        }
        #expect(throws: ImagingError.self) { try image.encodeWebP(quality: 101) }
    }

    @Test func refusesSidesThatWebPCannotHold() {
        let long = Image(width: 16_384, height: 1, channels: 3)
        let error = #expect(throws: ImagingError.self) { try long.encodeWebP() }
        #expect(error.map { "\($0)".contains("16383") && "\($0)".contains("16384x1") } == true)
    }

    @Test func replacesAnOlderFile() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.png"
            try pattern(30, 30).writePNG(path)
            let image = try pattern(5, 4)
            try image.writePNG(path)
            #expect(try Image.read(path) == image)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.png"])
        }
    }

    @Test func missingFolder() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/nowhere/a.png"
            let error = #expect(throws: ImagingError.self) { try pattern(5, 4).writePNG(path) }
            #expect(
                error.map { "\($0)".hasPrefix(path) && "\($0)".contains("No such file or directory") } == true
            )
        }
    }

    @Test func folderInTheWay() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder + "/a.png", withIntermediateDirectories: false)
            let error = #expect(throws: ImagingError.self) { try pattern(5, 4).writePNG(folder + "/a.png") }
            #expect(error.map { "\($0)".hasPrefix(folder + "/a.png") } == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.png"])
        }
    }

    /// A file system of 64 KiB: the new file does not fit, the older one stays, nothing else is left.
    @Test(.enabled(if: SmallVolume.isPossible, "needs the right to mount a tmpfs"))
    func fullDisk() throws {
        try withTemporaryFolder { folder in
            let disk = folder + "/disk"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
            #expect(SmallVolume.mount(at: disk))
            defer { SmallVolume.unmount(disk) }
            let path = disk + "/a.png"
            let small = try pattern(8, 8)
            try small.writePNG(path)
            var generator = SeededGenerator(state: 1)
            let noise = try Image(
                width: 300, height: 300, channels: 3,
                pixels: (0..<270_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
            for write in [
                { try noise.writePNG(path) }, { try noise.writeJPEG(path, quality: 100) },
                { try noise.writeWebP(path, quality: nil) },
            ] {
                let error = #expect(throws: ImagingError.self) { try write() }
                #expect(
                    error.map { "\($0)".hasPrefix(path) && "\($0)".contains("No space left on device") }
                        == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["a.png"])
            }
            #expect(try Image.read(path) == small)
        }
    }
}
