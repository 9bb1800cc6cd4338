import Foundation
import Imaging

/// Draws face masks onto photos.
///
/// The mask is a sheet in three dimensions over a mean head that an affine camera and a smooth residual field fit to the landmarks, so
/// that pose and build shape its outline. It is lit by what the skin tells about the light, textured, drawn with a depth buffer and
/// blended with the photo's own blur, noise and tone.
public struct MaskSynthesizer: Sendable {
    public init() {}

    /// Puts a mask on the face that `landmarks` describe. The same arguments give the same pixels.
    ///
    /// - Parameters:
    ///   - image: [channels, height, width] with 1 or 3 channels, 0…1.
    ///   - landmarks: may lie partly or wholly outside the picture.
    ///   - seed: seeds wrinkles and noise; everything else is in `style`.
    /// - Throws: `MaskingError` for other channel counts, impossible style values and landmarks without extent.
    public func wear(_ style: MaskStyle, on image: FloatImage, landmarks: FaceLandmarks468, seed: UInt64)
        throws(MaskingError) -> MaskedFace
    {
        guard image.channels == 1 || image.channels == 3 else { throw .channels(found: image.channels) }
        try style.validate()
        let camera = try FaceCamera(landmarks)
        var random = MaskRandom(seed: seed)
        let wrinkleSeed = random.next()
        let reliefSeed = random.next()

        let photo = PhotoSampler(image: image)
        var light = FaceLight(photo, landmarks, camera)
        switch style.rendering.light {
        case .photo: break
        case .baked: light.becomeBaked()
        case .flat: light.becomeFlat()
        }
        light.level *= Float(style.rendering.exposure)

        let fine = camera.scale > 120
        let mesh = MaskMesh(
            style, camera, light, wrinkleSeed: wrinkleSeed, columns: fine ? 97 : 41, rows: fine ? 73 : 31)
        let straps = MaskStrapPath.all(style, camera, light, wrinkleSeed: wrinkleSeed)
        let region = Self.region(mesh, straps, style, camera, image)
        guard !region.isEmpty else { return MaskedFace(untouched: image) }

        let layers = MaskLayers(
            style, mesh: mesh, straps: straps, camera: camera, light: light, region: region,
            reliefSeed: reliefSeed)
        return MaskCompositor(
            style: style, light: light, camera: camera, grain: photo.grain(around: landmarks.points)
        ).compose(
            layers, over: image, random: &random)
    }

    private static func region(
        _ mesh: MaskMesh, _ straps: [MaskStrapPath], _ style: MaskStyle, _ camera: FaceCamera,
        _ image: FloatImage
    ) -> PixelRegion {
        var low = SIMD2<Float>(repeating: .infinity)
        var high = SIMD2<Float>(repeating: -.infinity)
        func include(_ x: Float, _ y: Float) {
            low = pointwiseMin(low, SIMD2(x, y))
            high = pointwiseMax(high, SIMD2(x, y))
        }
        for p in mesh.positions { include(p.x, p.y) }
        for knot in straps.flatMap(\.knots) where knot.visible > 0 { include(knot.x, knot.y) }
        let margin = camera.scale * Float(0.12 + style.straps.width + 3 * style.rendering.softness) + 4
        let width = Float(image.width)
        let height = Float(image.height)
        let x0 = Int(clamp(low.x - margin, 0, width))
        let y0 = Int(clamp(low.y - margin, 0, height))
        let x1 = Int(clamp((high.x + margin).rounded(.up), 0, width))
        let y1 = Int(clamp((high.y + margin).rounded(.up), 0, height))
        return x1 > x0 && y1 > y0 ? PixelRegion(x: x0, y: y0, width: x1 - x0, height: y1 - y0) : .empty
    }
}

extension MaskedFace {
    init(untouched image: FloatImage) {
        let none = FloatImage(width: image.width, height: image.height, channels: 1)
        self.init(image: image, alpha: none, straps: none, shadow: none, region: .empty)
    }
}

extension MaskStyle {
    /// - Throws: `MaskingError.style` for values that are not finite or lie far outside what a mask can be.
    public func validate() throws(MaskingError) {
        func check(_ field: String, _ value: Double, _ range: ClosedRange<Double>) throws(MaskingError) {
            guard value.isFinite, range.contains(value) else {
                throw .style(
                    field: field, problem: "\(value) is outside \(range.lowerBound)…\(range.upperBound)")
            }
        }
        guard !texture.colours.isEmpty else {
            throw .style(field: "texture.colours", problem: "expected at least one colour")
        }
        for (index, c) in texture.colours.enumerated() {
            try check("texture.colours[\(index)].red", c.red, 0...1)
            try check("texture.colours[\(index)].green", c.green, 0...1)
            try check("texture.colours[\(index)].blue", c.blue, 0...1)
        }
        try check("texture.scale", texture.scale, 0.005...10)
        try check("texture.angle", texture.angle, -3600...3600)
        try check("texture.grain", texture.grain, 0...2)
        try check("shape.sideAngle", shape.sideAngle, 10...115)
        try check("shape.topCentre", shape.topCentre, -0.5...1.6)
        try check("shape.topSide", shape.topSide, -0.5...1.6)
        try check("shape.bottomCentre", shape.bottomCentre, shape.topCentre + 0.1...3.2)
        try check("shape.bottomSide", shape.bottomSide, shape.topSide...3.2)
        try check("shape.topBow", shape.topBow, 0.3...8)
        try check("shape.bottomBow", shape.bottomBow, 0.3...8)
        try check("shape.drape", shape.drape, 0...1.5)
        try check("shape.puff", shape.puff, 0...0.5)
        try check("shape.dome", shape.dome, 0...1)
        try check("shape.ridge", shape.ridge, 0...1)
        try check("shape.pleats", Double(shape.pleats), 0...12)
        try check("shape.hem", shape.hem, 0...0.4)
        try check("shape.wrinkles", shape.wrinkles, 0...0.3)
        try check("fit.rise", fit.rise, -1...0.5)
        try check("fit.shift", fit.shift, -0.5...0.5)
        try check("fit.tilt", fit.tilt, -30...30)
        try check("fit.scale", fit.scale, 0.5...1.6)
        try check("straps.width", straps.width, 0...0.5)
        try check("straps.slack", straps.slack, -0.5...0.5)
        try check("straps.visible", straps.visible, 0...2)
        if let valve {
            try check("valve.across", valve.across, -1...1)
            try check("valve.down", valve.down, 0...1)
            try check("valve.radius", valve.radius, 0.01...0.6)
        }
        try check("rendering.exposure", rendering.exposure, 0.1...4)
        try check("rendering.contrast", rendering.contrast, 0...3)
        try check("rendering.contactShadow", rendering.contactShadow, 0...1)
        try check("rendering.softness", rendering.softness, 0...0.3)
        try check("rendering.noise", rendering.noise, 0...5)
        if let quality = rendering.jpegQuality {
            try check("rendering.jpegQuality", Double(quality), 1...100)
        }
    }
}
