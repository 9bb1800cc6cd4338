import Torch

/// [..., in] -> [..., out]: x · weightᵀ + bias, weight [out, in].
public final class Linear: Module {
    @Parameter public var weight: Tensor
    @OptionalParameter public var bias: Tensor?

    public init(_ input: Int, _ output: Int, bias: Bool = true, in context: Context) throws(TorchError) {
        _weight = try Parameter(Initialiser.kaimingUniform().make([output, input], in: context))
        let bound = 1 / Double(max(input, 1)).squareRoot()
        _bias = try OptionalParameter(
            bias ? try Initialiser.uniform(-bound, bound).make([output], in: context) : nil)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.linear(weight, bias)
    }
}

/// Rows of a table: int64 [...] -> [..., dimension], weight [count, dimension].
public final class Embedding: Module {
    @Parameter public var weight: Tensor

    public init(_ count: Int, _ dimension: Int, in context: Context) throws(TorchError) {
        _weight = try Parameter(Initialiser.normal(std: 1).make([count, dimension], in: context))
        super.init()
    }

    public override func callAsFunction(_ indices: Tensor) throws(TorchError) -> Tensor {
        try Tensor.call("aten::embedding", weight, indices)[0]
    }
}
