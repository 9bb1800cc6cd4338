import Foundation
import Imaging
import Torch

/// Applies augmentations to a batch inside the graph.
///
/// Places: reflected at the border, enlarged twofold through the wavelet filter sym6, sampled bilinearly, and reduced again by the
/// same filter (Karras et al. 2020, appendix B). Enlarging and reducing are matrix products, and with `isSecondOrder` sampling
/// reads single pixels: all of it can then be differentiated twice, which libtorch's own sampler cannot.
public struct AugmentedView {
    /// Scaling filter of Daubechies' least asymmetric wavelet with six vanishing moments (Daubechies 1992, table 6.3), of sum √2.
    public static let sym6: [Double] = [
        0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633,
        0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252,
        -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
    ]
    /// Pixels around the image that the filter reaches.
    static let reach = sym6.count / 4

    public let draws: [AugmentationDraw]

    /// - Parameter draws: one for each image.
    public init(_ draws: [AugmentationDraw]) { self.draws = draws }

    /// - Parameters:
    ///   - x: images [batch, 3, size, size] in -1…1.
    ///   - isSecondOrder: for gradient penalties; slower, the same values.
    /// - Returns: the same shape; not clamped.
    public func callAsFunction(_ x: Tensor, isSecondOrder: Bool = false) throws(TorchError) -> Tensor {
        guard x.rank == 4, x.size(0) == draws.count, x.size(1) == 3, x.size(2) == x.size(3) else {
            throw .invalidArgument(
                "augmentation of \(x.shape): expected [\(draws.count), 3, size, size]")
        }
        var y = x
        if !draws.allSatisfy(\.keepsPlaces) { y = try moved(y, isSecondOrder: isSecondOrder) }
        if !draws.allSatisfy(\.keepsColours) { y = try coloured(y) }
        return y
    }

    private func coloured(_ x: Tensor) throws(TorchError) -> Tensor {
        let values = draws.flatMap { $0.colours.map(Float.init) }
        let map = try Tensor(values: values, shape: [draws.count, 3, 4], device: x.device).to(dtype: x.dtype)
        let flat = try x.reshape([x.size(0), 3, -1])
        return try (map.narrow(2, 0, 3).bmm(flat) + map.narrow(2, 3, 1)).reshape(x.shape)
    }

    private func moved(_ x: Tensor, isSecondOrder: Bool) throws(TorchError) -> Tensor {
        let size = x.size(2)
        var back: [AffineTransform2D] = []
        for draw in draws {
            do { back.append(try draw.geometry(size: size).inverse()) } catch {
                throw .invalidArgument("augmentation: \(error)")
            }
        }
        let margins = Self.margins(back, size: size)
        let rows = try Self.enlarging(size, before: margins.top, after: margins.bottom, like: x)
        let columns = try Self.enlarging(size, before: margins.left, after: margins.right, like: x)
        let large = try rows.matmul(x.contiguous()).matmul(columns.transpose(0, 1))

        let reach = 2 * (size + 2 * Self.reach)
        let values = back.flatMap { map -> [Float] in
            // From -1…1 of the sampled picture to pixels of the original one and on to -1…1 of the enlarged one. An even pixel of the
            // enlarged picture lies where the original's pixel is, half a pixel before the middle of its pair.
            let half = Double(reach) / 2
            let fromGrid = AffineTransform2D(a: half / 2, b: 0, c: 0.25, d: 0, e: half / 2, f: 0.25)
            let toCanvas = AffineTransform2D(
                a: 2, b: 0, c: Double(margins.left - margins.right) - 0.5, d: 0, e: 2,
                f: Double(margins.top - margins.bottom) - 0.5)
            let toGrid = AffineTransform2D(
                a: 2 / Double(large.size(3)), b: 0, c: 0, d: 0, e: 2 / Double(large.size(2)), f: 0)
            let all = fromGrid.concatenating(map).concatenating(toCanvas).concatenating(toGrid)
            return [all.a, all.b, all.c, all.d, all.e, all.f].map(Float.init)
        }
        let theta = try Tensor(values: values, shape: [draws.count, 2, 3], device: x.device)
        let grid = try Tensor.affineGrid(theta, size: [draws.count, 3, reach, reach]).to(dtype: x.dtype)
        let sampled = isSecondOrder ? try bilinear(large, at: grid) : try large.gridSample(grid)
        let reducing = try Self.reducing(size, like: x)
        return try reducing.matmul(sampled).matmul(reducing.transpose(0, 1))
    }

    /// Pixels beyond each border that any image of the batch shows; at most one picture's width.
    private static func margins(_ back: [AffineTransform2D], size: Int) -> (
        left: Int, top: Int, right: Int, bottom: Int
    ) {
        let centre = Double(size - 1) / 2
        let corners = [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].flatMap { x, y in
            back.map { $0.apply(Point(x * centre, y * centre)) }
        }
        func margin(_ value: (Point) -> Double) -> Int {
            let most = corners.map(value).max() ?? 0
            return Int(min(max(most + Double(2 * reach) - centre, 0), Double(size - 1)).rounded(.up))
        }
        return (margin { -$0.x }, margin { -$0.y }, margin { $0.x }, margin { $0.y })
    }

    /// Reflects at both ends and enlarges twofold, [2·(before + size + after), size]:
    /// y[k] = √2 · sum over i of filter[k - 2i + 5] · x[i].
    static func enlarging(_ size: Int, before: Int, after: Int, like x: Tensor) throws(TorchError) -> Tensor {
        let length = before + size + after
        var values = [Float](repeating: 0, count: 2 * length * size)
        for place in 0..<length {
            var source = abs(place - before)
            if source >= size { source = 2 * (size - 1) - source }
            for (tap, weight) in sym6.enumerated() {
                let target = tap + 2 * place - 5
                guard (0..<2 * length).contains(target) else { continue }
                values[target * size + source] += Float(weight * 2.0.squareRoot())
            }
        }
        return try Tensor(values: values, shape: [2 * length, size], device: x.device).to(dtype: x.dtype)
    }

    /// Reduces a picture with a margin of `2 · reach` twofold, [size, 2·(size + 2·reach)]:
    /// y[k] = 1/√2 · sum over s of filter[s] · x[2k + s + 1].
    static func reducing(_ size: Int, like x: Tensor) throws(TorchError) -> Tensor {
        let length = 2 * (size + 2 * reach)
        var values = [Float](repeating: 0, count: size * length)
        for row in 0..<size {
            for (tap, weight) in sym6.enumerated() {
                values[row * length + 2 * row + tap + 1] = Float(weight / 2.0.squareRoot())
            }
        }
        return try Tensor(values: values, shape: [size, length], device: x.device).to(dtype: x.dtype)
    }

    /// Bilinear samples by reading the four neighbours of each point; zero outside.
    private func bilinear(_ x: Tensor, at grid: Tensor) throws(TorchError) -> Tensor {
        let (count, channels, height, width) = (x.size(0), x.size(1), x.size(2), x.size(3))
        let points = grid.size(1) * grid.size(2)
        func axis(_ index: Int, _ length: Int) throws(TorchError) -> (low: Tensor, share: Tensor) {
            let place = try ((grid.select(3, index).reshape([count, points]) + 1) * Double(length) - 1) * 0.5
            let low = try place.floor()
            return (low, try place - low)
        }
        let (columns, rows) = (try axis(0, width), try axis(1, height))
        let flat = try x.reshape([count, channels, height * width])
        var sum: Tensor?
        for (down, right) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let (row, column) = (try rows.low + Double(down), try columns.low + Double(right))
            let inside = try row.ge(0).logicalAnd(row.le(Double(height - 1)))
                .logicalAnd(column.ge(0)).logicalAnd(column.le(Double(width - 1)))
            let weight =
                try (down == 1 ? rows.share : 1 - rows.share)
                * (right == 1 ? columns.share : 1 - columns.share) * inside.to(dtype: x.dtype)
            // Whole numbers: 32-bit floats cannot count all pixels of a large picture.
            let index =
                try row.clamp(min: 0, max: Double(height - 1)).to(dtype: .int64) * Double(width)
                + column.clamp(min: 0, max: Double(width - 1)).to(dtype: .int64)
            let part =
                try flat.gather(2, index.unsqueeze(1).expand([-1, channels, -1])) * weight.unsqueeze(1)
            if let before = sum { sum = try before + part } else { sum = part }
        }
        guard let sum else { throw .invalidArgument("augmentation without sampling points") }
        return try sum.reshape([count, channels, grid.size(1), grid.size(2)])
    }
}
