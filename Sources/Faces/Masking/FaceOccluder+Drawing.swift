import Foundation
import Imaging

extension FaceOccluder {
    /// Draws it over a photo.
    /// - Parameter photo: [3 or 1, height, width], 0…1.
    /// - Returns: the photo with the thing in front, and the thing's opacity, [1, height, width], 0…1. The picture may differ a little
    ///   beyond it, where its shadow falls.
    public func draw(on photo: FloatImage) -> (image: FloatImage, alpha: FloatImage) {
        let (width, height) = (photo.width, photo.height)
        var alpha = FloatImage(width: width, height: height, channels: 1)
        var layer = FloatImage(width: width, height: height, channels: 3)
        let sun = Vector3(Float(Double.cos(light)) * 0.6, Float(Double.sin(light)) * 0.6, 0.53)
        let noiseSeed = UInt32(truncatingIfNeeded: seed)
        for part in parts {
            let colour = Vector3(Float(part.colour.red), Float(part.colour.green), Float(part.colour.blue))
            let solid = Solid(part.shape)
            let (low, high) = solid.bounds(margin: softness)
            // An empty range where the part lies outside the picture.
            let rows = pixels(low.y, high.y, height)
            let columns = pixels(low.x, high.x, width)
            for y in rows {
                for x in columns {
                    let point = SIMD2(Float(x), Float(y))
                    let (distance, outwards, radius) = solid.distance(point)
                    let cover = clamp(0.5 - distance / Float(softness), 0, 1)
                    guard cover > 0 else { continue }
                    // How far from the middle line to the edge: the normal leans outwards there.
                    let edge = clamp(1 + distance / radius, 0, 1)
                    let normal = Vector3(
                        outwards.x * edge, outwards.y * edge, (1 - edge * edge).squareRoot() + 0.05)
                    var shade = 0.5 + 0.75 * max(0, dot(normal, sun))
                    shade *=
                        0.94 + 0.12 * NoiseLattice.cloud(point.x * 0.11, point.y * 0.11, seed: noiseSeed)
                    if part.grid > 0 {
                        let wave = sin(point.x * 9 / radius) * sin(point.y * 9 / radius)
                        shade *= 1 + Float(part.grid) * 0.5 * wave
                    }
                    let place = y * width + x
                    for channel in 0..<3 {
                        let at = channel * width * height + place
                        layer.data[at] += cover * (clamp(colour[channel] * shade, 0, 1) - layer.data[at])
                    }
                    alpha.data[place] += cover * (1 - alpha.data[place])
                }
            }
        }
        return (blended(layer, alpha, over: photo), alpha)
    }

    private func pixels(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
        let start = Int(min(max(low.rounded(.down), 0), Double(count)))
        return start..<max(start, Int(min(max(high.rounded(.up) + 1, 0), Double(count))))
    }

    private func blended(_ layer: FloatImage, _ alpha: FloatImage, over photo: FloatImage) -> FloatImage {
        var out = photo
        let plane = photo.width * photo.height
        let shade = shadow > 0 ? alpha.blurred(sigma: 3 * softness + 1) : alpha
        for place in 0..<plane {
            let dark = Float(shadow) * shade.data[place]
            let cover = alpha.data[place]
            guard cover > 0 || dark > 1 / 512 else { continue }
            for channel in 0..<photo.channels {
                let ground = photo.data[channel * plane + place] * (1 - dark)
                let top =
                    photo.channels == 3
                    ? layer.data[channel * plane + place]
                    : luminance(
                        Vector3(layer.data[place], layer.data[plane + place], layer.data[2 * plane + place]))
                out.data[channel * plane + place] = ground + (top - ground) * cover
            }
        }
        return out
    }
}

/// A part's signed distance.
private enum Solid {
    case bar(a: SIMD2<Float>, b: SIMD2<Float>, start: Float, end: Float)
    case plate(centre: SIMD2<Float>, along: SIMD2<Float>, half: SIMD2<Float>, corner: Float)

    init(_ shape: FaceOccluder.Part.Shape) {
        func vector(_ p: Point) -> SIMD2<Float> { SIMD2(Float(p.x), Float(p.y)) }
        switch shape {
        case .bar(let from, let to, let start, let end):
            self = .bar(a: vector(from), b: vector(to), start: Float(start), end: Float(end))
        case .plate(let centre, let along, let halfLength, let halfWidth, let corner):
            self = .plate(
                centre: vector(centre), along: vector(along),
                half: SIMD2(Float(halfLength), Float(halfWidth)),
                corner: Float(corner))
        }
    }

    func bounds(margin: Double) -> (Point, Point) {
        let (low, high): (SIMD2<Float>, SIMD2<Float>)
        switch self {
        case .bar(let a, let b, let start, let end):
            let r = SIMD2(repeating: max(start, end))
            (low, high) = (pointwiseMin(a, b) - r, pointwiseMax(a, b) + r)
        case .plate(let centre, _, let half, _):
            let r = SIMD2(repeating: half.x + half.y)
            (low, high) = (centre - r, centre + r)
        }
        return (
            Point(Double(low.x) - margin, Double(low.y) - margin),
            Point(Double(high.x) + margin, Double(high.y) + margin)
        )
    }

    /// Distance to the edge (negative inside), the direction in which it grows, and the distance of the middle from the edge.
    func distance(_ p: SIMD2<Float>) -> (Float, SIMD2<Float>, Float) {
        switch self {
        case .bar(let a, let b, let start, let end):
            let along = b - a
            let squared = (along * along).sum()
            let t = squared > 0 ? clamp(((p - a) * along).sum() / squared, 0, 1) : 0
            let off = p - a - along * t
            let length = (off * off).sum().squareRoot()
            let radius = start + (end - start) * t
            return (length - radius, length > 1e-6 ? off / length : .zero, max(radius, 1e-3))
        case .plate(let centre, let along, let half, let corner):
            let across = SIMD2(-along.y, along.x)
            let local = SIMD2(((p - centre) * along).sum(), ((p - centre) * across).sum())
            let sign = SIMD2<Float>(local.x < 0 ? -1 : 1, local.y < 0 ? -1 : 1)
            let q = local * sign - half + corner
            let outside = pointwiseMax(q, .zero)
            let length = (outside * outside).sum().squareRoot()
            let direction =
                length > 1e-6 ? outside / length : (q.x > q.y ? SIMD2<Float>(1, 0) : SIMD2<Float>(0, 1))
            let turned = direction * sign
            // Flat but for a narrow rim.
            return (
                length + min(max(q.x, q.y), 0) - corner, along * turned.x + across * turned.y,
                max(corner, 1e-3)
            )
        }
    }
}
