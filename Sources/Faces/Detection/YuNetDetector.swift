import Imaging
import NN
import Torch

/// Finds faces with `YuNet`, in images of any size.
///
/// Images whose longer side exceeds `maximumSide` are first shrunk: the network sees faces between about 10 and 300 pixels
/// best. `searchesTiles` adds a pass at full scale for small faces in large photos.
public final class YuNetDetector: FaceDetector {
    public struct Settings: Codable, Sendable, Equatable {
        /// Faces below this confidence are dropped.
        public var scoreThreshold = 0.7
        /// Of two boxes that overlap by more than this (IoU), only the better stays.
        public var overlapThreshold = 0.3
        /// Candidates that enter the suppression.
        public var candidates = 5000
        /// Longer side of the image the network sees, in pixels.
        public var maximumSide = 640
        /// Images smaller than this are enlarged to it: faces that fill a small image are found better.
        public var minimumSide = 256
        /// Whether images larger than `maximumSide` are searched a second time at full scale, in overlapping tiles of that
        /// size. Finds faces that shrinking would lose; costs one more pass per tile.
        public var searchesTiles = false

        public init() {}
    }

    public let network: YuNet
    public let settings: Settings
    public let device: Device

    public init(network: YuNet, settings: Settings = Settings(), device: Device = .cpu) {
        self.network = network
        self.settings = settings
        self.device = device
    }

    /// Loads converted weights.
    public convenience init(weights path: String, settings: Settings = Settings(), device: Device = .cpu)
        throws(TorchError)
    {
        let network = try YuNet(in: Context(device: device, seed: 0))
        try network.load(contentsOf: path)
        try network.evaluate().requiresGrad_(false)
        self.init(network: network, settings: settings, device: device)
    }

    /// - Throws: `FacesError.invalidArgument` for settings that make no sense, `TorchError`.
    public func detect(_ image: Image) throws -> [DetectedFace] {
        guard settings.maximumSide > 0, settings.minimumSide > 0, settings.candidates > 0 else {
            throw FacesError.invalidArgument(
                "detector settings: maximumSide \(settings.maximumSide), minimumSide \(settings.minimumSide) and candidates \(settings.candidates) must be positive"
            )
        }
        let longer = max(image.width, image.height)
        let side = min(max(longer, settings.minimumSide), settings.maximumSide)
        guard side != longer else { return try detectAtFullScale(image) }
        let whole = try detect(image, scaledBy: Double(side) / Double(longer))
        guard settings.searchesTiles, longer > settings.maximumSide else { return whole }
        return suppress(whole + (try detectInTiles(image)))
    }

    /// Without resizing; the image is padded with black, right and below, to multiples of 32.
    public func detectAtFullScale(_ image: Image) throws -> [DetectedFace] {
        let found = try withoutGradients {
            let pixels = try Tensor.images([image], device: device).flip([1])
            let padded = try pixels.pad([0, -image.width & 31, 0, -image.height & 31])
            return try network.levels(padded).flatMap { try decode($0) }
        }
        return suppress(found)
    }

    private func detect(_ image: Image, scaledBy ratio: Double) throws -> [DetectedFace] {
        let small = try image.resized(
            width: max(1, Int((Double(image.width) * ratio).rounded())),
            height: max(1, Int((Double(image.height) * ratio).rounded())))
        let sx = Double(image.width) / Double(small.width)
        let sy = Double(image.height) / Double(small.height)
        // Sizes map edge to edge, pixel centres half a pixel inside.
        let back = AffineTransform2D(a: sx, b: 0, c: (sx - 1) / 2, d: 0, e: sy, f: (sy - 1) / 2)
        return try detectAtFullScale(small).map { $0.applying(back) }
    }

    /// Greedy non-maximum suppression of the best `candidates`; the result is sorted by score.
    private func suppress(_ faces: [DetectedFace]) -> [DetectedFace] {
        // Among equal scores the one found first stays first, so that results are reproducible.
        let order = faces.indices.sorted {
            faces[$0].score != faces[$1].score ? faces[$0].score > faces[$1].score : $0 < $1
        }
        var kept: [DetectedFace] = []
        for index in order.prefix(settings.candidates)
        where kept.allSatisfy({ $0.box.iou(faces[index].box) <= settings.overlapThreshold }) {
            kept.append(faces[index])
        }
        return kept
    }
}
