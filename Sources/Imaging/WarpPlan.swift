/// Which part of an image a warp visits, and how often that part is halved first.
struct WarpPlan {
    var inverse: AffineTransform2D
    var levels: Int
    /// In source pixels, aligned so that halving it equals halving the whole image.
    var region: (x: Int, y: Int, width: Int, height: Int)

    /// Pixels of a halved image -> pixels of the image: the centre of block i lies at 2i + 0.5.
    static let doubling = AffineTransform2D(a: 2, b: 0, c: 0.5, d: 0, e: 2, f: 0.5)

    init(
        _ transform: AffineTransform2D, _ width: Int, _ height: Int, _ newWidth: Int, _ newHeight: Int,
        _ border: Border
    ) throws(ImagingError) {
        guard newWidth > 0, newHeight > 0 else {
            throw .invalidArgument("warp to \(newWidth)x\(newHeight): expected positive sizes")
        }
        inverse = try transform.inverse()
        levels = 0
        region = (0, 0, width, height)
        var scale = transform.scale
        while scale < 0.5, min(width, height) >> (levels + 1) >= 1 {
            levels += 1
            scale *= 2
        }
        guard levels > 0 else { return }
        let corners = [
            Point(0, 0), Point(Double(newWidth), 0), Point(0, Double(newHeight)),
            Point(Double(newWidth), Double(newHeight)),
        ].map(inverse.apply)
        let block = 1 << levels
        // A reflection shows what lies far from the edge.
        if border == .reflect,
            corners.contains(where: {
                !(0..<Double(width)).contains($0.x) || !(0..<Double(height)).contains($0.y)
            })
        {
            return
        }
        /// First pixel and extent along one axis, two blocks wider than what is visited.
        func span(_ values: [Double], _ size: Int) -> (Int, Int) {
            let low = min(max((values.min() ?? 0) - Double(2 * block), 0), Double(size))
            let high = min(max((values.max() ?? 0) + Double(3 * block), 0), Double(size))
            let start = min(Int(low) / block * block, (size - 1) / block * block)
            // To the image's end, whole blocks aside, when it is near: a border begins there.
            let end = Int(high) >= size - block ? size : (Int(high) + block - 1) / block * block
            guard end - start >= block else { return (max(0, end - 2 * block) / block * block, 0) }
            return (start, end - start)
        }
        let (x, w) = span(corners.map(\.x), width)
        let (y, h) = span(corners.map(\.y), height)
        // Outside the image altogether: whatever the border is, it is resolved against the whole.
        guard w > 0, h > 0 else { return }
        region = (x, y, w, h)
    }
}

/// A sampling position split into the pixel at its left above and the weights of its neighbours.
struct BilinearPosition {
    var x: Int
    var y: Int
    var fx: Float
    var fy: Float

    @inline(__always)
    init(_ p: Point) {
        // Far outside; also keeps the conversion to Int safe.
        let px = min(max(p.x, -1e6), 1e6)
        let py = min(max(p.y, -1e6), 1e6)
        // Truncation of positive numbers: `floor` is a function call on baseline x86-64.
        x = Int(px + 1_000_001) - 1_000_001
        y = Int(py + 1_000_001) - 1_000_001
        fx = Float(px - Double(x))
        fy = Float(py - Double(y))
    }

    @inline(__always)
    func isInside(_ width: Int, _ height: Int) -> Bool {
        x >= 0 && y >= 0 && x + 1 < width && y + 1 < height
    }

    @inline(__always)
    func mix(_ a: Float, _ b: Float, _ c: Float, _ d: Float) -> Float {
        (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy
    }
}
