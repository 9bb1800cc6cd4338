import NN
import Torch

/// A person's image to an embedding: backbone, pooling, optional projection, optional neck.
///
/// Keys: `backbone.…`, `pool.p` (GeM), `embedding.weight` (the projection), `neck.…`.
public final class EmbeddingNetwork: Module {
    public let configuration: EmbeddingNetworkConfiguration
    public let backbone: PersonBackbone
    public let pool: Module
    @Child public var projection: Linear?
    public let neck: BNNeck?
    /// Length of the embedding.
    public let dimension: Int
    private var isChannelsLast = false

    /// - Throws: `TorchError.invalidArgument` for a configuration that cannot work.
    public init(_ configuration: EmbeddingNetworkConfiguration = .init(), in context: Context)
        throws(TorchError)
    {
        do { try configuration.validate() } catch {
            throw .invalidArgument("EmbeddingNetwork: \(error)")
        }
        self.configuration = configuration
        backbone = try configuration.backbone.make(
            lastStride: configuration.lastStride, nonLocal: configuration.nonLocal, in: context)
        pool = try configuration.pooling.make(in: context)
        dimension = configuration.embedding ?? backbone.channels
        _projection = Child(
            configuration.embedding == nil
                ? nil : try Linear(backbone.channels, dimension, bias: false, in: context),
            key: "embedding")
        neck = configuration.neck ? try BNNeck(dimension, in: context) : nil
        super.init()
    }

    /// - Parameter images: [batch, 3, h, w], RGB, normalised by ImageNet's mean and standard deviation.
    public func features(_ images: Tensor) throws(TorchError) -> PersonFeatures {
        let map = try backbone(isChannelsLast ? images.channelsLast() : images)
        let pooled = try pool(map)
        let raw = try projection?(pooled) ?? pooled
        return PersonFeatures(map: map, raw: raw, neck: try neck?(raw) ?? raw)
    }

    /// The embedding that retrieval compares by its cosine: after the neck, of length 1, without gradients.
    /// [batch, 3, h, w] -> [batch, dimension].
    public func embedding(_ images: Tensor) throws(TorchError) -> Tensor {
        try noGrad { () throws(TorchError) in try features(images).neck.l2Normalised(dim: 1) }
    }

    /// The same as `embedding(_:)`.
    public override func callAsFunction(_ images: Tensor) throws(TorchError) -> Tensor {
        try embedding(images)
    }

    /// Loads a published ImageNet checkpoint into the backbone; see `PersonBackbone.loadPretrained`.
    public func loadPretrainedBackbone(
        _ state: [String: Tensor], source: String = "state dict", prefix: String = ""
    ) throws(TorchError) {
        try backbone.loadPretrained(state, source: source, prefix: prefix)
    }

    /// Stores convolution weights, and from now on images, in channels-last order, which is faster on CPUs.
    ///
    /// Values, shapes and state dict stay the same. Call it before an optimiser is made: its moments copy the order.
    @discardableResult
    public func useChannelsLast() throws(TorchError) -> Self {
        isChannelsLast = true
        for (_, module) in backbone.namedModules() {
            guard let convolution = module as? Conv2d else { continue }
            try noGrad { () throws(TorchError) in
                _ = try Tensor.call("aten::set_data", convolution.weight, convolution.weight.channelsLast())
            }
        }
        return self
    }

    /// Multiplies batch normalisations into convolutions; see `PersonBackbone.foldNormalisation`.
    @discardableResult
    public func foldNormalisation() throws(TorchError) -> Self {
        try backbone.foldNormalisation()
        return self
    }
}
