import Foundation

/// Pairs together with the photos that they speak of.
public struct VerificationSet {
    public var list: VerificationPairs
    public let photos: any PhotoSource
    /// Whether the photos are crops that ArcFace's template aligned, such as those of InsightFace's packed files.
    public let areAligned: Bool

    public init(list: VerificationPairs, photos: any PhotoSource, areAligned: Bool = false) {
        self.list = list
        self.photos = photos
        self.areAligned = areAligned
    }

    /// - Parameters:
    ///   - path: a list of pairs (see `VerificationPairs`), an InsightFace `.bin` file, or the folder of a protocol of CFP
    ///     (`…/Protocol/Split/FP` or `…/FF`).
    ///   - folder: of the photos; may be nil for packed files and CFP, which know where their photos are.
    /// - Throws: `FacesError.invalidArgument` naming the file and what is expected.
    public static func read(pairs path: String, images folder: String?) throws(FacesError) -> VerificationSet
    {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            let protocolSplit = try CFPProtocol(split: path)
            return VerificationSet(
                list: protocolSplit.list, photos: FolderPhotos(folder ?? protocolSplit.root))
        }
        if URL(fileURLWithPath: path).pathExtension.lowercased() == "bin" {
            let packed = try PackedPhotos(contentsOf: path)
            return VerificationSet(list: packed.list, photos: packed, areAligned: true)
        }
        let list = try VerificationPairs(contentsOf: path)
        guard let folder else {
            throw .invalidArgument("\(path): names photos, but not where they are; give --images DIR")
        }
        return VerificationSet(list: list, photos: FolderPhotos(folder))
    }
}
