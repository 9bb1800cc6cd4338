import Configuration
import Torch

/// Asks that a recovered face is nearer to its own true face than to anybody else's: cross-entropy over scaled cosines with the
/// batch's true faces and with a queue of earlier ones (InfoNCE, van den Oord et al. 2018; the queue is that of He et al. 2020).
///
/// `IdentityLoss` alone is satisfied by what all likely faces have in common, which also draws strangers together; this
/// loss pays for the difference.
public struct IdentityContrastLoss: Codable, Sendable, Equatable {
    public var weight: Double
    /// Factor on the cosines, the inverse of InfoNCE's temperature.
    public var scale: Double

    public init(weight: Double = 0.02, scale: Double = 20) {
        self.weight = weight
        self.scale = scale
    }

    /// Missing keys keep their defaults, a missing weight is 0.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(weight: 0)
        try values.read(.weight, into: &weight)
        try values.read(.scale, into: &scale)
    }

    /// - Parameters:
    ///   - embeddings: of recovered faces, [batch, d], unit length.
    ///   - targets: of the same faces without masks, [batch, d], unit length.
    ///   - queue: of other faces, [count, d], unit length; nil compares with the batch alone.
    /// - Returns: a scalar, the mean of -log softmax(scale · cosine) at the own face.
    public func callAsFunction(_ embeddings: Tensor, targets: Tensor, queue: Tensor?) throws(TorchError)
        -> Tensor
    {
        let gallery =
            try queue.map { (queue) throws(TorchError) in try Tensor.cat([targets, queue]) } ?? targets
        let logits = try embeddings.matmul(gallery.detach().transpose(0, 1)) * scale
        return try logits.crossEntropy(
            .arange(0, Double(embeddings.size(0)), dtype: .int64, device: embeddings.device))
    }
}
