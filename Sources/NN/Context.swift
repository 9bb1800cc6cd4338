import Torch

/// Where and how the parameters of a new network are made.
public struct Context {
    public var device: Device
    public var dtype: ScalarType
    /// Source of the initial values.
    public var generator: Generator

    public init(device: Device = .cpu, dtype: ScalarType = .float32, generator: Generator) {
        self.device = device
        self.dtype = dtype
        self.generator = generator
    }

    /// A context with its own generator.
    public init(device: Device = .cpu, dtype: ScalarType = .float32, seed: UInt64) throws(TorchError) {
        self.init(device: device, dtype: dtype, generator: try Generator(seed: seed, device: device))
    }
}

extension Tensor {
    public static func zeros(_ shape: [Int], in context: Context) throws(TorchError) -> Tensor {
        try zeros(shape, dtype: context.dtype, device: context.device)
    }
    public static func ones(_ shape: [Int], in context: Context) throws(TorchError) -> Tensor {
        try ones(shape, dtype: context.dtype, device: context.device)
    }
    public static func randn(_ shape: [Int], in context: Context) throws(TorchError) -> Tensor {
        try randn(shape, generator: context.generator, dtype: context.dtype)
    }
}

/// Initial values for parameters (made outside the graph).
public enum Initialiser: Sendable {
    case zeros
    case ones
    case constant(Double)
    case normal(mean: Double = 0, std: Double)
    case uniform(Double, Double)
    /// He et al. 2015, as PyTorch's `kaiming_normal_`: std = gain / sqrt(fan), gain from a leaky slope (0: ReLU).
    case kaimingNormal(fanOut: Bool = false, slope: Double = 0)
    /// PyTorch's default of convolution and linear layers: uniform in ±sqrt(6 / ((1 + slope²) · fan in)), slope sqrt 5.
    case kaimingUniform(slope: Double = 2.23606797749979)
    /// Glorot & Bengio 2010.
    case xavierUniform(gain: Double = 1)

    /// A tensor [out, in, …] filled by this rule.
    public func make(_ shape: [Int], in context: Context) throws(TorchError) -> Tensor {
        let tensor = try Tensor.empty(shape, dtype: context.dtype, device: context.device)
        let receptive = shape.dropFirst(2).reduce(1, *)
        let fanIn = Double((shape.count > 1 ? shape[1] : shape.first ?? 1) * receptive)
        let fanOut = Double((shape.first ?? 1) * receptive)
        switch self {
        case .zeros: try tensor.zero_()
        case .ones: try tensor.fill_(1)
        case .constant(let value): try tensor.fill_(value)
        case .normal(let mean, let std): try tensor.normal_(mean, std, generator: context.generator)
        case .uniform(let low, let high): try tensor.uniform_(low, high, generator: context.generator)
        case .kaimingNormal(let useFanOut, let slope):
            let std = (2 / (1 + slope * slope)).squareRoot() / (useFanOut ? fanOut : fanIn).squareRoot()
            try tensor.normal_(0, std, generator: context.generator)
        case .kaimingUniform(let slope):
            let bound = (6 / ((1 + slope * slope) * fanIn)).squareRoot()
            try tensor.uniform_(-bound, bound, generator: context.generator)
        case .xavierUniform(let gain):
            let bound = gain * (6 / (fanIn + fanOut)).squareRoot()
            try tensor.uniform_(-bound, bound, generator: context.generator)
        }
        return tensor
    }
}
