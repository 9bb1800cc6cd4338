import Torch

/// Activations that overwrite their input. Safe after convolutions, batch normalisations and sums, whose gradients do
/// not need their outputs; each saves one read and one write of the whole feature map.
extension Tensor {
    func relu_() throws(TorchError) -> Tensor {
        try Tensor.call("aten::relu_", self)
        return self
    }

    /// min(max(x, 0), 6).
    func relu6_() throws(TorchError) -> Tensor {
        try Tensor.call("aten::relu6_", self)
        return self
    }
}
