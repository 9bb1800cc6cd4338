import Foundation

/// A strap as a polyline in the picture; hidden parts are left out.
struct MaskStrapPath {
    struct Knot {
        /// Picture pixels.
        var x: Float
        var y: Float
        /// 1 where the head faces the camera, fading to 0 at its horizon.
        var visible: Float
        var shade: Float
    }

    var knots: [Knot]

    static func all(_ style: MaskStyle, _ camera: FaceCamera, _ light: FaceLight, wrinkleSeed: UInt64)
        -> [MaskStrapPath]
    {
        guard style.straps.kind != .none else { return [] }
        let form = MaskForm(style, wrinkleSeed: wrinkleSeed)
        let surface = HeadSurface.shared
        var paths: [MaskStrapPath] = []
        for side in [-1, 1] as [Float] {
            let upper = form.place(u: side * 0.97, v: 0.04, on: surface)
            let lower = form.place(u: side * 0.97, v: 0.96, on: surface)
            let ends:
                [(
                    start: (azimuth: Float, height: Float, radius: Float), azimuth: Float, height: Float,
                    sag: Float
                )]
            switch style.straps.kind {
            case .none: ends = []
            case .earLoops:
                // Over the top and the lobe of the ear.
                ends = [
                    (upper, side * 1.68, 0.12, 0.4), (lower, side * 1.66, 0.82, -0.6),
                ]
            case .headBands:
                let middle = form.place(u: side * 0.97, v: 0.35, on: surface)
                let below = form.place(u: side * 0.97, v: 0.75, on: surface)
                ends = [(middle, side * 1.75, -0.35, -0.3), (below, side * 1.75, 1.15, 0.4)]
            }
            for end in ends {
                let steps = 14
                var knots: [Knot] = []
                for k in 0...steps {
                    let f = Float(k) / Float(steps)
                    let azimuth = mix(end.start.azimuth, end.azimuth, f)
                    let height =
                        mix(end.start.height, end.height, f) + end.sag * Float(style.straps.slack) * 4 * f
                        * (1 - f)
                    let skin = surface.face.radius(azimuth: azimuth, height: height)
                    let radius = mix(end.start.radius, skin + 0.02, smoothstep(0, 0.35, f))
                    let p = camera.project(
                        HeadSurface.point(azimuth: azimuth, height: height, radius: radius), azimuth: azimuth,
                        height: height)
                    let n = camera.view(surface.faceNormal(azimuth: azimuth, height: height))
                    let hair =
                        1 - smoothstep(Float(style.straps.visible), Float(style.straps.visible) + 0.12, f)
                    knots.append(
                        Knot(
                            x: p.x, y: p.y, visible: smoothstep(-0.02, 0.12, n.z) * hair,
                            shade: clamp(light.shade(n).value, 0.2, 1.8)))
                }
                paths.append(MaskStrapPath(knots: knots))
            }
        }
        return paths
    }
}
