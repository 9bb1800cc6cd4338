import Torch

/// What an `EmbeddingNetwork` makes of a batch of images.
public struct PersonFeatures {
    /// The backbone's feature map [batch, channels, h, w].
    public let map: Tensor
    /// The embedding before the neck, not normalised [batch, dimension].
    public let raw: Tensor
    /// The embedding after the neck [batch, dimension]; `raw` where there is no neck.
    public let neck: Tensor

    public init(map: Tensor, raw: Tensor, neck: Tensor) {
        self.map = map
        self.raw = raw
        self.neck = neck
    }
}
