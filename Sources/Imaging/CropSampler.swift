/// An aligned crop with its matte, read at the pixels of the photo.
struct CropSampler {
    /// [3, h, w].
    let crop: FloatImage
    /// [1, h, w].
    let alpha: FloatImage
    /// Photo pixels -> crop pixels.
    let transform: AffineTransform2D

    /// Crop and matte at half the resolution.
    func halved() -> CropSampler {
        // The centre of block i lies at 2i + 0.5 of the crop.
        let half = AffineTransform2D(a: 0.5, b: 0, c: -0.25, d: 0, e: 0.5, f: -0.25)
        return CropSampler(
            crop: crop.halved(), alpha: alpha.halved(), transform: transform.concatenating(half))
    }

    /// The part of the photo that the matte can reach; nil when it reaches none.
    /// - Throws: `ImagingError.invalidArgument` for a transform without inverse.
    func region(photoWidth: Int, photoHeight: Int) throws(ImagingError) -> PixelBounds? {
        let back = try transform.inverse()
        let (w, h) = (alpha.width, alpha.height)
        var (left, right, top, bottom) = (w, -1, h, -1)
        alpha.data.withUnsafeBufferPointer { matte in
            for y in 0..<h {
                for x in 0..<w where matte[y * w + x] > 0 {
                    left = min(left, x)
                    right = max(right, x)
                    top = min(top, y)
                    bottom = y
                }
            }
        }
        guard right >= 0 else { return nil }
        let corners = [
            Point(Double(left) - 1, Double(top) - 1), Point(Double(right) + 1, Double(top) - 1),
            Point(Double(left) - 1, Double(bottom) + 1), Point(Double(right) + 1, Double(bottom) + 1),
        ].map(back.apply)
        func span(_ values: [Double], _ size: Int) -> Range<Int>? {
            let low = max(0, values.min() ?? 0)
            let high = min(Double(size - 1), values.max() ?? 0)
            guard low <= high else { return nil }
            return Int(low)..<(min(size - 1, Int(high) + 1) + 1)
        }
        guard let columns = span(corners.map(\.x), photoWidth), let rows = span(corners.map(\.y), photoHeight)
        else { return nil }
        return PixelBounds(columns: columns, rows: rows)
    }

    func withUnsafeSampler(_ body: (Unsafe) -> Void) {
        crop.data.withUnsafeBufferPointer { colours in
            alpha.data.withUnsafeBufferPointer { matte in
                body(
                    Unsafe(
                        colours: colours, matte: matte, width: crop.width, height: crop.height,
                        transform: transform))
            }
        }
    }

    /// Valid within `withUnsafeSampler` only.
    struct Unsafe {
        let colours: UnsafeBufferPointer<Float>
        let matte: UnsafeBufferPointer<Float>
        let width: Int
        let height: Int
        let transform: AffineTransform2D

        @inline(__always)
        func position(_ x: Int, _ y: Int) -> BilinearPosition {
            BilinearPosition(transform.apply(Point(Double(x), Double(y))))
        }

        /// Bilinear, zero outside.
        @inline(__always)
        func alpha(_ p: BilinearPosition) -> Float {
            if p.isInside(width, height) {
                let i = p.y * width + p.x
                return p.mix(matte[i], matte[i + 1], matte[i + width], matte[i + width + 1])
            }
            guard p.x >= -1, p.y >= -1, p.x < width, p.y < height else { return 0 }
            func at(_ i: Int, _ j: Int) -> Float {
                i < 0 || j < 0 || i >= width || j >= height ? 0 : matte[j * width + i]
            }
            return p.mix(at(p.x, p.y), at(p.x + 1, p.y), at(p.x, p.y + 1), at(p.x + 1, p.y + 1))
        }

        /// Whether the position lies on the crop's pixels, which reach half a pixel beyond their centres.
        @inline(__always)
        func covers(_ p: BilinearPosition) -> Bool {
            let (x, y) = (Float(p.x) + p.fx, Float(p.y) + p.fy)
            return x >= -0.5 && y >= -0.5 && x <= Float(width) - 0.5 && y <= Float(height) - 0.5
        }

        /// Catmull-Rom, borders replicated; three values in 0…1, or slightly beyond beside edges.
        @inline(__always)
        func colour(_ p: BilinearPosition) -> SIMD4<Float> {
            let wx = Self.catmullRom(p.fx)
            let wy = Self.catmullRom(p.fy)
            let plane = width * height
            var sum = SIMD4<Float>()
            for j in 0..<4 {
                let line = min(max(p.y + j - 1, 0), height - 1) * width
                var row = SIMD4<Float>()
                for i in 0..<4 {
                    let at = line + min(max(p.x + i - 1, 0), width - 1)
                    row += wx[i] * SIMD4(colours[at], colours[at + plane], colours[at + 2 * plane], 0)
                }
                sum += wy[j] * row
            }
            return sum
        }

        @inline(__always)
        private static func catmullRom(_ t: Float) -> SIMD4<Float> {
            let t2 = t * t
            let t3 = t2 * t
            return SIMD4(
                -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t,
                0.5 * t3 - 0.5 * t2)
        }
    }
}
