import Foundation
import NN
import Torch

/// Sines and cosines of the row and column at 32 wavelengths each, projected to the block's width.
public final class EdgeFacePositionalEncoding: Module {
    @Child public var projection: Conv2d

    private static let frequencies = 32
    private var cached: (height: Int, width: Int, features: Tensor)?

    init(_ width: Int, in context: Context) throws(TorchError) {
        _projection = Child(
            try Conv2d(2 * Self.frequencies, width, kernel: 1, in: context), key: "token_projection")
        super.init()
    }

    /// The encoding of a map: [height * width, channels], to be added to every image of a batch.
    func callAsFunction(height: Int, width: Int) throws(TorchError) -> Tensor {
        let weight = projection.weight
        return try features(height, width, like: weight).linear(weight.flatten(from: 1), projection.bias)
    }

    /// [height * width, 64]: the row's 32 values, then the column's.
    private func features(_ height: Int, _ width: Int, like weight: Tensor) throws(TorchError) -> Tensor {
        if let cached, cached.height == height, cached.width == width,
            cached.features.device == weight.device,
            cached.features.dtype == weight.dtype
        {
            return cached.features
        }
        let rows = (0..<height).map { Self.encode($0, of: height) }
        let columns = (0..<width).map { Self.encode($0, of: width) }
        var values: [Float] = []
        values.reserveCapacity(height * width * 2 * Self.frequencies)
        for row in rows { for column in columns { values += row + column } }
        let features = try Tensor(
            values: values, shape: [height * width, 2 * Self.frequencies], device: weight.device
        )
        .to(dtype: weight.dtype)
        cached = (height, width, features)
        return features
    }

    /// Pairs sin, cos of the position (1-based, as a share of a full turn) divided by 10000^(2k/32).
    private static func encode(_ index: Int, of count: Int) -> [Float] {
        let angle = Double(index + 1) / (Double(count) + 1e-6) * 2 * Double.pi
        return (0..<frequencies).map { position in
            let wavelength = pow(10_000, Double(2 * (position / 2)) / Double(frequencies))
            return Float(position % 2 == 0 ? sin(angle / wavelength) : cos(angle / wavelength))
        }
    }
}
