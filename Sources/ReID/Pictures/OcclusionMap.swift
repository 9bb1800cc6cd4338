import Torch

/// Where a network looks, by trying: each part of the picture is covered in turn, and the change of the embedding measured (Zeiler &
/// Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2).
public struct OcclusionMap: Sendable {
    /// Side of the covering square, as a share of the picture's width.
    public var part = 0.25
    /// Distance of neighbouring squares, as a share of their side.
    public var step = 0.5
    /// Pictures at once.
    public var batch = 64

    public init() {}

    /// - Parameters:
    ///   - pixels: one picture, normalised, [1, 3, h, w]; covered parts are 0, the mean colour.
    ///   - embed: makes embeddings [N, D] of pictures [N, 3, h, w]. Called without gradients.
    /// - Returns: [h, w], 1 where covering changes the embedding's direction most, 0 where it does not.
    /// - Throws: `ReIDError.invalidArgument` for another shape or settings that cannot work; what `embed` throws.
    public func values(of pixels: Tensor, embed: (Tensor) throws -> Tensor) throws -> Tensor {
        guard pixels.rank == 4, pixels.size(0) == 1, part > 0, part <= 1, step > 0, step <= 1, batch > 0
        else {
            throw ReIDError.invalidArgument(
                "occlusion of pixels \(pixels.shape) by squares of \(part), \(step) apart, \(batch) at once: expected one picture [1, 3, h, w], shares in 0 … 1 and a positive batch"
            )
        }
        let (height, width) = (pixels.size(2), pixels.size(3))
        let side = max(1, min(height, Int((Double(width) * part).rounded())))
        let stride = max(1, Int((Double(side) * step).rounded()))
        let places = Self.starts(height, side, stride).flatMap { y in
            Self.starts(width, side, stride).map { (x: $0, y: y) }
        }
        return try withoutGradients {
            let whole = try embed(pixels).l2Normalised(dim: 1)  // [1, D]
            var (sums, counts) = (
                [Float](repeating: 0, count: height * width), [Float](repeating: 0, count: height * width)
            )
            for start in Swift.stride(from: 0, to: places.count, by: batch) {
                let group = places[start..<min(start + batch, places.count)]
                let covered = try pixels.expand([group.count] + pixels.shape.dropFirst()).clone()
                for (index, place) in group.enumerated() {
                    _ = try covered.select(0, index).narrow(1, place.y, side).narrow(2, place.x, side).fill_(
                        0)
                }
                let changes = try (1 - (embed(covered).l2Normalised(dim: 1) * whole).sum([1])).floats()
                for (change, place) in zip(changes, group) {
                    for y in place.y..<(place.y + side) {
                        for x in place.x..<(place.x + side) {
                            sums[y * width + x] += max(0, change)
                            counts[y * width + x] += 1
                        }
                    }
                }
            }
            let means = zip(sums, counts).map { $0 / max($1, 1) }
            let top = max(means.max() ?? 0, 1e-12)
            return try Tensor(values: means.map { $0 / top }, shape: [height, width])
        }
    }

    /// Where squares begin along an axis; the last one ends at its end.
    private static func starts(_ length: Int, _ side: Int, _ stride: Int) -> [Int] {
        var found = Array(Swift.stride(from: 0, through: max(0, length - side), by: stride))
        if let last = found.last, last < length - side { found.append(length - side) }
        return found
    }
}
