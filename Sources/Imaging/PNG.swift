import CPNG
import Foundation

/// PNG through libpng's simplified interface: every bit depth, palette and interlacing becomes 8-bit grey, RGB or RGBA.
enum PNG {
    static func decode(_ bytes: [UInt8], name: String, limits: DecodeLimits) throws(ImagingError) -> Image {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        guard png_image_begin_read_from_memory(&image, bytes, bytes.count) != 0 else {
            throw .notAnImage(name: name, reason: "damaged PNG header: \(message(&image))")
        }
        try limits.check(Int(image.width), Int(image.height), name)
        let hasColour = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
        let hasAlpha = image.format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
        let channels = hasAlpha ? 4 : hasColour ? 3 : 1
        image.format = UInt32(
            hasAlpha ? PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA : hasColour ? PNG_FORMAT_FLAG_COLOR : 0)
        let (w, h) = (Int(image.width), Int(image.height))
        var failed = false
        let pixels = [UInt8](unsafeUninitializedCapacity: w * h * channels) { buffer, count in
            failed = png_image_finish_read(&image, nil, buffer.baseAddress, 0, nil) == 0
            count = failed ? 0 : w * h * channels
        }
        guard !failed else {
            throw .notAnImage(name: name, reason: "damaged or truncated PNG: \(message(&image))")
        }
        return try Image(width: w, height: h, channels: channels, pixels: pixels)
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
