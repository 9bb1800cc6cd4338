import Foundation
import Imaging

/// Blends drawn layers into the photo: blur, contact shadow, noise and compression like the photo's own.
struct MaskCompositor {
    let style: MaskStyle
    let light: FaceLight
    let camera: FaceCamera
    let grain: (noise: Float, blur: Float)

    func compose(_ drawn: MaskLayers, over photo: FloatImage, random: inout MaskRandom) -> MaskedFace {
        var layers = drawn
        let region = layers.region
        let (width, height) = (region.width, region.height)
        let count = width * height
        let matched = style.rendering.light == .photo
        var sigma = matched ? max(0, min(grain.blur, 0.07 * camera.scale + 0.3)) * 0.85 : 0.35
        let soft = Float(style.rendering.softness) * camera.scale
        sigma = (sigma * sigma + soft * soft).squareRoot()
        for c in 0..<4 { PlaneFilter.blur(&layers.mask[c], width: width, height: height, sigma: sigma) }
        if style.straps.kind != .none {
            for c in 0..<4 { PlaneFilter.blur(&layers.straps[c], width: width, height: height, sigma: sigma) }
        }
        let shade = shadow(layers, matched: matched)

        // Composite over the region; encoded values, planar.
        var out = photo
        var alpha = FloatImage(width: photo.width, height: photo.height, channels: 1)
        var straps = alpha
        var shadows = alpha
        var patch = [[Float]](repeating: [Float](repeating: 0, count: count), count: 3)
        var cover = [Float](repeating: 0, count: count)
        let plane = photo.width * photo.height
        let noise = matched ? grain.noise * Float(style.rendering.noise) : 0
        // Skin keeps some red in the shade.
        let tint = light.saturation * 0.25
        var previous = Vector3.zero
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                let j = (y + region.y) * photo.width + x + region.x
                // Below half a step of 8 bits nothing changes.
                let a = layers.mask[3][i] < 0.004 ? 0 : min(layers.mask[3][i], 1)
                let b = layers.straps[3][i] < 0.004 ? 0 : min(layers.straps[3][i], 1)
                let dark = shade[i] < 0.004 ? 0 : shade[i]
                var value =
                    photo.channels == 1
                    ? Vector3(repeating: photo.data[j])
                    : Vector3(photo.data[j], photo.data[plane + j], photo.data[2 * plane + j])
                if dark > 0 { value *= Vector3(1 - dark * (1 - tint), 1 - dark, 1 - dark) }
                if b > 0 {
                    let c =
                        Vector3(layers.straps[0][i], layers.straps[1][i], layers.straps[2][i])
                        * (b / layers.straps[3][i])
                    value = value * (1 - b) + c
                }
                if a > 0 {
                    let c =
                        Vector3(layers.mask[0][i], layers.mask[1][i], layers.mask[2][i])
                        * (a / layers.mask[3][i])
                    value = value * (1 - a) + c
                }
                let covered = a + b * (1 - a)
                cover[i] = covered
                if noise > 0 {
                    // Luminance noise, slightly correlated along the row as demosaicing and compression leave it.
                    let grey = random.nextNormal()
                    let fresh =
                        Vector3(repeating: grey) * 0.9 + Vector3(random.nextNormal(), 0, random.nextNormal())
                        * (0.3 * light.saturation)
                    let n = fresh * 0.9 + previous * 0.43
                    previous = fresh
                    value += n * (noise * covered)
                }
                for c in 0..<3 { patch[c][i] = value[c] }
                alpha.data[j] = a
                straps.data[j] = b * (1 - a)
                shadows.data[j] = dark * (1 - covered)
            }
        }
        if let quality = style.rendering.jpegQuality {
            JPEGGrain(quality: quality).apply(&patch, weight: cover, region: region)
        }
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                let j = (y + region.y) * photo.width + x + region.x
                guard cover[i] > 0 || shadows.data[j] > 0 else { continue }
                if photo.channels == 1 {
                    out.data[j] = clamp(luminance(Vector3(patch[0][i], patch[1][i], patch[2][i])), 0, 1)
                } else {
                    for c in 0..<3 { out.data[c * plane + j] = clamp(patch[c][i], 0, 1) }
                }
            }
        }
        return MaskedFace(image: out, alpha: alpha, straps: straps, shadow: shadows, region: region)
    }

    /// The layers' opacity, blurred and moved away from the light, where the head can receive it.
    private func shadow(_ layers: MaskLayers, matched: Bool) -> [Float] {
        let (width, height) = (layers.region.width, layers.region.height)
        var out = [Float](repeating: 0, count: width * height)
        let strength = Float(style.rendering.contactShadow) * (matched ? 1 : 0.3)
        guard strength > 0 else { return out }
        var opacity = zip(layers.mask[3], layers.straps[3]).map { max($0, 0.6 * $1) }
        PlaneFilter.blur(&opacity, width: width, height: height, sigma: max(0.7, 0.035 * camera.scale))
        let from = light.sideways
        let dx = Int((-from.x * 0.035 * camera.scale).rounded())
        let dy = Int(((-from.y * 0.03 + 0.02) * camera.scale).rounded())
        for y in 0..<height {
            let sy = min(max(y - dy, 0), height - 1)
            for x in 0..<width {
                let sx = min(max(x - dx, 0), width - 1)
                out[y * width + x] = strength * min(opacity[sy * width + sx], 1) * layers.head[y * width + x]
            }
        }
        return out
    }
}
