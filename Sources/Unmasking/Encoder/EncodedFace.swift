import Torch

/// What an unmasking encoder reads from a batch of faces.
public struct EncodedFace {
    /// W+ codes, [batch, styleCount, styleDimension].
    public var latents: Tensor
    /// Logits of the mask's alpha, [batch, 1, s, s]; nil when the encoder has no segmentation head.
    public var maskLogits: Tensor?
    /// Additions to the generator's features by resolution, [batch, channels, resolution, resolution] each; empty for
    /// encoders that speak W+ only.
    public var featureOffsets: [Int: Tensor]

    public init(latents: Tensor, maskLogits: Tensor? = nil, featureOffsets: [Int: Tensor] = [:]) {
        self.latents = latents
        self.maskLogits = maskLogits
        self.featureOffsets = featureOffsets
    }

    /// The mask's alpha in 0…1 at `size` pixels, [batch, 1, size, size]; nil without a segmentation head.
    public func maskAlpha(size: Int) throws(TorchError) -> Tensor? {
        guard let maskLogits else { return nil }
        let resized =
            maskLogits.size(2) == size ? maskLogits : try maskLogits.interpolate(size: [size, size])
        return try resized.sigmoid()
    }
}
