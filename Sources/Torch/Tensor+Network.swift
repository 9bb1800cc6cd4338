/// How positions between samples are filled in.
public enum InterpolationMode: Sendable { case nearest, bilinear, bicubic, area }
/// What lies outside an image.
public enum PaddingMode: String, Sendable { case constant, reflect, replicate }

/// Network operations. Images are [batch, channels, height, width].
extension Tensor {
    // MARK: Activations

    public func relu() throws(TorchError) -> Tensor { try Self.one("aten::relu", self) }
    public func relu6() throws(TorchError) -> Tensor { try Self.one("aten::relu6", self) }
    public func leakyReLU(_ slope: Double = 0.01) throws(TorchError) -> Tensor {
        try Self.one("aten::leaky_relu", self, slope)
    }
    public func prelu(_ weight: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::prelu", self, weight)
    }
    public func gelu() throws(TorchError) -> Tensor { try Self.one("aten::gelu", self) }
    public func silu() throws(TorchError) -> Tensor { try Self.one("aten::silu", self) }
    public func hardswish() throws(TorchError) -> Tensor { try Self.one("aten::hardswish", self) }
    public func sigmoid() throws(TorchError) -> Tensor { try Self.one("aten::sigmoid", self) }
    public func softplus() throws(TorchError) -> Tensor { try Self.one("aten::softplus", self) }
    public func softmax(_ dim: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::softmax.int", self, dim)
    }
    public func logSoftmax(_ dim: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::log_softmax.int", self, dim)
    }
    public func dropout(_ p: Double, training: Bool) throws(TorchError) -> Tensor {
        try Self.one("aten::dropout", self, p, training)
    }

    // MARK: Linear and convolution

    /// self [..., in] · weight [out, in]ᵀ + bias [out].
    public func linear(_ weight: Tensor, _ bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try Self.one("aten::linear", self, weight, bias)
    }

    /// Cross-correlation. weight [out, in / groups, kh, kw]; output size floor((n + 2·padding - dilation·(k-1) - 1) / stride) + 1.
    public func conv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: [Int], padding: [Int] = [0, 0],
        dilation: [Int] = [1, 1], groups: Int = 1
    ) throws(TorchError) -> Tensor {
        try Self.one("aten::conv2d", self, weight, bias, stride, padding, dilation, groups)
    }

    public func conv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1
    ) throws(TorchError) -> Tensor {
        try conv2d(
            weight, bias: bias, stride: [stride, stride], padding: [padding, padding],
            dilation: [dilation, dilation],
            groups: groups)
    }

    /// `conv2d` for inference, with ReLU on demand: where oneDNN computes, both take one pass over memory. Outside the graph: call it
    /// in `noGrad`.
    public func inferredConv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1,
        relu: Bool = false
    ) throws(TorchError) -> Tensor {
        guard Runtime.hasOneDNN, device == .cpu, dtype == .float32 else {
            let y = try conv2d(weight, bias: bias, stride: stride, padding: padding, groups: groups)
            return relu ? try y.relu() : y
        }
        return try Self.one(
            "mkldnn::_convolution_pointwise", self, weight, bias, [padding, padding], [stride, stride],
            [1, 1], groups, relu ? "relu" : "none", OperatorArgument.scalars([]), OperatorArgument.none)
    }

    /// Gradient of `conv2d` as an operation. weight [in, out / groups, kh, kw];
    /// output size (n - 1)·stride - 2·padding + dilation·(k-1) + outputPadding + 1.
    public func convTranspose2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
        groups: Int = 1, dilation: Int = 1
    ) throws(TorchError) -> Tensor {
        try Self.one(
            "aten::conv_transpose2d.input", self, weight, bias, [stride, stride], [padding, padding],
            [outputPadding, outputPadding], groups, [dilation, dilation])
    }

    // MARK: Pooling

    public func maxPool2d(kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false)
        throws(TorchError) -> Tensor
    {
        let step = stride ?? kernel
        return try Self.one(
            "aten::max_pool2d", self, [kernel, kernel], [step, step], [padding, padding], [1, 1], ceilMode)
    }
    public func avgPool2d(
        kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
        countIncludePad: Bool = true
    ) throws(TorchError) -> Tensor {
        let step = stride ?? kernel
        return try Self.one(
            "aten::avg_pool2d", self, [kernel, kernel], [step, step], [padding, padding], ceilMode,
            countIncludePad)
    }
    public func adaptiveAvgPool2d(_ size: [Int]) throws(TorchError) -> Tensor {
        try Self.one("aten::adaptive_avg_pool2d", self, size)
    }
    public func adaptiveMaxPool2d(_ size: [Int]) throws(TorchError) -> Tensor {
        try Self.call("aten::adaptive_max_pool2d", self, size)[0]
    }

    // MARK: Resampling

    public func interpolate(
        size: [Int], mode: InterpolationMode = .bilinear, alignCorners: Bool = false, antialias: Bool = false
    ) throws(TorchError) -> Tensor {
        switch mode {
        case .nearest: try Self.one("aten::upsample_nearest2d", self, size)
        case .bilinear where antialias:
            try Self.one("aten::_upsample_bilinear2d_aa", self, size, alignCorners)
        case .bilinear: try Self.one("aten::upsample_bilinear2d", self, size, alignCorners)
        case .bicubic where antialias: try Self.one("aten::_upsample_bicubic2d_aa", self, size, alignCorners)
        case .bicubic: try Self.one("aten::upsample_bicubic2d", self, size, alignCorners)
        case .area: try adaptiveAvgPool2d(size)
        }
    }

    /// Samples at `grid` [batch, h, w, 2] (x, y in -1…1).
    /// - Throws: `TorchError.invalidArgument` for the mode `.area`, which has no meaning at single points.
    public func gridSample(
        _ grid: Tensor, mode: InterpolationMode = .bilinear, padding: PaddingMode = .constant,
        alignCorners: Bool = false
    ) throws(TorchError) -> Tensor {
        guard mode != .area else {
            throw .invalidArgument("gridSample: mode area, expected nearest, bilinear or bicubic")
        }
        let modes: Int = mode == .nearest ? 1 : mode == .bicubic ? 2 : 0
        let paddings: Int = padding == .replicate ? 1 : padding == .reflect ? 2 : 0
        return try Self.one("aten::grid_sampler", self, grid, modes, paddings, alignCorners)
    }

    /// Sampling grid of affine maps `theta` [batch, 2, 3] for an output of `size` [batch, channels, h, w].
    public static func affineGrid(_ theta: Tensor, size: [Int], alignCorners: Bool = false)
        throws(TorchError) -> Tensor
    { try one("aten::affine_grid_generator", theta, size, alignCorners) }

    /// Pads the last dimensions: [left, right, top, bottom]. Negative sizes crop (constant mode).
    public func pad(_ sizes: [Int], mode: PaddingMode = .constant, value: Double = 0) throws(TorchError)
        -> Tensor
    {
        try Self.one("aten::pad", self, sizes, mode.rawValue, mode == .constant ? Optional(value) : nil)
    }
    public func pixelShuffle(_ factor: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::pixel_shuffle", self, factor)
    }

    // MARK: Normalisation

    public func batchNorm(
        weight: Tensor?, bias: Tensor?, runningMean: Tensor?, runningVariance: Tensor?, training: Bool,
        momentum: Double = 0.1, eps: Double = 1e-5
    ) throws(TorchError) -> Tensor {
        try Self.one(
            "aten::batch_norm", self, weight, bias, runningMean, runningVariance, training, momentum, eps,
            true)
    }
    public func layerNorm(_ shape: [Int], weight: Tensor?, bias: Tensor?, eps: Double = 1e-5)
        throws(TorchError) -> Tensor
    { try Self.one("aten::layer_norm", self, shape, weight, bias, eps) }
    public func groupNorm(_ groups: Int, weight: Tensor?, bias: Tensor?, eps: Double = 1e-5)
        throws(TorchError) -> Tensor
    { try Self.one("aten::group_norm", self, groups, weight, bias, eps) }
    public func instanceNorm(weight: Tensor?, bias: Tensor?, eps: Double = 1e-5) throws(TorchError) -> Tensor
    {
        try Self.one(
            "aten::instance_norm", self, weight, bias, OperatorArgument.none, OperatorArgument.none, true,
            0.1, eps, true)
    }

    // MARK: Losses

    /// Mean cross-entropy of logits [n, classes] against class indices [n] (int64) or probabilities [n, classes].
    public func crossEntropy(_ target: Tensor, labelSmoothing: Double = 0) throws(TorchError) -> Tensor {
        try Self.one("aten::cross_entropy_loss", self, target, OperatorArgument.none, 1, -100, labelSmoothing)
    }
    public func binaryCrossEntropyWithLogits(
        _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil
    )
        throws(TorchError) -> Tensor
    { try Self.one("aten::binary_cross_entropy_with_logits", self, target, weight, positiveWeight, 1) }
}
