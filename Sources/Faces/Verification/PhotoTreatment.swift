import Imaging

/// What is done to photos before they are recognised: masks put on, or put on and recovered.
public protocol PhotoTreatment: AnyObject {
    /// The views that it can make; `clean` is nobody's.
    var views: [PhotoView] { get }

    /// Everything that a view's pixels depend on beside the photo: names embeddings in a cache.
    func signature(of view: PhotoView) -> String

    /// - Parameters:
    ///   - photo: RGB.
    ///   - face: the face found in it, nil when none was found.
    ///   - name: tells photos apart, so that random choices do not depend on the order of work.
    ///   - views: those that are wanted.
    /// - Returns: one treated photo for each of `views`.
    func apply(to photo: Image, face: DetectedFace?, name: String, views: Set<PhotoView>) throws
        -> [PhotoView: TreatedPhoto]
}

/// A photo as the recogniser gets it.
public struct TreatedPhoto: Sendable {
    public enum Face: Sendable {
        /// Found anew; where the detector fails, this one if any.
        case find(fallback: DetectedFace?)
        /// Known to be here.
        case known(DetectedFace)
    }

    public var image: Image
    public var face: Face
    /// Whether the photo could be treated; without a face it cannot.
    public var isTreated: Bool

    public init(image: Image, face: Face = .find(fallback: nil), isTreated: Bool = true) {
        self.image = image
        self.face = face
        self.isTreated = isTreated
    }
}
