import Foundation
import Imaging
import Resources
import TestSupport
import Testing
import Torch

private let locator = ResourceLocator.standard
private let isReady =
    (try? locator.weights("yunet")) != nil && (try? locator.photo("astronaut.png")) != nil
    && (try? locator.model("unmasker-128")) != nil

/// Every kind of bad input, given to the command as a user would: a message that names the culprit, a status that scripts
/// can rely on, nothing half-written.
@Suite(.enabled(if: isReady, "needs YuNet, the example photo and Models/unmasker-128"))
final class UnmaskBadInputTests {
    private let folder: String
    private var out: String { "\(folder)/out" }

    init() throws {
        folder = NSTemporaryDirectory() + "/bad-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The command fails with status 1, says all of `parts`, and leaves no file in the output folder.
    private func refuses(
        _ arguments: [String], environment: [String: String] = [:], launcher: [String] = [],
        saying parts: String...
    ) throws {
        let run = try SemblanceProcess(arguments, environment: environment, launcher: launcher)
        #expect(run.status == 1 && !run.wasKilled, "status \(run.status): \(run.errors)")
        for part in parts { #expect(run.errors.contains(part), "'\(part)' is not in: \(run.errors)") }
        let left = (try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []
        #expect(left.isEmpty, "left behind: \(left)")
    }

    // MARK: Photos

    @Test func notAnImage() throws {
        let path = try file("letter.jpg", Array("Dear Sir or Madam,".utf8))
        try refuses(["unmask", path, "-o", out], saying: path, "not a JPEG, PNG or WebP file")
    }

    @Test func truncatedJPEG() throws {
        let whole = try Image.read(locator.photo("astronaut.png")).rgb().encodeJPEG()
        let path = try file("half.jpg", Array(whole.prefix(whole.count / 2)))
        try refuses(["unmask", path, "-o", out], saying: path, "truncated")
    }

    @Test func zeroBytes() throws {
        let path = try file("empty.png", [])
        try refuses(["unmask", path, "-o", out], saying: path, "the file is empty")
    }

    @Test func onePixel() throws {
        let path = "\(folder)/dot.png"
        try Image(width: 1, height: 1, channels: 3, fill: 200).writePNG(path)
        try refuses(["unmask", path, "-o", out], saying: path, "no face found")
    }

    /// 400 million pixels promised by a few bytes: refused before memory is taken.
    @Test func hugeHeader() throws {
        var png = try Image(width: 8, height: 8, channels: 3, fill: 1).encodePNG()
        png.replaceSubrange(16..<24, with: [0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20])
        let sum = crc(png[12..<29])
        png.replaceSubrange(29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) })
        var jpeg = try Image(width: 64, height: 64, channels: 3, fill: 1).encodeJPEG()
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0x4E, 0x20, 0x4E, 0x20])
        for (name, bytes) in [("huge.png", png), ("huge.jpg", jpeg)] {
            let path = try file(name, bytes)
            try refuses(["unmask", path, "-o", out], saying: path, "20000x20000", "100 million pixels")
            let run = try MeasuredProcess(["unmask", path, "-o", out])
            #expect(run.peakMemory < 800_000_000, "\(run.peakMemory / 1_000_000) MB for \(name)")
        }
    }

    private func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
            }
        }
    }

    @Test func noFace() throws {
        let path = "\(folder)/wall.png"
        try Image(width: 300, height: 200, channels: 3, fill: 150).writePNG(path)
        try refuses(["unmask", path, "-o", out], saying: path, "no face found", "--threshold")
        try refuses(["mask", path, "-o", "\(folder)/m.png"], saying: path, "no face found")
    }

    /// Cut through one eye, and below the nose: what is there of the face is recovered, the size stays.
    @Test(arguments: [(-215.0, -40.0), (-120.0, -125.0)])
    func faceAtTheBorder(x: Double, y: Double) throws {
        let masked = "\(folder)/masked.png"
        let mask = try SemblanceProcess(["mask", "example:astronaut", "-o", masked, "--kind", "n95"])
        #expect(mask.status == 0, "\(mask.errors)")
        let part = "\(folder)/part.png"
        try Image.read(masked).warped(
            by: AffineTransform2D(a: 1, b: 0, c: x, d: 0, e: 1, f: y), width: 160, height: 140
        ).writePNG(part)
        let run = try SemblanceProcess(["unmask", part, "-o", out, "--threshold", "0.2"])
        #expect(run.status == 0, "\(run.errors)")
        let result = try Image.read("\(out)/part.png")
        #expect(result.width == 160 && result.height == 140)
    }

    // MARK: Folders and disks

    /// Root may read everything, so as root the command runs without that privilege.
    private static let unprivileged: [String] =
        geteuid() == 0 ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] : []

    private static let canBeLocked: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = unprivileged + ["true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: canBeLocked, "as root this needs setpriv"))
    func unreadableFolder() throws {
        let locked = "\(folder)/photos/locked"
        try FileManager.default.createDirectory(atPath: locked, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: locked)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: locked) }
        // Also below the folder that was named: silently skipped photos would look like success.
        for input in [locked, "\(folder)/photos"] {
            try refuses(
                ["unmask", input, "-o", out], launcher: Self.unprivileged, saying: locked,
                "the folder cannot be read; check its permissions")
        }
    }

    @Test(.enabled(if: canBeLocked, "as root this needs setpriv"))
    func outputFolderThatCannotBeWrittenTo() throws {
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: out)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: out) }
        try refuses(
            ["unmask", "example:astronaut", "-o", out], launcher: Self.unprivileged, saying: out,
            "Permission denied")
    }

    @Test func linkToNowhere() throws {
        let link = "\(folder)/photos"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(folder)/gone")
        try refuses(["unmask", link, "-o", out], saying: link, "no such file or folder")
    }

    @Test(.enabled(if: SmallVolume.isPossible, "needs the right to mount a tmpfs"))
    func fullDisk() throws {
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        #expect(SmallVolume.mount(at: out))
        defer { SmallVolume.unmount(out) }
        try refuses(
            ["unmask", "example:astronaut", "-o", out], saying: "astronaut.png", "No space left on device",
            "free some space")
        let masked = "\(out)/masked.png"
        try refuses(["mask", "example:astronaut", "-o", masked], saying: masked, "No space left on device")
    }

    // MARK: Weights

    private func model() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: locator.model("unmasker-128"))))
    }

    private func refusesModel(_ path: String, saying parts: String...) throws {
        let run = try SemblanceProcess(["unmask", "example:astronaut", "-o", out, "--model", path])
        #expect(run.status == 1 && !run.wasKilled, "status \(run.status): \(run.errors)")
        for part in [path] + parts { #expect(run.errors.contains(part), "'\(part)' not in: \(run.errors)") }
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test func corruptedWeights() throws {
        let whole = try model()
        try refusesModel(file("half.safetensors", Array(whole.prefix(whole.count / 2))), saying: "truncated")
        var header = whole
        header[20] = 0xFF
        try refusesModel(file("header.safetensors", header), saying: "damaged")
        try refusesModel(
            file("noise.safetensors", Array("These are no weights.".utf8)), saying: "safetensors")
    }

    /// The detector's weights come from the cache, which may be damaged as well.
    @Test func corruptedCache() throws {
        let weights = "\(folder)/cache/weights"
        try FileManager.default.createDirectory(atPath: weights, withIntermediateDirectories: true)
        let yunet = try Data(contentsOf: URL(fileURLWithPath: locator.weights("yunet")))
        try yunet.prefix(yunet.count - 1000).write(to: URL(fileURLWithPath: "\(weights)/yunet.safetensors"))
        try refuses(
            ["unmask", locator.photo("astronaut.png"), "-o", out],
            environment: ["SEMBLANCE_CACHE": "\(folder)/cache", "SEMBLANCE_MODELS": locator.models],
            saying: "\(weights)/yunet.safetensors", "truncated")
    }

    @Test func weightsOfAnotherArchitecture() throws {
        try refusesModel(locator.weights("yunet"), saying: "not an unmasking model")
        // The right kind of file, whose configuration promises a wider network than its tensors make.
        let path = try locator.model("unmasker-128")
        var metadata = try SafeTensors.metadata(path)
        metadata["configuration"] = metadata["configuration"]?.replacingOccurrences(
            of: "\"hiddenFeatures\":320", with: "\"hiddenFeatures\":64")
        let other = "\(folder)/other.safetensors"
        try SafeTensors.write(SafeTensors.read(path), to: other, metadata: metadata)
        try refusesModel(
            other, saying: "does not fit the network", "encoder.heads.0.hidden.weight", "320", "64")
        var missing = try SafeTensors.read(path)
        missing["generator.conv1.conv.weight"] = nil
        try SafeTensors.write(missing, to: other, metadata: SafeTensors.metadata(path))
        try refusesModel(other, saying: "missing keys (1): generator.conv1.conv.weight")
    }

    @Test func notANumberInWeights() throws {
        let path = try locator.model("unmasker-128")
        var tensors = try SafeTensors.read(path)
        let key = "generator.convs.3.conv.weight"
        let bad = try #require(tensors[key])
        var values = try bad.floats()
        values[values.count / 2] = .nan
        tensors[key] = try Tensor(values: values, shape: bad.shape).to(dtype: bad.dtype)
        let other = "\(folder)/nan.safetensors"
        try SafeTensors.write(tensors, to: other, metadata: SafeTensors.metadata(path))
        try refusesModel(other, saying: "'\(key)' holds NaN or infinity")
    }

    // MARK: Options and configurations

    @Test func unknownFlag() throws {
        let run = try SemblanceProcess(["unmask", "example:astronaut", "-o", out, "--comparee"])
        #expect(run.status == 64)
        #expect(run.errors.contains("unknown option '--comparee'") && run.errors.contains("--compare"))
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test func unknownConfigurationKey() throws {
        let path = try file("config.json5", Array("{ batch: 4, stages: [ { stepz: 10 } ] }".utf8))
        let data = "\(folder)/faces.safetensors"
        try refuses(
            ["train", "unmasker", "--data", data, "--config", path, "-o", out], saying: path,
            "unknown key 'stages[0].stepz'", "did you mean 'steps'")
        try refuses(
            ["train", "unmasker", "--data", data, "--set", "bacth=4", "-o", out], saying: "bacth", "batch")
    }

    /// Without a seed no random detail is drawn; a model without noise says that a seed has no effect.
    @Test func seedWithoutEffectIsSaid() throws {
        let run = try SemblanceProcess(["unmask", "example:astronaut", "-o", out, "--seed", "5"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("--seed changes nothing"))
    }
}
