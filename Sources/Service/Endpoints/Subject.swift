import Faces
import Gallery
import HTTP
import Imaging
import Unmasking

/// A face or a person of a photo, embedded.
struct Subject: Sendable {
    let embedding: [Float]
    /// [x, y, width, height] in whole pixels; nil when the whole photo shows the person.
    let box: [Int]?
    let score: Double?
    let attributes: [String: String]
    /// What is shown of it in lists.
    let thumbnail: Image
}

/// Which faces of a photo are meant.
enum FaceChoice: String, CaseIterable {
    /// The one that the photo is about.
    case main
    case all
}

extension Engine.Networks {
    /// The subjects of a photo.
    /// - Parameter unmask: whether masked faces are recovered before they are embedded.
    /// - Throws: `HTTPProblem` (422) when no face is found.
    func subjects(
        _ kind: SubjectKind, in photo: Image, faces choice: FaceChoice = .main, unmask: Bool = false,
        settings: ServiceSettings
    ) throws -> [Subject] {
        guard kind == .face else {
            let found = try person(photo)
            return [
                Subject(
                    embedding: found.embedding, box: nil, score: nil, attributes: found.attributes,
                    thumbnail: photo)
            ]
        }
        let all = try faces(in: photo)
        let chosen =
            choice == .all
            ? Array(all.prefix(settings.maximumFaces))
            : all.main(width: photo.width, height: photo.height).map { [$0] } ?? []
        guard !chosen.isEmpty else {
            throw HTTPProblem.noFace
        }
        let seen = unmask ? try unmasked(photo, faces: chosen).image : photo
        return try zip(chosen, embeddings(of: chosen, in: seen)).map { face, embedding in
            let left = max(0, Int(face.box.x.rounded(.down)))
            let top = max(0, Int(face.box.y.rounded(.down)))
            let right = min(photo.width, Int((face.box.x + face.box.width).rounded(.up)))
            let bottom = min(photo.height, Int((face.box.y + face.box.height).rounded(.up)))
            let box = [left, top, max(1, right - left), max(1, bottom - top)]
            return Subject(
                embedding: embedding, box: box, score: face.score, attributes: [:],
                thumbnail: photo.cut(box))
        }
    }
}

extension Image {
    /// The part within a box, which is first moved into the image.
    func cut(_ box: [Int]) -> Image {
        let left = min(max(0, box[0]), width - 1)
        let top = min(max(0, box[1]), height - 1)
        let right = min(max(left + 1, box[0] + box[2]), width)
        let bottom = min(max(top + 1, box[1] + box[3]), height)
        return cropped(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// A small JPEG whose longer side has at most this many pixels.
    func thumbnail(side: Int) throws(ImagingError) -> [UInt8] {
        let scale = min(1, Double(side) / Double(max(width, height)))
        return try resized(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded()))
        ).encodeJPEG(quality: 85)
    }
}
