import Imaging

/// Two photos compared by a calibrated recogniser.
public struct FaceComparison: Sendable, Equatable {
    /// The dot product of what is compared: a cosine, -1…1, or the similarity of a `JointComparison`, on the scale of cosines.
    public let similarity: Double
    /// From here on the photos are taken to show one person.
    public let threshold: Double
    /// The false acceptance rate that the threshold was measured for.
    public let far: Double

    public var same: Bool { similarity >= threshold }

    /// - Parameters:
    ///   - a: embedding of unit length, or a `JointComparison`'s left side.
    ///   - b: embedding of unit length, or a `JointComparison`'s right side.
    /// - Throws: `FacesError.invalidArgument` for embeddings of different recognisers or a FAR without a threshold.
    public init(_ a: [Float], _ b: [Float], calibration: VerificationCalibration, far: Double)
        throws(FacesError)
    {
        guard a.count == b.count, !a.isEmpty else {
            throw .invalidArgument(
                "embeddings of \(a.count) and \(b.count) numbers do not come from one recogniser")
        }
        let point = try calibration.point(far: far)
        similarity = Self.similarity(a, b)
        threshold = point.threshold
        self.far = point.far
    }

    /// Cosine of two embeddings of unit length and of one recogniser.
    public static func similarity(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
