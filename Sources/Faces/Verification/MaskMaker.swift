import Foundation
import Imaging

/// Puts masks on photos.
public protocol MaskMaker: AnyObject {
    /// What the masks depend on, in words.
    var signature: String { get }

    /// - Parameters:
    ///   - photo: RGB.
    ///   - face: the face found in it, nil when none was found.
    ///   - name: of the photo; the same photo wears the same mask whatever the order of work.
    /// - Returns: nil when no mask can be put on.
    func wear(on photo: Image, face: DetectedFace?, name: String) throws -> Image?
}

extension MaskMaker {
    /// FNV-1a of a name.
    static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// Masks drawn by `MaskSynthesizer`.
public final class GeneratedMasks: MaskMaker {
    private enum Look {
        case random(seed: UInt64)
        case plain(MaskKind)
    }

    private let look: Look
    private let synthesizer = MaskSynthesizer()

    /// Another random mask for every photo.
    public init(seed: UInt64) { look = .random(seed: seed) }

    /// The commonest look of one kind for all photos.
    public init(plain kind: MaskKind) { look = .plain(kind) }

    public var signature: String {
        switch look {
        case .random(let seed): "masks generated:\(seed)"
        case .plain(let kind): "plain masks \(kind.rawValue)"
        }
    }

    public func wear(on photo: Image, face: DetectedFace?, name: String) throws -> Image? {
        guard let face else { return nil }
        let seed: UInt64
        let style: MaskStyle
        switch look {
        case .random(let base):
            seed = Self.hash(name) ^ (base &* 0x9E37_79B9_7F4A_7C15)
            style = .random(seed: seed)
        case .plain(let kind):
            seed = 0
            style = MaskStyle(kind)
        }
        return try synthesizer.wear(
            style, on: FloatImage(photo), landmarks: FaceLandmarks468(fivePoints: face.landmarks.points),
            seed: seed
        ).image.image()
    }
}

/// Photos of the same people that wear real masks, under the same names in another folder.
public final class MaskedPhotos: MaskMaker {
    private let photos: FolderPhotos
    public let signature: String

    public init(folder: String) {
        photos = FolderPhotos(folder)
        signature = "masked photos of \(folder)"
    }

    public func wear(on photo: Image, face: DetectedFace?, name: String) throws -> Image? {
        try photos.image(VerificationPair.Photo(stem: name))
    }
}

/// Pictures of masks stretched over faces.
public final class TemplateMasks: MaskMaker {
    private let templates: [MaskTemplate]
    public let signature: String

    public init(_ templates: [MaskTemplate], signature: String) {
        self.templates = templates
        self.signature = signature
    }

    public func wear(on photo: Image, face: DetectedFace?, name: String) throws -> Image? {
        guard let face, !templates.isEmpty else { return nil }
        let index = Int(Self.hash(name) % UInt64(templates.count))
        return templates[index].wear(
            on: photo, landmarks: try FaceLandmarks468(fivePoints: face.landmarks.points))
    }
}

/// No mask is put on: the photos wear their own.
public final class WornMasks: MaskMaker {
    public init() {}
    public var signature: String { "worn masks" }
    public func wear(on photo: Image, face: DetectedFace?, name: String) throws -> Image? { photo }
}

/// What a folder of masks holds.
public enum MaskFolder {
    /// Masked photos by the names of `photos`, or pictures of masks.
    /// - Throws: `FacesError.invalidArgument` for a folder that holds neither, or masked photos for a part of the photos only;
    ///   `ImagingError` for unreadable pictures.
    public static func read(_ folder: String, for photos: [VerificationPair.Photo]) throws -> any MaskMaker {
        let source = FolderPhotos(folder)
        let known = photos.filter { source.find($0.stem) != nil }
        if !known.isEmpty {
            try source.locate(photos)
            return MaskedPhotos(folder: folder)
        }
        let files = try ImageFiles.list([folder])
        var templates: [MaskTemplate] = []
        for file in files {
            guard let template = MaskTemplate(try Image.read(file)) else {
                throw FacesError.invalidArgument(
                    "\(file): is neither a masked photo of the list (such as \(photos.first?.stem ?? "NAME/NAME_0001")) nor a picture of a mask with transparent surroundings"
                )
            }
            templates.append(template)
        }
        guard !templates.isEmpty else {
            throw FacesError.invalidArgument(
                "\(folder): holds no pictures; expected masked photos by the names of the list's second photos, or pictures of masks with transparent surroundings"
            )
        }
        let names = files.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: " ")
        return TemplateMasks(templates, signature: "mask pictures \(names)")
    }
}
