import CommandLineKit
import Faces
import Foundation

/// Where an evaluation's masks come from: "generated:SEED", "worn", or a folder.
enum MaskSource: ArgumentValue, Equatable {
    /// Drawn, as the seed and the photo's name decide.
    case generated(seed: UInt64)
    /// The photos of the list wear masks themselves.
    case worn
    /// Masked photos by the same names, or pictures of masks.
    case folder(String)

    init(argument: String) throws(ArgumentError) {
        if argument == "worn" {
            self = .worn
        } else if argument.hasPrefix("generated:"), let seed = UInt64(argument.dropFirst(10)) {
            self = .generated(seed: seed)
        } else {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder.boolValue
            else {
                throw ArgumentError(
                    "is not a source of masks; expected generated:SEED, such as generated:7, 'worn', or a folder"
                )
            }
            self = .folder(argument)
        }
    }

    var isGenerated: Bool { if case .generated = self { true } else { false } }

    static var valueName: String { "SOURCE" }

    var argumentText: String {
        switch self {
        case .generated(let seed): "generated:\(seed)"
        case .worn: "worn"
        case .folder(let path): path
        }
    }

    func maker(for photos: [VerificationPair.Photo]) throws -> any MaskMaker {
        switch self {
        case .generated(let seed): GeneratedMasks(seed: seed)
        case .worn: WornMasks()
        case .folder(let path): try MaskFolder.read(path, for: photos)
        }
    }
}
