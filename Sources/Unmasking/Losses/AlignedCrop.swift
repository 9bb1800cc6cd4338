import Imaging
import Torch

/// A fixed similarity or affine warp inside the graph, from an aligned face crop to the alignment of a recogniser.
///
/// Both crops come from the same five points, so the map between them is the same for every face.
public final class AlignedCrop {
    public let height: Int
    public let width: Int
    private let matrix: [Double]
    private var grid: (source: [Int], tensor: Tensor)?

    /// - Parameters:
    ///   - matrix: [a, b, c, d, e, f]: output pixel (u, v) shows source pixel (a·u + b·v + c, d·u + e·v + f); pixel
    ///     centres are at whole numbers.
    ///   - height, width: of the output.
    public init(matrix: [Double], height: Int, width: Int) throws(TorchError) {
        guard matrix.count == 6, height > 0, width > 0 else {
            throw .invalidArgument(
                "aligned crop: \(matrix.count) matrix entries, \(height)x\(width) px: expected 6 entries and a positive size"
            )
        }
        self.matrix = matrix
        self.height = height
        self.width = width
    }

    /// - Parameter transform: from pixels of the face crop to pixels of the recogniser's input.
    public convenience init(_ transform: AffineTransform2D, height: Int, width: Int) throws(TorchError) {
        let back: AffineTransform2D
        do { back = try transform.inverse() } catch { throw .invalidArgument("aligned crop: \(error)") }
        try self.init(
            matrix: [back.a, back.b, back.c, back.d, back.e, back.f], height: height, width: width)
    }

    /// Bilinear samples, [batch, channels, H, W] -> [batch, channels, height, width]; zero outside the source.
    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        guard x.rank == 4 else {
            throw .invalidArgument("aligned crop of \(x.shape): expected [batch, channels, h, w]")
        }
        return try x.gridSample(samples(of: x).expand([x.size(0), -1, -1, -1]))
    }

    /// The same with a further transform per picture.
    /// - Parameter motion: [batch, 2, 3], from the output's coordinates (-1 to 1, x first) to those of the unmoved output.
    public func callAsFunction(_ x: Tensor, moved motion: Tensor) throws(TorchError) -> Tensor {
        guard x.rank == 4, motion.shape == [x.size(0), 2, 3] else {
            throw .invalidArgument(
                "aligned crop of \(x.shape) moved by \(motion.shape): expected [batch, channels, h, w] and [batch, 2, 3]"
            )
        }
        // The crop's own map in the same coordinates: output (-1 to 1) to source (-1 to 1).
        let (scaleX, scaleY) = (2 / Double(x.size(3)), 2 / Double(x.size(2)))
        let (halfU, halfV) = (Double(width) / 2, Double(height) / 2)
        let m = matrix
        // u = halfU·p + halfU - 1/2, and x' = scaleX·(x + 1/2) - 1.
        let constantX = m[0] * (halfU - 0.5) + m[1] * (halfV - 0.5) + m[2]
        let constantY = m[3] * (halfU - 0.5) + m[4] * (halfV - 0.5) + m[5]
        let own: [Double] = [
            scaleX * m[0] * halfU, scaleX * m[1] * halfV, scaleX * (constantX + 0.5) - 1,
            scaleY * m[3] * halfU, scaleY * m[4] * halfV, scaleY * (constantY + 0.5) - 1,
        ]
        let linear = try Tensor(
            values: [own[0], own[1], own[3], own[4]].map(Float.init), shape: [1, 2, 2], device: x.device
        ).to(dtype: motion.dtype)
        let offset = try Tensor(
            values: [own[2], own[5]].map(Float.init), shape: [1, 2, 1], device: x.device
        ).to(dtype: motion.dtype)
        let moved = try linear.expand([x.size(0), 2, 2]).bmm(motion)  // [batch, 2, 3]
        let theta = try Tensor.cat([moved.narrow(2, 0, 2), moved.narrow(2, 2, 1) + offset], dim: 2)
        let grid = try Tensor.call(
            "aten::affine_grid_generator", theta, [x.size(0), x.size(1), height, width], false)[0]
        return try x.gridSample(grid.to(dtype: x.dtype))
    }

    private func samples(of x: Tensor) throws(TorchError) -> Tensor {
        let source = Array(x.shape.suffix(2))
        if let grid, grid.source == source, grid.tensor.device == x.device, grid.tensor.dtype == x.dtype {
            return grid.tensor
        }
        var values: [Float] = []
        values.reserveCapacity(2 * height * width)
        for v in 0..<height {
            for u in 0..<width {
                let (x, y) = (
                    matrix[0] * Double(u) + matrix[1] * Double(v) + matrix[2],
                    matrix[3] * Double(u) + matrix[4] * Double(v) + matrix[5]
                )
                values.append(Float((2 * x + 1) / Double(source[1]) - 1))
                values.append(Float((2 * y + 1) / Double(source[0]) - 1))
            }
        }
        let tensor = try Tensor(values: values, shape: [1, height, width, 2], device: x.device).to(
            dtype: x.dtype)
        grid = (source, tensor)
        return tensor
    }
}
