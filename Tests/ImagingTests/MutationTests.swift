import Foundation
import Imaging
import Testing

/// Damaged files of every kind: each gives an image within the limits or an error, never a crash, and memory stays bounded.
@Suite struct MutationTests {
    static let count = 2000

    @Test(arguments: ["jpeg", "png", "webp"]) func mutatedFilesAreDecodedOrRefused(_ kind: String) throws {
        let seeds = DecodingTests.cases.filter { $0.name.hasPrefix(kind) }.map { [UInt8]($0.file) }
        #expect(seeds.count >= 4)
        let limits = DecodeLimits(maximumPixels: 1_000_000, maximumSide: 5_000)
        var generator = SeededGenerator(state: 20_240_601)
        var outcomes = (decoded: 0, refused: 0)
        for round in 0..<Self.count {
            var bytes = seeds[round % seeds.count]
            mutate(&bytes, using: &generator)
            // Otherwise the checksum would stop most damage before it gets to the decoder.
            if kind == "png", round % 4 != 0 { repairChecksums(&bytes) }
            do throws(ImagingError) {
                let image = try Image.decode(bytes, name: "round \(round)", limits: limits)
                #expect(image.width * image.height <= limits.maximumPixels)
                #expect(image.pixels.count == image.width * image.height * image.channels)
                outcomes.decoded += 1
            } catch {
                #expect("\(error)".hasPrefix("round \(round)"))
                outcomes.refused += 1
            }
        }
        #expect(outcomes.decoded + outcomes.refused == Self.count)
        #expect(
            outcomes.decoded > 20 && outcomes.refused > 200,
            "\(outcomes): the mutations are too weak or too strong")
    }

    private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...4, using: &generator) where bytes.count > 8 {
            // Headers are short and decide most, so half of the damage goes there.
            let reach = Bool.random(using: &generator) ? min(bytes.count, 64) : bytes.count
            let at = Int.random(in: 2..<max(3, reach), using: &generator)
            let length = min(Int.random(in: 1...16, using: &generator), bytes.count - at)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0, 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 3: bytes[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator) ?? 0
            case 4: bytes.removeSubrange(at..<(at + length))
            case 5:
                bytes.insert(
                    contentsOf: (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }, at: at
                )
            case 6: bytes.insert(contentsOf: bytes[at..<(at + length)], at: at)
            default: bytes.removeLast(min(bytes.count - 8, Int.random(in: 1...200, using: &generator)))
            }
        }
    }

    /// Recomputes the CRC of every chunk whose length still fits.
    private func repairChecksums(_ bytes: inout [UInt8]) {
        var at = 8
        while at + 12 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
            guard length <= bytes.count - at - 12 else { return }
            var crc: UInt32 = 0xFFFF_FFFF
            for byte in bytes[(at + 4)..<(at + 8 + length)] {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            }
            crc = ~crc
            for k in 0..<4 {
                bytes[at + 8 + length + k] = UInt8(truncatingIfNeeded: crc >> UInt32(24 - 8 * k))
            }
            at += 12 + length
        }
    }
}
