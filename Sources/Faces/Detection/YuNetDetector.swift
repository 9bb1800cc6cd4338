import Foundation
import Imaging
import NN
import Torch

/// Finds faces with `YuNet`, in images of any size.
///
/// Images whose longer side exceeds `maximumSide` are first shrunk: the network sees faces between about 10 and 300 pixels
/// best. Results are in the original image's pixels.
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
        try network.requiresGrad_(false)
        self.init(network: network, settings: settings, device: device)
    }

    public func detect(_ image: Image) throws -> [DetectedFace] {
        let longer = max(image.width, image.height)
        let side = min(max(longer, settings.minimumSide), settings.maximumSide)
        guard side != longer else { return try detectAtFullScale(image) }
        let ratio = Double(side) / Double(longer)
        let small = try image.resized(
            width: max(1, Int((Double(image.width) * ratio).rounded())),
            height: max(1, Int((Double(image.height) * ratio).rounded())))
        let sx = Double(image.width) / Double(small.width)
        let sy = Double(image.height) / Double(small.height)
        // Sizes map edge to edge, pixel centres half a pixel inside.
        func point(_ p: Point) -> Point { Point((p.x + 0.5) * sx - 0.5, (p.y + 0.5) * sy - 0.5) }
        return try detectAtFullScale(small).map { face in
            let corner = point(Point(face.box.x, face.box.y))
            return DetectedFace(
                box: Rect(x: corner.x, y: corner.y, width: face.box.width * sx, height: face.box.height * sy),
                score: face.score, landmarks: try FiveLandmarks(face.landmarks.points.map(point)))
        }
    }

    /// Without resizing; the image is padded with black to multiples of 32.
    public func detectAtFullScale(_ image: Image) throws -> [DetectedFace] {
        let levels = try noGrad { () throws(TorchError) in try network.levels(try input(image)) }
        var found: [DetectedFace] = []
        for level in levels { found += try decode(level) }
        found.sort { $0.score > $1.score }
        return suppress(Array(found.prefix(settings.candidates)))
    }

    /// BGR planes, padded right and below, [1, 3, h, w].
    private func input(_ image: Image) throws(TorchError) -> Tensor {
        let rgb = image.rgb()
        let (w, h) = (rgb.width, rgb.height)
        let (pw, ph) = ((w + 31) / 32 * 32, (h + 31) / 32 * 32)
        var planes = [Float](repeating: 0, count: 3 * pw * ph)
        planes.withUnsafeMutableBufferPointer { target in
            rgb.pixels.withUnsafeBufferPointer { source in
                for y in 0..<h {
                    for x in 0..<w {
                        let at = (y * w + x) * 3
                        for c in 0..<3 { target[(c * ph + y) * pw + x] = Float(source[at + 2 - c]) }
                    }
                }
            }
        }
        return try Tensor(values: planes, shape: [1, 3, ph, pw], device: device)
    }

    private func decode(_ level: YuNet.Level) throws(TorchError) -> [DetectedFace] {
        let (h, w) = (level.classLogits.size(2), level.classLogits.size(3))
        let cls = try level.classLogits.sigmoid().floats()
        let obj = try level.objectLogits.sigmoid().floats()
        let boxes = try level.boxes.floats()
        let points = try level.points.floats()
        let plane = h * w
        let stride = Double(level.stride)
        var found: [DetectedFace] = []
        for index in 0..<plane {
            let score = Double((cls[index] * obj[index]).squareRoot())
            guard score >= settings.scoreThreshold else { continue }
            let column = Double(index % w)
            let row = Double(index / w)
            func value(_ channel: Int) -> Double { Double(boxes[channel * plane + index]) }
            let width = exp(value(2)) * stride
            let height = exp(value(3)) * stride
            let box = Rect(
                x: (column + value(0)) * stride - width / 2, y: (row + value(1)) * stride - height / 2,
                width: width,
                height: height)
            let five = (0..<5).map { n in
                Point(
                    (Double(points[2 * n * plane + index]) + column) * stride,
                    (Double(points[(2 * n + 1) * plane + index]) + row) * stride)
            }
            guard let landmarks = try? FiveLandmarks(five) else { continue }
            found.append(DetectedFace(box: box, score: score, landmarks: landmarks))
        }
        return found
    }

    /// Greedy non-maximum suppression of faces sorted by score.
    private func suppress(_ faces: [DetectedFace]) -> [DetectedFace] {
        var kept: [DetectedFace] = []
        for face in faces where kept.allSatisfy({ $0.box.iou(face.box) <= settings.overlapThreshold }) {
            kept.append(face)
        }
        return kept
    }
}
