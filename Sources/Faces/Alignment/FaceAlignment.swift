import Imaging

/// A rule that turns five landmarks into the place of a square crop.
public protocol FaceAlignment: Sendable {
    var name: String { get }
    /// Side of the crop in pixels.
    var size: Int { get }
    /// Image pixels -> crop pixels: rotation, uniform scale and shift.
    /// - Throws: `ImagingError.invalidArgument` when the landmarks coincide.
    func transform(from landmarks: FiveLandmarks) throws(ImagingError) -> AffineTransform2D
}

extension FaceAlignment {
    /// Cuts the aligned face out of an image.
    public func crop(_ image: Image, _ landmarks: FiveLandmarks, border: Border = .constant(0))
        throws(ImagingError) -> Image
    { try image.warped(by: transform(from: landmarks), width: size, height: size, border: border) }

    /// One crop per face, in order.
    public func crops(_ image: Image, _ faces: [DetectedFace], border: Border = .constant(0))
        throws(ImagingError) -> [Image]
    {
        var crops: [Image] = []
        for face in faces { crops.append(try crop(image, face.landmarks, border: border)) }
        return crops
    }
}
