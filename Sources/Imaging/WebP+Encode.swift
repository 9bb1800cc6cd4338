import CWebP

extension WebP {
    static func encode(_ image: Image, quality: Int?) throws(ImagingError) -> [UInt8] {
        if let quality {
            guard (0...100).contains(quality) else {
                throw .invalidArgument("WebP quality \(quality): expected 0 to 100, or nil for lossless")
            }
        }
        let longest = Int(WEBP_MAX_DIMENSION)
        guard image.width <= longest, image.height <= longest else {
            throw .invalidArgument(
                "WebP holds at most \(longest) pixels a side, the image has \(image.width)x\(image.height); write PNG or JPEG"
            )
        }
        let source = image.channels == 1 ? image.rgb() : image
        let (w, h) = (Int32(source.width), Int32(source.height))
        let stride = Int32(source.width * source.channels)
        var buffer: UnsafeMutablePointer<UInt8>?
        let size =
            switch (source.channels == 4, quality) {
            case (true, let quality?): WebPEncodeRGBA(source.pixels, w, h, stride, Float(quality), &buffer)
            case (true, nil): WebPEncodeLosslessRGBA(source.pixels, w, h, stride, &buffer)
            case (false, let quality?): WebPEncodeRGB(source.pixels, w, h, stride, Float(quality), &buffer)
            case (false, nil): WebPEncodeLosslessRGB(source.pixels, w, h, stride, &buffer)
            }
        defer { WebPFree(buffer) }
        guard size > 0, let buffer else {
            throw .invalidArgument("WebP encoding of \(image.width)x\(image.height) pixels failed")
        }
        return Array(UnsafeBufferPointer(start: buffer, count: size))
    }
}

extension Image {
    /// Grey becomes RGB, because WebP has no grey.
    /// - Parameter quality: 0 to 100; nil for lossless (the colour of fully transparent pixels may still change).
    /// - Throws: `ImagingError.invalidArgument` for other qualities or more than 16,383 pixels a side.
    public func encodeWebP(quality: Int? = 90) throws(ImagingError) -> [UInt8] {
        try WebP.encode(self, quality: quality)
    }

    /// Writes a WebP file, completely or not at all.
    public func writeWebP(_ path: String, quality: Int? = 90) throws(ImagingError) {
        try AtomicImageFile.write(encodeWebP(quality: quality), to: path)
    }
}
