import Foundation

/// The loss of JPEG compression (ITU-T T.81, tables of annex K scaled as libjpeg does) on a patch of a picture: 8x8 blocks on the
/// picture's own grid, discrete cosine transform, quantisation and back.
struct JPEGGrain {
    private let luma: [Float]
    private let chroma: [Float]

    init(quality: Int) {
        let q = Float(min(max(quality, 1), 100))
        let scale = q < 50 ? 50 / q : 2 - q / 50
        func table(_ base: [Float]) -> [Float] { base.map { max(1, min(255, ($0 * scale).rounded())) / 255 } }
        luma = table(Self.baseLuma)
        chroma = table(Self.baseChroma)
    }

    /// Replaces the patch's pixels by their compressed values in proportion to `weight`.
    func apply(_ patch: inout [[Float]], weight: [Float], region: PixelRegion) {
        let (width, height) = (region.width, region.height)
        var planes = [[Float]](repeating: [Float](repeating: 0, count: 64), count: 3)
        let startX = -(region.x % 8)
        let startY = -(region.y % 8)
        for by in stride(from: startY, to: height, by: 8) {
            for bx in stride(from: startX, to: width, by: 8) {
                var touched: Float = 0
                for y in max(by, 0)..<min(by + 8, height) {
                    for x in max(bx, 0)..<min(bx + 8, width) { touched = max(touched, weight[y * width + x]) }
                }
                guard touched > 0 else { continue }
                for y in 0..<8 {
                    for x in 0..<8 {
                        let i = min(max(by + y, 0), height - 1) * width + min(max(bx + x, 0), width - 1)
                        let (r, g, b) = (patch[0][i], patch[1][i], patch[2][i])
                        let luminance = 0.299 * r + 0.587 * g + 0.114 * b
                        planes[0][y * 8 + x] = luminance
                        planes[1][y * 8 + x] = (b - luminance) / 1.772
                        planes[2][y * 8 + x] = (r - luminance) / 1.402
                    }
                }
                Self.quantise(&planes[0], luma)
                Self.quantise(&planes[1], chroma)
                Self.quantise(&planes[2], chroma)
                for y in max(by, 0)..<min(by + 8, height) {
                    for x in max(bx, 0)..<min(bx + 8, width) {
                        let i = y * width + x
                        let k = (y - by) * 8 + x - bx
                        let w = weight[i]
                        let r = planes[0][k] + 1.402 * planes[2][k]
                        let b = planes[0][k] + 1.772 * planes[1][k]
                        let g = (planes[0][k] - 0.299 * r - 0.114 * b) / 0.587
                        patch[0][i] = mix(patch[0][i], r, w)
                        patch[1][i] = mix(patch[1][i], g, w)
                        patch[2][i] = mix(patch[2][i], b, w)
                    }
                }
            }
        }
    }

    private static func quantise(_ block: inout [Float], _ table: [Float]) {
        var coefficients = [Float](repeating: 0, count: 64)
        transform(block, &coefficients, basis)
        for i in 0..<64 { coefficients[i] = (coefficients[i] / table[i]).rounded() * table[i] }
        transform(coefficients, &block, transposed)
    }

    /// out = m · block · mᵀ
    private static func transform(_ block: [Float], _ out: inout [Float], _ m: [Float]) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 64) { half in
            m.withUnsafeBufferPointer { m in
                block.withUnsafeBufferPointer { block in
                    for i in 0..<8 {
                        for x in 0..<8 {
                            var sum: Float = 0
                            for k in 0..<8 { sum += m[i * 8 + k] * block[k * 8 + x] }
                            half[i * 8 + x] = sum
                        }
                    }
                    out.withUnsafeMutableBufferPointer { out in
                        for i in 0..<8 {
                            for j in 0..<8 {
                                var sum: Float = 0
                                for k in 0..<8 { sum += half[i * 8 + k] * m[j * 8 + k] }
                                out[i * 8 + j] = sum
                            }
                        }
                    }
                }
            }
        }
    }

    private static let basis: [Float] = (0..<64).map { n in
        let (k, x) = (n / 8, n % 8)
        return (k == 0 ? Float(0.125).squareRoot() : 0.5) * cosf(Float(2 * x + 1) * Float(k) * .pi / 16)
    }
    private static let transposed: [Float] = (0..<64).map { basis[($0 % 8) * 8 + $0 / 8] }

    private static let baseLuma: [Float] = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14,
        17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
        101, 72, 92, 95, 98, 112, 100,
        103, 99,
    ]
    private static let baseChroma: [Float] = [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47,
        66, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99,
    ]
}
