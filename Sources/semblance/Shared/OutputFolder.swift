import Foundation
import Imaging

/// Folders that commands write into.
enum OutputFolder {
    /// Makes the folder and those above it, unless they are there.
    /// - Throws: `ImagingError.file` saying why it cannot be made.
    static func make(_ path: String) throws(ImagingError) {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch
        {
            throw .file(
                path: path, reason: "the output folder cannot be made: \(error.localizedDescription)")
        }
    }
}
