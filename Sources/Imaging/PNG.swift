import CPNG
import Foundation

/// PNG through libpng: every bit depth, palette and interlacing becomes 8-bit grey, RGB or RGBA. Gamma and colour profiles are
/// ignored, as Pillow and OpenCV ignore them.
enum PNG {
    static func decode(_ bytes: [UInt8], name: String, limits: DecodeLimits) throws(ImagingError) -> Image {
        var width: UInt32 = 0
        var height: UInt32 = 0
        var channels: Int32 = 0
        if let problem = read(bytes, &width, &height, &channels, into: nil) {
            throw .notAnImage(name: name, reason: "damaged PNG header: \(problem)")
        }
        try limits.check(Int(width), Int(height), name)
        let size = Int(width) * Int(height) * Int(channels)
        // Deflate shrinks at most 1032 times: a small file with a large header is refused before memory is taken.
        guard Int(width) * Int(height) / 8 / 1100 <= bytes.count else {
            throw .notAnImage(
                name: name,
                reason: "damaged or truncated PNG: \(bytes.count) bytes cannot hold \(width)x\(height) pixels"
            )
        }
        var problem: String?
        let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            problem = read(bytes, &width, &height, &channels, into: buffer.baseAddress)
            count = problem == nil ? size : 0
        }
        if let problem { throw .notAnImage(name: name, reason: "damaged or truncated PNG: \(problem)") }
        return try Image(width: Int(width), height: Int(height), channels: Int(channels), pixels: pixels)
    }

    /// Nil, or why it failed. Without a buffer, only the header is read.
    private static func read(
        _ bytes: [UInt8], _ width: inout UInt32, _ height: inout UInt32, _ channels: inout Int32,
        into buffer: UnsafeMutablePointer<UInt8>?
    ) -> String? {
        bytes.withUnsafeBufferPointer { data in
            var source = semblance_png_source()
            source.bytes = data.baseAddress
            source.count = data.count
            guard semblance_png_read(&source, &width, &height, &channels, buffer) != 0 else { return nil }
            return withUnsafeBytes(of: &source.message) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
    }

    /// zlib's level: a photo is within a few percent of the smallest file in a third of the default's time.
    private static let level: Int32 = 4

    static func encode(_ image: Image) throws(ImagingError) -> [UInt8] {
        let size = image.pixels.count
        guard image.width <= 0x7fff_ffff, image.height <= 0x7fff_ffff else {
            throw .invalidArgument(
                "\(image.width)x\(image.height) pixels: PNG holds at most 2147483647 a side")
        }
        // What cannot be compressed is stored in blocks with a few bytes each, one filter byte a row, in chunks of 8 KiB;
        // pages that are not written to take no memory.
        let capacity = size + image.height + (size + image.height) / 256 + 4096
        var sink = semblance_png_sink()
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            sink.bytes = buffer.baseAddress
            sink.capacity = capacity
            failed =
                semblance_png_write(
                    &sink, UInt32(image.width), UInt32(image.height), Int32(image.channels), image.pixels,
                    level, PNG_FILTER_NONE | PNG_FILTER_SUB | PNG_FILTER_UP | PNG_FILTER_PAETH) != 0
            count = failed ? 0 : sink.count
        }
        guard !failed else {
            let message = withUnsafeBytes(of: &sink.message) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw .invalidArgument("PNG encoding failed: \(message)")
        }
        return bytes
    }
}

extension Image {
    public func encodePNG() throws(ImagingError) -> [UInt8] { try PNG.encode(self) }

    /// Writes a PNG file, completely or not at all.
    public func writePNG(_ path: String) throws(ImagingError) {
        try AtomicImageFile.write(encodePNG(), to: path)
    }
}
