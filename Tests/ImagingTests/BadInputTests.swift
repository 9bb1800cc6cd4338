import Foundation
import Imaging
import Testing

/// Every refusal names the file and says why.
@Suite struct BadInputTests {
    private func file(_ name: String) throws -> [UInt8] {
        let files: [String: Data] = try Fixture.read("refused.json")
        return [UInt8](try #require(files[name]))
    }

    private func refusal(_ bytes: [UInt8], _ name: String, limits: DecodeLimits = DecodeLimits())
        -> ImagingError?
    {
        do throws(ImagingError) {
            _ = try Image.decode(bytes, name: name, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(reading path: String) -> ImagingError? {
        do throws(ImagingError) {
            _ = try Image.read(path)
            return nil
        } catch {
            return error
        }
    }

    @Test func notAnImage() throws {
        for (name, bytes) in [
            ("notes.txt", Array("These are not the pixels you are looking for.".utf8)),
            ("a.gif", try file("gif")),
            ("zeros.jpg", [UInt8](repeating: 0, count: 5000)),
        ] {
            let error = try #require(refusal(bytes, name))
            #expect(error == .notAnImage(name: name, reason: "not a JPEG, PNG or WebP file"))
            #expect("\(error)".hasPrefix(name))
        }
    }

    @Test func truncatedJPEG() throws {
        for quality in [60, 95] {
            let whole = try pattern(120, 90).encodeJPEG(quality: quality)
            let half = Array(whole.prefix(whole.count / 2))
            let error = try #require(refusal(half, "half.jpg"))
            guard case .notAnImage("half.jpg", let reason) = error else {
                Issue.record("unexpected \(error)")
                continue
            }
            #expect(reason.contains("truncated"))
        }
    }

    /// No prefix of a file is taken for the whole picture.
    @Test func truncatedAnywhere() throws {
        let image = try pattern(40, 30, channels: 3)
        for (name, whole) in [("png", try image.encodePNG()), ("webp", try image.encodeWebP(quality: nil))] {
            for length in stride(from: 0, to: whole.count - 16, by: 7) {
                #expect(refusal(Array(whole.prefix(length)), name) != nil, "\(name) of \(length) bytes")
            }
        }
        let jpeg = try image.encodeJPEG(quality: 90)
        for length in stride(from: 0, to: jpeg.count - 16, by: 7) {
            #expect(refusal(Array(jpeg.prefix(length)), "jpeg") != nil, "JPEG of \(length) bytes")
        }
    }

    @Test func zeroBytes() throws {
        #expect(refusal([], "empty.png") == .notAnImage(name: "empty.png", reason: "the file is empty"))
        try withTemporaryFolder { folder in
            let path = folder + "/empty.jpg"
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(refusal(reading: path) == .notAnImage(name: path, reason: "the file is empty"))
        }
    }

    /// One pixel is an image: everything works on it.
    @Test func onePixel() throws {
        for channels in [1, 3, 4] {
            let dot = try Image(
                width: 1, height: 1, channels: channels,
                pixels: [200, 100, 50, 255].prefix(channels).map { $0 })
            #expect(try Image.decode(dot.encodePNG()) == dot)
            let jpeg = try Image.decode(dot.encodeJPEG(quality: 95))
            #expect(jpeg.width == 1 && jpeg.height == 1)
            #expect(try Image.decode(dot.encodeWebP(quality: nil)).width == 1)
            let larger = try dot.resized(width: 3, height: 2)
            #expect(larger.pixels == Array(repeating: dot.pixels, count: 6).flatMap { $0 })
            #expect(try dot.warped(by: .identity, width: 1, height: 1) == dot)
            #expect(try dot.warped(by: .scale(0.01), width: 2, height: 2, border: .replicate).width == 2)
            #expect(try Panel.row([dot], labels: ["one pixel"]).channels == 3)
            #expect(FloatImage(dot).blurred(sigma: 3).data.count == channels)
        }
    }

    @Test func headerClaims20000x20000() throws {
        for name in ["png claiming 20000x20000", "jpeg claiming 20000x20000"] {
            let bytes = try file(name)
            let error = try #require(refusal(bytes, name))
            guard case .tooLarge(name, 20000, 20000, _) = error else {
                Issue.record("unexpected \(error)")
                continue
            }
            #expect("\(error)".contains("100 million pixels"))
        }
        let webp = "webp claiming 16383x16383"
        guard case .tooLarge(webp, 16383, 16383, _)? = refusal(try file(webp), webp)
        else {
            Issue.record("a WebP of 268 million pixels was not refused")
            return
        }
    }

    @Test func limitsOfTheCallerCount() throws {
        let file = try pattern(40, 30).encodePNG()
        guard
            case .tooLarge("a.png", 40, 30, _)? = refusal(
                file, "a.png", limits: DecodeLimits(maximumPixels: 1199))
        else {
            Issue.record("maximumPixels was not heeded")
            return
        }
        guard case .tooLarge? = refusal(file, "a.png", limits: DecodeLimits(maximumSide: 39)) else {
            Issue.record("maximumSide was not heeded")
            return
        }
        #expect(refusal(file, "a.png", limits: DecodeLimits(maximumBytes: file.count - 1)) != nil)
        #expect(refusal(file, "a.png", limits: DecodeLimits(maximumPixels: 1200, maximumSide: 40)) == nil)
    }

    @Test func animatedWebP() throws {
        let bytes = try file("animated webp")
        let error = try #require(refusal(bytes, "moving.webp"))
        #expect("\(error)".contains("animated"))
    }

    @Test func folderInsteadOfFile() throws {
        try withTemporaryFolder { folder in
            #expect(
                refusal(reading: folder) == .file(path: folder, reason: "is a folder, expected an image file")
            )
        }
    }

    @Test func missingFile() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/nobody.png"
            #expect(refusal(reading: path) == .file(path: path, reason: "no such file"))
        }
    }

    @Test(.enabled(if: Unprivileged.isPossible, "this user may read every file and cannot drop that right"))
    func unreadableFile() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/secret.png"
            try pattern(4, 4).writePNG(path)
            #expect(chmod(folder, 0o755) == 0 && chmod(path, 0) == 0)
            let error = Unprivileged.run { refusal(reading: path) }
            guard case .file(path, let reason)? = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(reason.contains("permissions"))
        }
    }
}

/// Runs a closure as a user without rights on the files of others. Linux keeps the user of file accesses for each thread.
enum Unprivileged {
    private typealias SetFSUID = @convention(c) (uid_t) -> Int32
    private static let setFSUID: SetFSUID? = dlsym(nil, "setfsuid").map {
        unsafeBitCast($0, to: SetFSUID.self)
    }

    static var isPossible: Bool { geteuid() != 0 || setFSUID != nil }

    static func run<Result>(_ body: () -> Result) -> Result {
        guard geteuid() == 0, let setFSUID else { return body() }
        let before = setFSUID(65534)
        defer { _ = setFSUID(uid_t(before)) }
        return body()
    }
}
