import Imaging

/// Finds faces.
public protocol FaceDetector {
    /// Faces with their landmarks in the image's pixels, best first.
    func detect(_ image: Image) throws -> [DetectedFace]
}
