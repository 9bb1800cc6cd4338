import Torch

/// Modules one after the other; keys are "0", "1", ….
public final class Sequential: Module {
    public let layers: [Module]

    public init(_ layers: [Module]) { self.layers = layers }

    override func findMembers() -> Members {
        Members(children: layers.enumerated().map { ("\($0.offset)", $0.element) })
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var x = x
        for layer in layers { x = try layer(x) }
        return x
    }
}
