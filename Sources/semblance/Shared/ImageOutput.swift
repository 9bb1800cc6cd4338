import Foundation
import Imaging

/// Writes an image in the format that the file's name asks for.
enum ImageOutput {
    /// - Throws: `ImagingError` for other extensions than png, jpg and jpeg, and when the file cannot be written.
    static func write(_ image: Image, to path: String) throws(ImagingError) {
        switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "png": try image.writePNG(path)
        case "jpg", "jpeg": try image.writeJPEG(path, quality: 94)
        case let other:
            throw .file(path: path, reason: "cannot write '.\(other)' files; name it .png or .jpg")
        }
    }
}
