import Foundation
import Imaging

/// Reference values, written by Tools/reference/imaging.py.
enum Fixture {
    static func read<Value: Decodable>(_ name: String) throws -> Value {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures")
        return try JSONDecoder().decode(
            Value.self, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }
}

struct ReferenceImage: Decodable {
    let width: Int
    let height: Int
    let channels: Int
    let pixels: Data

    func image() throws -> Image {
        try Image(width: width, height: height, channels: channels, pixels: [UInt8](pixels))
    }
}

/// [channels, height, width].
struct ReferenceFloats: Decodable {
    let width: Int
    let height: Int
    let channels: Int
    let floats: Data

    func image() throws -> FloatImage {
        let values = floats.withUnsafeBytes { raw in
            (0..<(raw.count / 4)).map {
                Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
            }
        }
        return try FloatImage(width: width, height: height, channels: channels, data: values)
    }
}

extension AffineTransform2D {
    /// From the rows of a 2x3 matrix.
    init(_ m: [Double]) { self.init(a: m[0], b: m[1], c: m[2], d: m[3], e: m[4], f: m[5]) }
}

/// The largest difference of two images' values; nil when their shapes differ.
func largestDifference(_ a: Image, _ b: Image) -> Int? {
    guard a.width == b.width, a.height == b.height, a.channels == b.channels else { return nil }
    return zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }.max()
}

func largestDifference(_ a: FloatImage, _ b: FloatImage) -> Float? {
    guard a.width == b.width, a.height == b.height, a.channels == b.channels else { return nil }
    return zip(a.data, b.data).map { abs($0 - $1) }.max()
}

/// A smooth colour pattern.
func pattern(_ width: Int, _ height: Int, channels: Int = 3) throws -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            for c in 0..<channels {
                let wave = sin(Double(x) * 0.21 + Double(c)) + cos(Double(y) * 0.17 - Double(c) * 0.5)
                pixels.append(UInt8(127.5 + 60 * wave))
            }
        }
    }
    return try Image(width: width, height: height, channels: channels, pixels: pixels)
}

/// A new folder that is removed after `body`.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("imaging-\(UUID().uuidString)")
        .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
