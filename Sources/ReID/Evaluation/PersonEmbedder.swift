import Imaging
import NN
import Torch

/// A trained model as evaluation and `embed person` use it: images of people in, a feature file out.
public struct PersonEmbedder {
    public let model: ReIDModel
    public var extraction: FeatureExtraction
    /// Kept with the features: which model made them.
    public var name: String

    /// What came out.
    public struct Output {
        public let features: FeatureFile
        /// With flips, the embeddings of the images as they are; nil otherwise.
        public let unflipped: FeatureFile?
        /// The images that were embedded, in the features' order.
        public let images: [PersonImage]
        /// The likeliest class of each attribute of each of them, in the order of the model's schema; nil without attribute
        /// heads.
        public let attributes: [[Int]]?
        /// The same with an answer that favours rare classes; see `AttributeDecision`.
        public let balancedAttributes: [[Int]]?
        public let bad: [FeatureExtraction.BadImage]
    }

    /// Takes the model over: its normalisation layers become part of its convolutions, which only inference may do.
    /// - Parameter name: of the model, for the records.
    public init(_ model: ReIDModel, name: String, device: Device = .cpu) throws(TorchError) {
        model.evaluate()
        try model.network.foldNormalisation()
        self.model = model
        self.name = name
        extraction = FeatureExtraction(height: model.height, width: model.width)
        extraction.device = device
    }

    /// - Parameter progress: see `FeatureExtraction`.
    /// - Throws: what `FeatureExtraction` throws.
    public func callAsFunction(
        _ images: [PersonImage], progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> Output {
        let output = try extraction(images.map(\.path), progress: progress) { pixels in
            try forward(pixels)
        }
        let kept = output.kept.map { images[$0] }
        func file(_ features: Tensor, isFlipped: Bool) throws -> FeatureFile {
            try FeatureFile(
                features: features, ids: kept.map(\.person), cameras: kept.map(\.camera),
                paths: kept.map(\.path), firstCamera: 1,
                metadata: ["model": name, "flip": isFlipped ? "true" : "false"])
        }
        return Output(
            features: try file(output.features, isFlipped: extraction.flips),
            unflipped: try output.unflipped.map { try file($0, isFlipped: false) }, images: kept,
            attributes: try output.attributes.map { try classes($0, by: .likeliest) },
            balancedAttributes: try output.attributes.map { try classes($0, by: .balanced) }, bad: output.bad)
    }

    /// - Parameter pixels: [N, 3, height, width], 0…1.
    func forward(_ pixels: Tensor) throws -> FeatureExtraction.Embedded {
        let features = try model.network.features(PersonPixels.normalised(pixels))
        return FeatureExtraction.Embedded(
            embedding: try features.neck.l2Normalised(dim: 1),
            attributes: try model.attributeHeads?.probabilities(
                model.configuration.attributeFeature == .raw ? features.raw : features.neck) ?? [])
    }

    /// - Parameter probabilities: per attribute [N, classes].
    /// - Returns: the class of each attribute, by image.
    func classes(_ probabilities: [Tensor], by decision: AttributeDecision) throws -> [[Int]] {
        guard let heads = model.attributeHeads else { return [] }
        let factors = try heads.factors(for: decision, counts: model.configuration.attributeCounts)
        let chosen = try zip(probabilities, factors).map { probabilities, factors in
            try (probabilities * Tensor(factors.map(Float.init), shape: [1, factors.count])).argmax(1).ints()
        }
        return (0..<(chosen.first?.count ?? 0)).map { row in chosen.map { $0[row] } }
    }

    /// A photo, and the same with heat where covering it changes the embedding; see `OcclusionMap`.
    /// - Parameter shown: height of both pictures in pixels; the network sees the photo at its own size.
    /// - Throws: `ImagingError` naming an image that cannot be read, `TorchError`.
    public func activation(of path: String, overlay: ActivationMap = ActivationMap(), shown: Int = 256) throws
        -> (
            photo: Image, heat: Image
        )
    {
        let whole = try Image.read(path).rgb()
        let seen = FloatImage(try whole.resized(width: extraction.width, height: extraction.height))
        let values = try withoutGradients {
            let pixels = try Tensor(
                values: seen.data, shape: [1, 3, seen.height, seen.width], device: extraction.device)
            return try OcclusionMap().values(of: PersonPixels.normalised(pixels)) {
                try model.network.embedding($0.channelsLast())
            }
        }
        let photo = try whole.resized(
            width: max(1, shown * seen.width / seen.height), height: shown, filter: .bicubic)
        return (photo, try overlay.overlay(values, on: photo))
    }
}
