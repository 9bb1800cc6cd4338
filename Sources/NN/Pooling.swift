import Torch

public final class MaxPool2d: Module {
    public let kernel: Int, stride: Int, padding: Int, ceilMode: Bool
    public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false) {
        self.kernel = kernel
        self.stride = stride ?? kernel
        self.padding = padding
        self.ceilMode = ceilMode
    }
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.maxPool2d(kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)
    }
}

public final class AvgPool2d: Module {
    public let kernel: Int, stride: Int, padding: Int
    public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0) {
        self.kernel = kernel
        self.stride = stride ?? kernel
        self.padding = padding
    }
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.avgPool2d(kernel: kernel, stride: stride, padding: padding)
    }
}

/// Averages to a fixed size [height, width], whatever the input's.
public final class AdaptiveAvgPool2d: Module {
    public let size: [Int]
    public init(_ size: [Int] = [1, 1]) { self.size = size }
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.adaptiveAvgPool2d(size)
    }
}

/// [batch, a, b, …] -> [batch, a·b·…].
public final class Flatten: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.flatten(from: 1) }
}
