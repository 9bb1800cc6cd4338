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

    static func encode(_ source: Image) throws(ImagingError) -> [UInt8] {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        image.width = UInt32(source.width)
        image.height = UInt32(source.height)
        image.format = UInt32(
            source.channels == 4
                ? PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA
                : source.channels == 3 ? PNG_FORMAT_FLAG_COLOR : 0)
        defer { png_image_free(&image) }
        // A first call without a buffer asks for the size.
        var size: png_alloc_size_t = 0
        guard png_image_write_to_memory(&image, nil, &size, 0, source.pixels, 0, nil) != 0 else {
            throw .invalidArgument("PNG encoding failed: \(message(&image))")
        }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            failed =
                png_image_write_to_memory(&image, buffer.baseAddress, &size, 0, source.pixels, 0, nil) == 0
            count = failed ? 0 : size
        }
        guard !failed else { throw .invalidArgument("PNG encoding failed: \(message(&image))") }
        return bytes
    }

    private static func message(_ image: inout png_image) -> String {
        withUnsafeBytes(of: &image.message) { raw in
            String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension Image {
    public func encodePNG() throws(ImagingError) -> [UInt8] { try PNG.encode(self) }

    /// Writes a PNG file, completely or not at all.
    public func writePNG(_ path: String) throws(ImagingError) {
        try AtomicImageFile.write(encodePNG(), to: path)
    }
}
