import Torch

/// Colour difference per pixel, weighted to the region that the mask hides.
public struct PixelLoss: Codable, Sendable, Equatable {
    public enum Norm: String, Codable, Sendable {
        /// |difference|
        case l1
        /// difference²
        case l2
        /// Quadratic below 0.1, linear above.
        case smooth
    }

    public var weight: Double
    public var norm: Norm
    /// Weight of a hidden pixel.
    public var hidden: Double
    /// Weight of a visible pixel.
    public var visible: Double

    public init(weight: Double = 1, norm: Norm = .l1, hidden: Double = 1, visible: Double = 1) {
        self.weight = weight
        self.norm = norm
        self.hidden = hidden
        self.visible = visible
    }

    /// The weighted mean over pixels and colours, so that its scale does not depend on the size of the mask.
    /// - Parameters:
    ///   - output, target: [batch, channels, height, width].
    ///   - alpha: the mask, 1 where hidden, [batch, 1, height, width]; nil weights all pixels alike.
    public func callAsFunction(_ output: Tensor, target: Tensor, alpha: Tensor? = nil) throws(TorchError)
        -> Tensor
    {
        let error: Tensor
        switch norm {
        case .l1: error = try (output - target).abs()
        case .l2: error = try (output - target).square()
        case .smooth: error = try Tensor.call("aten::smooth_l1_loss", output, target, 0, 0.1)[0]
        }
        guard let alpha, hidden != visible else { return try error.mean() }
        let map = try alpha * (hidden - visible) + visible
        let channels = Double(output.size(1))
        return try (error * map).sum() / (map.sum() * channels).clamp(min: 1e-6)
    }
}
