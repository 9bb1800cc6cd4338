import Imaging
import Torch

/// From a photo to an embedding: finds the face, aligns it as the recogniser wants it, embeds it.
public final class FaceEmbedder {
    public let detector: any FaceDetector
    public let recogniser: any FaceRecogniser

    public init(detector: any FaceDetector, recogniser: any FaceRecogniser) {
        self.detector = detector
        self.recogniser = recogniser
    }

    /// The face that the photo is about, or nil when none is found.
    public func mainFace(of photo: Image) throws -> DetectedFace? {
        try detector.detect(photo).main(width: photo.width, height: photo.height)
    }

    /// The unit-length embedding of a face of a photo.
    public func embed(_ photo: Image, _ face: DetectedFace) throws -> [Float] {
        try embed(photo, faces: [face])[0]
    }

    /// The unit-length embeddings of faces of a photo, in their order.
    public func embed(_ photo: Image, faces: [DetectedFace]) throws -> [[Float]] {
        try recogniser.embed(photo, faces: faces).floats().rows(of: recogniser.embeddingDimension)
    }
}

extension [Float] {
    /// A matrix's values, [rows, columns], row by row.
    package func rows(of columns: Int) -> [[Float]] {
        stride(from: 0, to: count, by: columns).map { Array(self[$0..<($0 + columns)]) }
    }
}

extension [DetectedFace] {
    /// The face that a photo of one person is about: large and near the middle. Score: area of the box less twice the squared
    /// distance of its centre from the photo's.
    public func main(width: Int, height: Int) -> DetectedFace? {
        let middle = Point(Double(width) / 2, Double(height) / 2)
        func score(_ face: DetectedFace) -> Double {
            let offset = face.box.centre - middle
            return face.box.area - 2 * (offset.x * offset.x + offset.y * offset.y)
        }
        return self.max { score($0) < score($1) }
    }
}
