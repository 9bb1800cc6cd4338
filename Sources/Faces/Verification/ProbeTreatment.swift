import Imaging

/// What is done to the second photo of every pair before it is recognised: a mask put on, or put on and recovered.
public protocol ProbeTreatment: AnyObject {
    /// - Parameters:
    ///   - photo: RGB.
    ///   - face: the face found in it, nil when none was found.
    ///   - name: tells photos apart, so that random choices do not depend on the order of work.
    func apply(to photo: Image, face: DetectedFace?, name: String) throws -> Probe
}

/// A photo as the recogniser gets it.
public struct Probe: Sendable {
    public var image: Image
    /// Where the face is taken to be when none is found in `image` itself.
    public var fallback: DetectedFace?
    /// Whether the photo could be treated; without a face it cannot.
    public var isTreated: Bool

    public init(image: Image, fallback: DetectedFace? = nil, isTreated: Bool = true) {
        self.image = image
        self.fallback = fallback
        self.isTreated = isTreated
    }
}
