extension Tensor {
    public static func zeros(
        _ shape: [Int], dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try one("aten::zeros", shape, dtype, OperatorArgument.none, device)
    }

    public static func ones(
        _ shape: [Int], dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try one("aten::ones", shape, dtype, OperatorArgument.none, device)
    }

    public static func full(
        _ shape: [Int], _ value: Double, dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try one("aten::full", shape, value, dtype, OperatorArgument.none, device)
    }

    /// Uninitialised memory: fill it before it is read.
    public static func empty(
        _ shape: [Int], dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try one("aten::empty.memory_format", shape, dtype, OperatorArgument.none, device)
    }

    public static func scalar(
        _ value: Double, dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor { try full([], value, dtype: dtype, device: device) }

    /// start, start + step, … below `end`.
    public static func arange(
        _ start: Double = 0, _ end: Double, step: Double = 1, dtype: ScalarType = .float32,
        device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try one("aten::arange.start_step", start, end, step, dtype, OperatorArgument.none, device)
    }

    public static func linspace(
        _ start: Double, _ end: Double, steps: Int, dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try one("aten::linspace", start, end, steps, dtype, OperatorArgument.none, device)
    }

    public static func eye(
        _ n: Int, dtype: ScalarType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor { try one("aten::eye", n, dtype, OperatorArgument.none, device) }

    public func zerosLike() throws(TorchError) -> Tensor { try Self.one("aten::zeros_like", self) }
    public func onesLike() throws(TorchError) -> Tensor { try Self.one("aten::ones_like", self) }
    public func emptyLike() throws(TorchError) -> Tensor { try Self.one("aten::empty_like", self) }
    public func fullLike(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::full_like", self, value)
    }

    // MARK: Random

    /// Standard normal.
    public static func randn(
        _ shape: [Int], generator: Generator, dtype: ScalarType = .float32
    ) throws(TorchError) -> Tensor {
        try one("aten::randn.generator", shape, generator, dtype, OperatorArgument.none, generator.device)
    }

    /// Uniform in [0, 1).
    public static func rand(
        _ shape: [Int], generator: Generator, dtype: ScalarType = .float32
    ) throws(TorchError) -> Tensor {
        try one("aten::rand.generator", shape, generator, dtype, OperatorArgument.none, generator.device)
    }

    /// Uniform integers in `low ..< high`.
    public static func randint(
        _ low: Int = 0, _ high: Int, _ shape: [Int], generator: Generator
    ) throws(TorchError) -> Tensor {
        try one(
            "aten::randint.low_generator", low, high, shape, generator, ScalarType.int64,
            OperatorArgument.none,
            generator.device)
    }

    public static func randperm(_ n: Int, generator: Generator) throws(TorchError) -> Tensor {
        try one(
            "aten::randperm.generator", n, generator, ScalarType.int64, OperatorArgument.none,
            generator.device)
    }

    /// Fills in place with uniform values in [low, high); returns self.
    @discardableResult
    public func uniform_(_ low: Double, _ high: Double, generator: Generator) throws(TorchError) -> Tensor {
        _ = try noGrad { () throws(TorchError) in try Self.call("aten::uniform_", self, low, high, generator)
        }
        return self
    }

    /// Fills in place with normal values; returns self.
    @discardableResult
    public func normal_(_ mean: Double, _ std: Double, generator: Generator) throws(TorchError) -> Tensor {
        _ = try noGrad { () throws(TorchError) in try Self.call("aten::normal_", self, mean, std, generator) }
        return self
    }
}
