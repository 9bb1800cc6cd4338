import Torch

/// 2-D cross-correlation: [batch, in, h, w] -> [batch, out, h', w'],
/// h' = floor((h + 2·padding - dilation·(kernel-1) - 1) / stride) + 1. Weight [out, in / groups, kernel, kernel].
public final class Conv2d: Module {
    @Parameter public var weight: Tensor
    @OptionalParameter public var bias: Tensor?
    public let stride: [Int]
    public let padding: [Int]
    public let dilation: [Int]
    public let groups: Int

    public convenience init(
        _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1, bias: Bool = true, in context: Context
    ) throws(TorchError) {
        try self.init(
            input, output, kernel: [kernel, kernel], stride: [stride, stride], padding: [padding, padding],
            dilation: [dilation, dilation], groups: groups, bias: bias, in: context)
    }

    /// Sizes as [vertical, horizontal].
    public init(
        _ input: Int, _ output: Int, kernel: [Int], stride: [Int] = [1, 1], padding: [Int] = [0, 0],
        dilation: [Int] = [1, 1], groups: Int = 1, bias: Bool = true, in context: Context
    ) throws(TorchError) {
        guard groups > 0, input % groups == 0, output % groups == 0 else {
            throw .invalidArgument(
                "Conv2d: \(input) -> \(output) channels do not divide into \(groups) groups")
        }
        let shape = [output, input / groups] + kernel
        _weight = try Parameter(Initialiser.kaimingUniform().make(shape, in: context))
        let bound = 1 / Double(shape.dropFirst().reduce(1, *)).squareRoot()
        _bias = try OptionalParameter(
            bias ? try Initialiser.uniform(-bound, bound).make([output], in: context) : nil)
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.conv2d(weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }
}

/// Transposed 2-D convolution: [batch, in, h, w] -> [batch, out, h', w'],
/// h' = (h - 1)·stride - 2·padding + kernel + outputPadding. Weight [in, out / groups, kernel, kernel].
public final class ConvTranspose2d: Module {
    @Parameter public var weight: Tensor
    @OptionalParameter public var bias: Tensor?
    public let stride: Int
    public let padding: Int
    public let outputPadding: Int
    public let groups: Int

    public init(
        _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
        groups: Int = 1, bias: Bool = true, in context: Context
    ) throws(TorchError) {
        guard groups > 0, input % groups == 0, output % groups == 0 else {
            throw .invalidArgument(
                "ConvTranspose2d: \(input) -> \(output) channels do not divide into \(groups) groups")
        }
        _weight = try Parameter(
            Initialiser.kaimingUniform().make([input, output / groups, kernel, kernel], in: context))
        let bound = 1 / Double(output / groups * kernel * kernel).squareRoot()
        _bias = try OptionalParameter(
            bias ? try Initialiser.uniform(-bound, bound).make([output], in: context) : nil)
        self.stride = stride
        self.padding = padding
        self.outputPadding = outputPadding
        self.groups = groups
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.convTranspose2d(
            weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups
        )
    }
}
