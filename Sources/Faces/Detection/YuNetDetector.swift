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

        /// - Throws: `FacesError.invalidArgument` naming what makes no sense.
        func validate() throws(FacesError) {
            guard maximumSide > 0, minimumSide > 0, candidates > 0 else {
                throw .invalidArgument(
                    "detector settings: maximumSide \(maximumSide), minimumSide \(minimumSide) and candidates \(candidates) must be positive"
                )
            }
        }
    }

    /// Images that share a forward pass at most. More of them gain nothing: beyond this, layers are bound by memory.
    public static let largestBatch = 4

    public let network: YuNet
    public let settings: Settings
    public let device: Device
    /// Made of the network's weights when the first image is searched.
    private var inference: YuNetInference?

    /// - Parameter network: its weights are taken when the first image is searched, and changes after that are not heeded.
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
        try settings.validate()
        let whole = try detect([DetectorInput(image, settings)])[0]
        guard settings.searchesTiles, max(image.width, image.height) > settings.maximumSide else {
            return whole
        }
        return suppress(whole + (try detectInTiles(image)))
    }

    /// Faces of several photos, in the photos' pixels; those that the network sees at one size share forward passes. Nothing is
    /// searched in tiles.
    /// - Returns: as many lists as inputs, in their order, best faces first.
    public func detect(_ inputs: [DetectorInput]) throws -> [[DetectedFace]] {
        try zip(inputs, detectAtFullScale(inputs.map(\.image))).map { input, faces in
            input.toPhoto.map { back in faces.map { $0.applying(back) } } ?? faces
        }
    }

    /// Without resizing; the image is padded with black, right and below, to multiples of 32.
    public func detectAtFullScale(_ image: Image) throws -> [DetectedFace] {
        try detectAtFullScale([image])[0]
    }

    /// As `detectAtFullScale` for each image; images of one padded size share forward passes.
    func detectAtFullScale(_ images: [Image]) throws -> [[DetectedFace]] {
        struct Size: Hashable {
            let width, height: Int
        }
        var found = [[DetectedFace]](repeating: [], count: images.count)
        let groups = Dictionary(grouping: images.indices) { index in
            Size(width: (images[index].width + 31) & ~31, height: (images[index].height + 31) & ~31)
        }
        for (size, indices) in groups {
            for start in stride(from: 0, to: indices.count, by: Self.largestBatch) {
                let part = indices[start..<min(start + Self.largestBatch, indices.count)]
                let faces = try pass(part.map { images[$0] }, width: size.width, height: size.height)
                for (index, faces) in zip(part, faces) { found[index] = suppress(faces) }
            }
        }
        return found
    }

    /// One forward pass.
    private func pass(_ images: [Image], width: Int, height: Int) throws -> [[DetectedFace]] {
        let line = width * 3
        let bytes = [UInt8](unsafeUninitializedCapacity: images.count * height * line) { buffer, count in
            // What is not copied to stays black.
            if images.contains(where: { $0.width != width || $0.height != height }) {
                buffer.initialize(repeating: 0)
            }
            for (number, image) in images.enumerated() {
                image.rgb().pixels.withUnsafeBufferPointer { source in
                    for row in 0..<image.height {
                        let target = UnsafeMutableBufferPointer(
                            rebasing: buffer[
                                (number * height + row) * line..<(number * height + row + 1) * line])
                        _ = target.update(
                            fromContentsOf: source[row * image.width * 3..<(row + 1) * image.width * 3])
                    }
                }
            }
            count = images.count * height * line
        }
        return try withoutGradients {
            let inference = try self.inference ?? YuNetInference(network)
            self.inference = inference
            // Interleaved pixels are the channels-last layout: nothing is moved.
            let pixels = try Tensor(bytes, shape: [images.count, height, width, 3], device: device)
                .permute([0, 3, 1, 2]).to(dtype: .float32)
            var found = [[DetectedFace]](repeating: [], count: images.count)
            for (level, output) in try inference(pixels).enumerated() {
                for (index, faces) in try decode(output, stride: Double(8 << level)).enumerated() {
                    found[index] += faces
                }
            }
            return found
        }
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
