import Torch

/// Batch normalisation over every dimension but the second (Ioffe & Szegedy 2015). In training it uses the batch and updates
/// the running statistics (running = (1 - momentum)·running + momentum·batch, unbiased variance); else the running ones.
open class BatchNorm: Module {
    @Parameter public var weight: Tensor
    @Parameter public var bias: Tensor
    @Buffer public var runningMean: Tensor
    @Buffer public var runningVariance: Tensor
    @Buffer public var batchesTracked: Tensor
    public let eps: Double
    public let momentum: Double

    public init(_ channels: Int, eps: Double = 1e-5, momentum: Double = 0.1, in context: Context)
        throws(TorchError)
    {
        _weight = try Parameter(.ones([channels], in: context))
        _bias = try Parameter(.zeros([channels], in: context))
        _runningMean = Buffer(try .zeros([channels], in: context), key: "running_mean")
        _runningVariance = Buffer(try .ones([channels], in: context), key: "running_var")
        _batchesTracked = Buffer(
            try .zeros([], dtype: .int64, device: context.device), key: "num_batches_tracked")
        self.eps = eps
        self.momentum = momentum
        super.init()
    }

    open override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        if isTraining { try noGrad { () throws(TorchError) in _ = try batchesTracked.add_(1) } }
        return try x.batchNorm(
            weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance,
            training: isTraining, momentum: momentum, eps: eps)
    }
}

/// `BatchNorm` of [batch, channels, height, width].
public final class BatchNorm2d: BatchNorm {}

/// `BatchNorm` of [batch, channels] or [batch, channels, length].
public final class BatchNorm1d: BatchNorm {}

/// Layer normalisation over the trailing dimensions `shape` (Ba et al. 2016).
public final class LayerNorm: Module {
    @Parameter public var weight: Tensor
    @Parameter public var bias: Tensor
    public let shape: [Int]
    public let eps: Double

    public init(_ shape: [Int], eps: Double = 1e-5, in context: Context) throws(TorchError) {
        _weight = try Parameter(.ones(shape, in: context))
        _bias = try Parameter(.zeros(shape, in: context))
        self.shape = shape
        self.eps = eps
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.layerNorm(shape, weight: weight, bias: bias, eps: eps)
    }
}

/// Group normalisation over `groups` groups of channels (Wu & He 2018).
public final class GroupNorm: Module {
    @Parameter public var weight: Tensor
    @Parameter public var bias: Tensor
    public let groups: Int
    public let eps: Double

    public init(_ groups: Int, _ channels: Int, eps: Double = 1e-5, in context: Context) throws(TorchError) {
        guard groups > 0, channels % groups == 0 else {
            throw .invalidArgument("GroupNorm: \(channels) channels do not divide into \(groups) groups")
        }
        _weight = try Parameter(.ones([channels], in: context))
        _bias = try Parameter(.zeros([channels], in: context))
        self.groups = groups
        self.eps = eps
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.groupNorm(groups, weight: weight, bias: bias, eps: eps)
    }
}

/// Instance normalisation with optional affine parameters (Ulyanov et al. 2016), no running statistics.
public final class InstanceNorm2d: Module {
    @OptionalParameter public var weight: Tensor?
    @OptionalParameter public var bias: Tensor?
    public let eps: Double

    public init(_ channels: Int, affine: Bool = false, eps: Double = 1e-5, in context: Context)
        throws(TorchError)
    {
        _weight = try OptionalParameter(affine ? try .ones([channels], in: context) : nil)
        _bias = try OptionalParameter(affine ? try .zeros([channels], in: context) : nil)
        self.eps = eps
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.instanceNorm(weight: weight, bias: bias, eps: eps)
    }
}
