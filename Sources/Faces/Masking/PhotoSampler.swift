import Imaging

/// Reads what the compositor must match from a photo: local colour, exposure range, tone, noise and sharpness.
struct PhotoSampler {
    let image: FloatImage

    /// Mean linear colour (gamma 2) of a square around a point; nil where its centre lies outside the picture.
    func linear(at point: Point, radius: Double) -> Vector3? {
        guard point.x >= -0.5, point.y >= -0.5, point.x < Double(image.width) - 0.5,
            point.y < Double(image.height) - 0.5
        else { return nil }
        let x0 = max(0, Int(point.x - radius + 0.5))
        let x1 = min(image.width - 1, Int(point.x + radius + 0.5))
        let y0 = max(0, Int(point.y - radius + 0.5))
        let y1 = min(image.height - 1, Int(point.y + radius + 0.5))
        let stepX = max(1, (x1 - x0) / 4)
        let stepY = max(1, (y1 - y0) / 4)
        var sum = Vector3.zero
        var count: Float = 0
        image.data.withUnsafeBufferPointer { data in
            for y in stride(from: y0, through: y1, by: stepY) {
                for x in stride(from: x0, through: x1, by: stepX) {
                    let c = encoded(data, x, y)
                    sum += c * c
                    count += 1
                }
            }
        }
        return count > 0 ? sum / count : nil
    }

    @inline(__always) private func encoded(_ data: UnsafeBufferPointer<Float>, _ x: Int, _ y: Int) -> Vector3
    {
        let i = y * image.width + x
        let plane = image.width * image.height
        return image.channels == 1
            ? Vector3(repeating: data[i]) : Vector3(data[i], data[plane + i], data[2 * plane + i])
    }

    struct Scene {
        /// Linear luminance that 3 % of the surroundings exceed.
        var bright: Float
        /// Encoded luminance below which 1 % lies.
        var black: Float
        /// 1 for a colour photo, 0 for one in shades of one colour.
        var saturation: Float
        /// Mean colour, luminance 1.
        var tone: Vector3
    }

    /// Statistics over the face and its surroundings, on about 700 pixels.
    func scene(around points: [Point]) -> Scene {
        let box = pixelBox(points, margin: 0.3)
        guard let box else {
            return Scene(bright: 0.6, black: 0.02, saturation: image.channels == 1 ? 0 : 1, tone: .one)
        }
        let stepX = max(1, (box.x1 - box.x0) / 26)
        let stepY = max(1, (box.y1 - box.y0) / 26)
        var colours: [Vector3] = []
        image.data.withUnsafeBufferPointer { data in
            for y in stride(from: box.y0, through: box.y1, by: stepY) {
                for x in stride(from: box.x0, through: box.x1, by: stepX) {
                    colours.append(encoded(data, x, y))
                }
            }
        }
        var mean = Vector3.zero
        var luminances: [Float] = []
        for c in colours {
            mean += c
            luminances.append(luminance(c))
        }
        mean /= Float(colours.count)
        luminances.sort()
        let level = max(luminance(mean), 1e-3)
        // In a toned photo every pixel is a multiple of one colour.
        var chroma: Float = 0
        for c in colours {
            let off = c - mean * (luminance(c) / level)
            chroma += abs(off.x) + abs(off.z)
        }
        chroma /= Float(colours.count) * max(level, 0.15)
        let bright = luminances[min(luminances.count - 1, luminances.count * 97 / 100)]
        let tone = mean / level
        return Scene(
            bright: bright * bright, black: min(luminances[luminances.count / 100], 0.25),
            saturation: image.channels == 1 ? 0 : smoothstep(0.02, 0.07, chroma), tone: tone * tone)
    }

    /// Standard deviation of the noise, and the blur of edges as the standard deviation of a Gaussian in pixels.
    ///
    /// Noise: Immerkær's Laplacian-of-differences mask, at a low quantile so that texture does not count. Blur: for a step edge blurred
    /// with deviation σ, ∫ gradient² / ∫ second derivative² = 2 σ².
    func grain(around points: [Point]) -> (noise: Float, blur: Float) {
        guard let box = pixelBox(points, margin: 0), box.x1 - box.x0 > 8, box.y1 - box.y0 > 8 else {
            return (0, 0.6)
        }
        let x0 = max(box.x0, 2)
        let y0 = max(box.y0, 2)
        let x1 = min(box.x1, image.width - 3)
        let y1 = min(box.y1, image.height - 3)
        guard x1 > x0, y1 > y0 else { return (0, 0.6) }
        let stepX = max(1, (x1 - x0) / 30)
        let stepY = max(1, (y1 - y0) / 30)
        var residuals: [Float] = []
        var edges: [(gradient: Float, bend: Float)] = []
        image.data.withUnsafeBufferPointer { data in
            // The green plane stands for luminance.
            let base = image.channels == 1 ? 0 : image.width * image.height
            let w = image.width
            for y in stride(from: y0, through: y1, by: stepY) {
                for x in stride(from: x0, through: x1, by: stepX) {
                    let i = base + y * w + x
                    let corners = data[i - w - 1] + data[i - w + 1] + data[i + w - 1] + data[i + w + 1]
                    let sides = data[i - w] + data[i + w] + data[i - 1] + data[i + 1]
                    residuals.append(abs(corners - 2 * sides + 4 * data[i]))
                    let gx = (data[i + 1] - data[i - 1]) / 2
                    let gy = (data[i + w] - data[i - w]) / 2
                    let across = abs(gx) > abs(gy)
                    let bend =
                        across
                        ? data[i + 1] + data[i - 1] - 2 * data[i] : data[i + w] + data[i - w] - 2 * data[i]
                    edges.append((across ? gx * gx : gy * gy, bend * bend))
                }
            }
        }
        residuals.sort()
        let noise = min(residuals[residuals.count * 3 / 10] / (0.385 * 6), 0.08)
        let strong = max(8, edges.count / 16)
        let threshold = edges.map(\.gradient).sorted()[max(0, edges.count - strong)]
        var gradient: Float = 0
        var bend: Float = 0
        for e in edges where e.gradient >= threshold {
            gradient += e.gradient
            bend += e.bend
        }
        bend = max(bend - 6 * noise * noise * Float(strong), gradient * 0.02, 1e-9)
        return (noise, clamp((0.5 * gradient / bend).squareRoot(), 0.45, 5))
    }

    private func pixelBox(_ points: [Point], margin: Double) -> (x0: Int, y0: Int, x1: Int, y1: Int)? {
        var low = Point(.infinity, .infinity)
        var high = Point(-.infinity, -.infinity)
        for p in points {
            low = Point(min(low.x, p.x), min(low.y, p.y))
            high = Point(max(high.x, p.x), max(high.y, p.y))
        }
        let m = margin * max(high.x - low.x, high.y - low.y)
        let x0 = Int(max(0, min(low.x - m, 1e6)))
        let y0 = Int(max(0, min(low.y - m, 1e6)))
        let x1 = Int(min(Double(image.width - 1), max(high.x + m, -1)))
        let y1 = Int(min(Double(image.height - 1), max(high.y + m, -1)))
        return x1 >= x0 && y1 >= y0 ? (x0, y0, x1, y1) : nil
    }
}
