import Imaging

/// A picture of a mask, cut out, that is stretched over the lower face: the way of simple tools, and so a test of whether recovery works
/// on more than the masks it was trained with.
///
/// The box around the opaque pixels is laid from ear to ear and from the bridge of the nose to the chin, left and right half each by
/// the bilinear map of its four corners.
public struct MaskTemplate: Sendable {
    /// RGBA, cropped to its opaque pixels.
    private let picture: Image

    /// - Parameter picture: RGBA.
    /// - Returns: nil without transparency or without opaque pixels.
    public init?(_ picture: Image) {
        guard picture.channels == 4 else { return nil }
        var (left, top, right, bottom) = (picture.width, picture.height, -1, -1)
        var isTransparent = false
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                if picture.pixels[4 * (y * picture.width + x) + 3] >= 128 {
                    left = min(left, x)
                    right = max(right, x)
                    top = min(top, y)
                    bottom = max(bottom, y)
                } else {
                    isTransparent = true
                }
            }
        }
        guard isTransparent, right > left, bottom > top else { return nil }
        var part = Image(width: right - left + 1, height: bottom - top + 1, channels: 4)
        for y in 0..<part.height {
            let from = 4 * ((y + top) * picture.width + left)
            part.pixels.replaceSubrange(
                4 * y * part.width..<4 * (y + 1) * part.width,
                with: picture.pixels[from..<from + 4 * part.width])
        }
        self.picture = part
    }

    // Of the 468 landmarks: ears, angles of the jaw, bridge of the nose, chin.
    private static let corners = (
        topLeft: 234, top: 197, topRight: 454, bottomRight: 397, bottom: 152, bottomLeft: 172
    )

    /// Lays the mask over a face.
    /// - Parameter photo: RGB.
    public func wear(on photo: Image, landmarks: FaceLandmarks468) -> Image {
        let p = landmarks.points
        let c = Self.corners
        let (top, chin) = (p[c.top], p[c.bottom])
        // Masks reach a little below the chin.
        let bottom = chin + (chin - top) * 0.06
        var out = photo.rgb()
        draw(Quad(p[c.topLeft], top, bottom, p[c.bottomLeft]), columns: 0...0.5, into: &out)
        draw(Quad(top, p[c.topRight], p[c.bottomRight], bottom), columns: 0.5...1, into: &out)
        return out
    }

    private func draw(_ quad: Quad, columns: ClosedRange<Double>, into out: inout Image) {
        let xs = quad.points.map(\.x)
        let ys = quad.points.map(\.y)
        func pixels(_ values: [Double], _ count: Int) -> Range<Int> {
            let low = max(0, min(Double(count), (values.min() ?? 0).rounded(.down)))
            let high = max(low, min(Double(count), (values.max() ?? 0).rounded(.up) + 1))
            return Int(low)..<Int(high)
        }
        for y in pixels(ys, out.height) {
            for x in pixels(xs, out.width) {
                guard let place = quad.inverse(Point(Double(x), Double(y))) else { continue }
                let u = columns.lowerBound + place.x * (columns.upperBound - columns.lowerBound)
                let colour = sample(u * Double(picture.width) - 0.5, place.y * Double(picture.height) - 0.5)
                guard colour.alpha > 0 else { continue }
                let at = 3 * (y * out.width + x)
                for channel in 0..<3 {
                    let old = Double(out.pixels[at + channel])
                    let mixed = old * (1 - colour.alpha) + colour.rgb[channel]
                    out.pixels[at + channel] = UInt8(min(255, max(0, mixed.rounded())))
                }
            }
        }
    }

    /// Bilinear, with colours weighted by their alpha.
    private func sample(_ x: Double, _ y: Double) -> (rgb: [Double], alpha: Double) {
        let (x0, y0) = (x.rounded(.down), y.rounded(.down))
        var rgb = [0.0, 0.0, 0.0]
        var alpha = 0.0
        for (dx, dy) in [(0.0, 0.0), (1, 0), (0, 1), (1, 1)] {
            let column = Int(min(max(x0 + dx, 0), Double(picture.width - 1)))
            let row = Int(min(max(y0 + dy, 0), Double(picture.height - 1)))
            let weight = (dx == 0 ? 1 - (x - x0) : x - x0) * (dy == 0 ? 1 - (y - y0) : y - y0)
            let at = 4 * (row * picture.width + column)
            let share = weight * Double(picture.pixels[at + 3]) / 255
            for channel in 0..<3 { rgb[channel] += share * Double(picture.pixels[at + channel]) }
            alpha += share
        }
        return (rgb, alpha)
    }
}

/// Four corners, clockwise from the top left, and the map from the unit square onto them.
private struct Quad {
    let points: [Point]

    init(_ a: Point, _ b: Point, _ c: Point, _ d: Point) { points = [a, b, c, d] }

    /// The (u, v) in the unit square whose image is `p`, nil outside.
    func inverse(_ p: Point) -> Point? {
        let (e, f) = (points[1] - points[0], points[3] - points[0])
        let g = points[0] - points[1] + points[2] - points[3]
        let h = p - points[0]
        func cross(_ a: Point, _ b: Point) -> Double { a.x * b.y - a.y * b.x }
        let k2 = cross(g, f)
        let k1 = cross(e, f) + cross(h, g)
        let k0 = cross(h, e)
        var candidates: [Double] = []
        if abs(k2) < 1e-9 * abs(k1) {
            candidates = [-k0 / k1]
        } else {
            let root = k1 * k1 - 4 * k0 * k2
            guard root >= 0 else { return nil }
            candidates = [(-k1 - root.squareRoot()) / (2 * k2), (-k1 + root.squareRoot()) / (2 * k2)]
        }
        for v in candidates where (0...1).contains(v) {
            let (dx, dy) = (e.x + g.x * v, e.y + g.y * v)
            let u = abs(dx) > abs(dy) ? (h.x - f.x * v) / dx : (h.y - f.y * v) / dy
            if (0...1).contains(u) { return Point(u, v) }
        }
        return nil
    }
}
