import CommandLineKit
import Faces
import Imaging
import Resources

extension ResourceLocator {
    /// The image files that a command's arguments mean: files, folders, and examples ("example:astronaut").
    /// - Throws: `ResourceError` for an example that is not installed, `ImagingError` for what cannot be read or holds no image.
    func images(_ input: [FilePath]) throws -> [String] {
        var given: [String] = []
        for path in input { given.append(try self.input(path.string)) }
        let files = try ImageFiles.list(given)
        guard !files.isEmpty else {
            throw ImagingError.file(
                path: given.joined(separator: ", "), reason: "no images (JPEG, PNG, WebP) inside")
        }
        return files
    }
}
