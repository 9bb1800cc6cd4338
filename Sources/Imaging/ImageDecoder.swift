import Foundation

extension Image {
    /// Decodes a file by its content (JPEG, PNG or WebP), upright as its EXIF orientation says.
    /// - Throws: `ImagingError` naming the file.
    public static func read(_ path: String, limits: DecodeLimits = DecodeLimits()) throws(ImagingError)
        -> Image
    {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .file(path: path, reason: "no such file")
        }
        guard !isFolder.boolValue else {
            throw .file(path: path, reason: "is a folder, expected an image file")
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= limits.maximumBytes else {
            throw .file(path: path, reason: "\(size) bytes, more than the limit of \(limits.maximumBytes)")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(path: path, reason: "cannot be read; check its permissions")
        }
        return try decode([UInt8](data), name: path, limits: limits)
    }

    /// Decodes an image in memory; see `read`.
    /// - Parameter name: what errors call it.
    public static func decode(
        _ bytes: [UInt8], name: String = "image", limits: DecodeLimits = DecodeLimits()
    ) throws(ImagingError) -> Image {
        guard !bytes.isEmpty else { throw .notAnImage(name: name, reason: "the file is empty") }
        guard bytes.count <= limits.maximumBytes else {
            throw .notAnImage(
                name: name, reason: "\(bytes.count) bytes, more than the limit of \(limits.maximumBytes)")
        }
        switch ImageFormat(of: bytes) {
        case .jpeg:
            let image = try JPEG.decode(bytes, name: name, limits: limits)
            return EXIF.orientation(ofJPEG: bytes).apply(to: image)
        case .png:
            let image = try PNG.decode(bytes, name: name, limits: limits)
            return EXIF.orientation(ofPNG: bytes).apply(to: image)
        case .webp:
            let image = try WebP.decode(bytes, name: name, limits: limits)
            return EXIF.orientation(ofWebP: bytes).apply(to: image)
        case nil: throw .notAnImage(name: name, reason: "not a JPEG, PNG or WebP file")
        }
    }
}

/// File kinds, told by their first bytes.
public enum ImageFormat: String, Sendable, CaseIterable {
    case jpeg, png, webp

    public init?(of bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)),
            Array(bytes[8..<12]) == Array("WEBP".utf8)
        {
            self = .webp
        } else {
            return nil
        }
    }

    /// File extensions that folders are searched for.
    public static let extensions: Set<String> = ["jpg", "jpeg", "jpe", "png", "webp"]
}
