import Torch

/// alpha · recovered + (1 - alpha) · photo: recovered pixels only where the mask was.
/// - Parameters:
///   - recovered, photo: [batch, 3, height, width].
///   - alpha: [batch, 1, height, width] in 0…1.
public func composite(_ recovered: Tensor, over photo: Tensor, alpha: Tensor) throws(TorchError) -> Tensor {
    try photo + (recovered - photo) * alpha
}
