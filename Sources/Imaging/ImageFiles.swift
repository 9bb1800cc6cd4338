import Foundation

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
            let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
            files += try images(in: folder, below: "").sorted().map { "\(folder)/\($0)" }
        }
        return files
    }

    /// Paths relative to `root`. Links to folders are not followed: they may lead in circles.
    private static func images(in root: String, below: String) throws(ImagingError) -> [String] {
        let folder = below.isEmpty ? root : "\(root)/\(below)"
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw .file(path: folder, reason: "the folder cannot be read; check its permissions")
        }
        var found: [String] = []
        for name in names {
            let path = below.isEmpty ? name : "\(below)/\(name)"
            let kind = try? FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")[.type]
            if kind as? FileAttributeType == .typeDirectory {
                found += try images(in: root, below: path)
            } else if ImageFormat.extensions.contains(
                URL(fileURLWithPath: name).pathExtension.lowercased())
            {
                found.append(path)
            }
        }
        return found
    }
}
