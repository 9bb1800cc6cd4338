import Imaging

/// A photo as a detector's network sees it: no larger and no smaller than its settings allow. Made on any thread, so that the one
/// that owns the network does not wait for it.
public struct DetectorInput: Sendable {
    /// RGB.
    public let image: Image
    /// Pixels of `image` -> pixels of the photo; nil when they are the same.
    let toPhoto: AffineTransform2D?

    /// - Throws: `FacesError.invalidArgument` for settings that make no sense, `ImagingError`.
    public init(_ photo: Image, _ settings: YuNetDetector.Settings) throws {
        try settings.validate()
        let longer = max(photo.width, photo.height)
        let side = min(max(longer, settings.minimumSide), settings.maximumSide)
        guard side != longer else {
            image = photo.rgb()
            toPhoto = nil
            return
        }
        let ratio = Double(side) / Double(longer)
        let small = try photo.resized(
            width: max(1, Int((Double(photo.width) * ratio).rounded())),
            height: max(1, Int((Double(photo.height) * ratio).rounded())))
        let sx = Double(photo.width) / Double(small.width)
        let sy = Double(photo.height) / Double(small.height)
        image = small.rgb()
        // Sizes map edge to edge, pixel centres half a pixel inside.
        toPhoto = AffineTransform2D(a: sx, b: 0, c: (sx - 1) / 2, d: 0, e: sy, f: (sy - 1) / 2)
    }
}
