/// A depth-buffered triangle rasteriser over a region of the picture.
struct MaskRaster {
    let width: Int
    let height: Int
    /// Samples per pixel along each axis, and the region's first pixel.
    private let density: Float
    private let originX: Float
    private let originY: Float
    /// Depth of the nearest surface, -infinity where there is none.
    private(set) var depth: [Float]
    private(set) var attributes: [SIMD8<Float>]

    init(region: PixelRegion, density: Int, keepsAttributes: Bool) {
        width = region.width * density
        height = region.height * density
        self.density = Float(density)
        originX = Float(region.x)
        originY = Float(region.y)
        depth = [Float](repeating: -.infinity, count: width * height)
        attributes = keepsAttributes ? [SIMD8<Float>](repeating: .zero, count: width * height) : []
    }

    /// Picture position to sample position; sample centres are at integers.
    @inline(__always) private func sample(_ p: Vector3) -> Vector3 {
        Vector3((p.x - originX + 0.5) * density - 0.5, (p.y - originY + 0.5) * density - 0.5, p.z)
    }

    /// Draws a grid of vertices as triangles; those that face away are left out.
    mutating func draw(
        positions: [Vector3], attributes vertexAttributes: [SIMD8<Float>], columns: Int, rows: Int
    ) {
        let points = positions.map(sample)
        let keeps = !attributes.isEmpty
        let (width, height) = (width, height)
        depth.withUnsafeMutableBufferPointer { depth in
            attributes.withUnsafeMutableBufferPointer { target in
                points.withUnsafeBufferPointer { points in
                    vertexAttributes.withUnsafeBufferPointer { source in
                        for row in 0..<(rows - 1) {
                            for column in 0..<(columns - 1) {
                                let a = row * columns + column
                                for (i, j, k) in [
                                    (a, a + 1, a + columns), (a + 1, a + columns + 1, a + columns),
                                ] {
                                    Self.fill(
                                        points[i], points[j], points[k], width, height, depth,
                                        keeps ? (source[i], source[j], source[k]) : (.zero, .zero, .zero),
                                        keeps ? target : nil)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    @inline(__always) private static func fill(
        _ a: Vector3, _ b: Vector3, _ c: Vector3, _ width: Int, _ height: Int,
        _ depth: UnsafeMutableBufferPointer<Float>,
        _ values: (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>),
        _ target: UnsafeMutableBufferPointer<SIMD8<Float>>?
    ) {
        let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
        guard area > 1e-6 else { return }
        let minX = min(a.x, b.x, c.x)
        let maxX = max(a.x, b.x, c.x)
        let minY = min(a.y, b.y, c.y)
        let maxY = max(a.y, b.y, c.y)
        guard maxX >= 0, maxY >= 0, minX <= Float(width - 1), minY <= Float(height - 1) else { return }
        let x0 = Int(max(0, minX.rounded(.up)))
        let x1 = Int(min(Float(width - 1), maxX))
        let y0 = Int(max(0, minY.rounded(.up)))
        let y1 = Int(min(Float(height - 1), maxY))
        guard x0 <= x1, y0 <= y1 else { return }
        let inverse = 1 / area
        // Weights of b and c as linear functions of the sample position; a's is the rest.
        let bx = (c.y - a.y) * inverse
        let by = -(c.x - a.x) * inverse
        let cx = -(b.y - a.y) * inverse
        let cy = (b.x - a.x) * inverse
        // A little slack closes the cracks between neighbours.
        let slack: Float = -1e-4
        for y in y0...y1 {
            let dy = Float(y) - a.y
            for x in x0...x1 {
                let dx = Float(x) - a.x
                let wb = bx * dx + by * dy
                let wc = cx * dx + cy * dy
                let wa = 1 - wb - wc
                guard wa >= slack, wb >= slack, wc >= slack else { continue }
                let z = wa * a.z + wb * b.z + wc * c.z
                let i = y * width + x
                if z > depth[i] {
                    depth[i] = z
                    if let target { target[i] = wa * values.0 + wb * values.1 + wc * values.2 }
                }
            }
        }
    }
}
