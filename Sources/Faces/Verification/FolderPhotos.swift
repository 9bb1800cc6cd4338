import Foundation
import Imaging

/// Photos in files below a folder.
public final class FolderPhotos: PhotoSource {
    /// Extensions that are tried for paths without one, in order.
    static let extensions = ["jpg", "jpeg", "jpe", "png", "webp"]

    private let folder: String
    private var paths: [String: String] = [:]

    public init(_ folder: String) {
        self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    }

    public func locate(_ photos: [VerificationPair.Photo]) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw FacesError.invalidArgument(
                "\(folder): no such folder; expected the photos that the list of pairs names")
        }
        var missing: [String] = []
        for photo in photos where paths[photo.stem] == nil {
            if let found = find(photo.stem) {
                paths[photo.stem] = found
            } else {
                missing.append(candidates(photo.stem)[0])
            }
        }
        guard missing.isEmpty else {
            throw FacesError.invalidArgument(
                "\(missing.count) photos of the list are missing, the first is \(missing[0]); point to the folder that the list's paths start from (LFW: the one that holds one folder per person)"
            )
        }
    }

    /// The file of a photo, nil when there is none.
    public func find(_ stem: String) -> String? {
        candidates(stem).first { FileManager.default.fileExists(atPath: $0) }
    }

    private func candidates(_ stem: String) -> [String] {
        let whole = "\(folder)/\(stem)"
        let isWhole = Self.extensions.contains(URL(fileURLWithPath: stem).pathExtension.lowercased())
        return isWhole ? [whole] : Self.extensions.map { "\(whole).\($0)" }
    }

    public func image(_ photo: VerificationPair.Photo) throws -> Image {
        try Image.read(name(photo)).rgb()
    }

    public func name(_ photo: VerificationPair.Photo) -> String {
        paths[photo.stem] ?? find(photo.stem) ?? candidates(photo.stem)[0]
    }

    public func fingerprint(_ photo: VerificationPair.Photo) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: name(photo))
        let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(photo.stem) \(size) \(Int(date))"
    }
}
