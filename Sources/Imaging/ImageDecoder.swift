extension Image {
    /// Decodes a file by its content (JPEG, PNG or WebP), upright as its EXIF orientation says.
    ///
    /// Sixteen-bit samples are rounded to eight, palettes are looked up, CMYK becomes RGB. Grey files give 1 channel, files with
    /// transparency 4, all others 3.
    /// - Parameter previewSide: when given, a JPEG is decoded at 1/2, 1/4 or 1/8 of its size, the smallest of them
    ///   whose shorter side still has this many pixels: much faster and smaller. Other kinds are decoded whole.
    /// - Throws: `ImagingError` naming the file.
    public static func read(
        _ path: String, limits: DecodeLimits = DecodeLimits(), previewSide: Int? = nil
    ) throws(ImagingError) -> Image {
        try decode(ImageFile.read(path, limits: limits), name: path, limits: limits, previewSide: previewSide)
    }

    /// Decodes an image in memory; see `read`.
    /// - Parameter name: what errors call it.
    public static func decode(
        _ bytes: [UInt8], name: String = "image", limits: DecodeLimits = DecodeLimits(),
        previewSide: Int? = nil
    ) throws(ImagingError) -> Image {
        guard !bytes.isEmpty else { throw .notAnImage(name: name, reason: "the file is empty") }
        guard bytes.count <= limits.maximumBytes else {
            throw .notAnImage(
                name: name, reason: "\(bytes.count) bytes, more than the limit of \(limits.maximumBytes)")
        }
        guard let format = ImageFormat(of: bytes) else {
            throw .notAnImage(name: name, reason: "not a JPEG, PNG or WebP file")
        }
        let image =
            switch format {
            case .jpeg: try JPEG.decode(bytes, name: name, limits: limits, previewSide: previewSide)
            case .png: try PNG.decode(bytes, name: name, limits: limits)
            case .webp: try WebP.decode(bytes, name: name, limits: limits)
            }
        return (EXIF(in: bytes, format)?.orientation ?? .upright).apply(to: image)
    }
}
