import Foundation
import Imaging

/// Sorted listings of folders, without hidden files (macOS leaves `._name.jpg` beside images).
enum FolderListing {
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Names of everything in a folder.
    /// - Throws: `ReIDError.data` when it does not exist or cannot be read.
    static func names(in folder: String) throws(ReIDError) -> [String] {
        guard isFolder(folder) else {
            throw .data(
                path: folder,
                reason: exists(folder) ? "is a file, expected a folder" : "no such folder")
        }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw .data(path: folder, reason: "the folder cannot be read; check its permissions")
        }
    }

    static func isImage(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: ".") else { return false }
        return ImageFormat.extensions.contains(name[name.index(after: dot)...].lowercased())
    }

    /// Names of the image files in a folder.
    /// - Throws: `ReIDError.data` as `names(in:)`.
    static func images(in folder: String) throws(ReIDError) -> [String] {
        try names(in: folder).filter(isImage)
    }
}
