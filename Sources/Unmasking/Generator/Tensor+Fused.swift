import Torch

extension Tensor {
    /// x * scale + offset in one pass over memory; `scale` and `offset` broadcast against x.
    func scaledAndShifted(by scale: Tensor, _ offset: Tensor) throws(TorchError) -> Tensor {
        try Tensor.call("aten::addcmul", offset, self, scale)[0]
    }

    /// Leaky ReLU that overwrites its input: use it only on a fresh result that nothing else reads.
    func leakyReLUInPlace(_ slope: Double) throws(TorchError) -> Tensor {
        try Tensor.call("aten::leaky_relu_", self, slope)[0]
    }
}
