import Foundation
import Imaging

/// Image files by path.
public enum ImageFiles {
    /// The images named: files as they are, folders searched to the bottom, each folder's files sorted by path.
    /// - Throws: `ImagingError.file` for a path that does not exist or a folder that cannot be read.
    public static func list(_ paths: [String]) throws(ImagingError) -> [String] {
        var files: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw .file(path: path, reason: "no such file or folder")
            }
            guard isFolder.boolValue else {
                files.append(path)
                continue
            }
            guard FileManager.default.isReadableFile(atPath: path),
                let found = FileManager.default.enumerator(atPath: path)
            else { throw .file(path: path, reason: "the folder cannot be read; check its permissions") }
            let names = found.compactMap { $0 as? String }.filter { name in
                ImageFormat.extensions.contains(URL(fileURLWithPath: name).pathExtension.lowercased())
            }
            files += names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
        }
        return files
    }
}
