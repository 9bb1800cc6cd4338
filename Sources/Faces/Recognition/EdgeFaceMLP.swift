import NN
import Torch

/// Two pointwise layers around a GELU, over the last axis, followed by a layer scale that the block owns.
public final class EdgeFaceMLP: Module {
    public let fc1: Linear
    public let fc2: Linear

    init(_ width: Int, expansion: Int = 4, in context: Context) throws(TorchError) {
        fc1 = try Linear(width, expansion * width, in: context)
        fc2 = try Linear(expansion * width, width, in: context)
        super.init()
    }

    /// `x` [..., width], `gamma` [width] -> gamma * mlp(x), same shape.
    ///
    /// The scale is multiplied into the second layer's weights, which are far fewer than the activations.
    func callAsFunction(_ x: Tensor, scaledBy gamma: Tensor) throws(TorchError) -> Tensor {
        let hidden = try x.linear(fc1.weight, fc1.bias).gelu()
        return try hidden.scaledLinear(fc2, by: gamma)
    }
}

extension Tensor {
    /// gamma * layer(self) with `gamma` [out]: the scale goes into the weights.
    func scaledLinear(_ layer: Linear, by gamma: Tensor) throws(TorchError) -> Tensor {
        let bias = try layer.bias.map { (bias) throws(TorchError) in try bias * gamma }
        return try linear(layer.weight * gamma.unsqueeze(1), bias)
    }
}
