import Metrics
import Perceptual
import Torch
import Training

/// Kernel distance between two sets of pictures: the squared maximum mean discrepancy of deep features under the kernel
/// (x·y / d + 1)³, unbiased (Bińkowski et al. 2018, "Demystifying MMD GANs", whose features are Inception's).
///
/// Row i of both sets belongs to the same photo: the sets that are compared never share photos, else the distance would be too small.
public struct KernelDistance {
    /// Mean and standard deviation over subsets.
    public struct Value: Codable, Sendable, Equatable {
        public var mean: Double
        public var deviation: Double
    }

    public let count: Int
    /// Kernel of each row of the first set with each of the first, second with second, first with second; [count, count].
    private let kernels: (aa: [Float], bb: [Float], ab: [Float])

    /// - Parameters:
    ///   - a, b: [count, d], at least 4 rows.
    /// - Throws: `TorchError` for other shapes.
    public init(_ a: Tensor, _ b: Tensor) throws(TorchError) {
        guard a.rank == 2, a.shape == b.shape, a.size(0) >= 4 else {
            throw .invalidArgument(
                "kernel distance of features \(a.shape) and \(b.shape): expected two tensors [count, d] of one shape with at least 4 rows"
            )
        }
        count = a.size(0)
        let d = Double(a.size(1))
        func kernel(_ x: Tensor, _ y: Tensor) throws(TorchError) -> [Float] {
            let base = try x.matmul(y.transpose(0, 1)) / d + 1
            return try (base.square() * base).floats()
        }
        kernels = (try kernel(a, a), try kernel(b, b), try kernel(a, b))
    }

    /// The unbiased estimate from some rows of the first set and others of the second, at least two of each.
    public func unbiased(_ first: [Int], _ second: [Int]) -> Double {
        func within(_ kernel: [Float], _ rows: [Int]) -> Double {
            var sum = 0.0
            for i in rows { for j in rows where i != j { sum += Double(kernel[i * count + j]) } }
            return sum / Double(rows.count * (rows.count - 1))
        }
        var across = 0.0
        for i in first { for j in second { across += Double(kernels.ab[i * count + j]) } }
        return within(kernels.aa, first) + within(kernels.bb, second)
            - 2 * across / Double(first.count * second.count)
    }

    /// Over random pairs of disjoint subsets.
    /// - Parameter size: rows of a subset; at most half of them all.
    public func value(subsets: Int = 100, size: Int = 100, seed: UInt64 = 0) -> Value {
        let size = max(2, min(size, count / 2))
        var random = SampleRandom(seed: seed)
        var order = Array(0..<count)
        let values = (0..<max(1, subsets)).map { _ in
            random.shuffle(&order)
            return unbiased(Array(order[..<size]), Array(order[size..<2 * size]))
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return Value(mean: mean, deviation: variance.squareRoot())
    }
}

extension LPIPS {
    /// Features for `KernelDistance`: every compared layer, at each position of unit length over channels, averaged over positions and
    /// multiplied by the root of its number of channels so that a component is about 1; layers side by side.
    /// - Parameter images: RGB in [-1, 1], [batch, 3, height, width].
    /// - Returns: [batch, d]; d is 1152 for AlexNet, 1472 for VGG16.
    public func pooledFeatures(of images: Tensor) throws(TorchError) -> Tensor {
        var parts: [Tensor] = []
        for map in try features(of: images).maps {
            parts.append(try map.mean([2, 3]) * Double(map.size(1)).squareRoot())
        }
        return try .cat(parts, dim: 1)
    }
}
