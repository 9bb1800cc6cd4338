import Imaging

/// The crop of the FFHQ data set (Karras et al. 2019), that StyleGAN's published checkpoints and their encoders expect.
///
/// The crop's axes follow the eyes and the line from the eyes to the mouth together; its side is four times the larger of
/// the distance between the eyes and 0.9 times the distance from eyes to mouth. A mask hides the mouth's corners: prefer
/// `AlignmentTemplate` where nothing forces this rule.
public struct FFHQAlignment: FaceAlignment, Equatable {
    public let size: Int
    public var name: String { "FFHQ \(size)" }

    public static let ffhq256 = FFHQAlignment(size: 256)
    public static let ffhq512 = FFHQAlignment(size: 512)
    public static let ffhq1024 = FFHQAlignment(size: 1024)

    public init(size: Int) { self.size = size }

    public func transform(from landmarks: FiveLandmarks) throws(ImagingError) -> AffineTransform2D {
        let eyes = (landmarks.leftEye + landmarks.rightEye) * 0.5
        let mouth = (landmarks.leftMouth + landmarks.rightMouth) * 0.5
        let across = landmarks.rightEye - landmarks.leftEye
        let down = mouth - eyes
        // Half the crop's horizontal axis: the eye line plus the eye-mouth line turned to the right.
        let direction = across + Point(down.y, -down.x)
        let halfSide = max(across.length * 2, down.length * 1.8)
        guard size > 0, direction.length > 1e-9, halfSide > 1e-9, halfSide.isFinite else {
            throw .invalidArgument(
                "\(name) alignment: the landmarks coincide or lie in a way no face has them")
        }
        let right = direction * (1 / direction.length)
        let centre = eyes + down * 0.1
        let scale = Double(size) / (2 * halfSide)
        let (a, b) = (right.x * scale, right.y * scale)
        // The crop's edges, not its outer pixel centres, lie on the square.
        let middle = Double(size) / 2 - 0.5
        return AffineTransform2D(
            a: a, b: b, c: middle - a * centre.x - b * centre.y,
            d: -b, e: a, f: middle + b * centre.x - a * centre.y)
    }
}
