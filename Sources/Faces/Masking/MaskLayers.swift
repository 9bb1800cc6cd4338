import Foundation

/// The mask and its straps, drawn over a region at picture resolution: premultiplied encoded colour (4 planes: red, green, blue, alpha)
/// each.
struct MaskLayers {
    let region: PixelRegion
    var mask: [[Float]]
    var straps: [[Float]]
    /// 1 where the head lies behind, so that shadows fall on skin and not on the background.
    var head: [Float]

    init(
        _ style: MaskStyle, mesh: MaskMesh, straps paths: [MaskStrapPath], camera: FaceCamera,
        light: FaceLight, region: PixelRegion,
        reliefSeed: UInt64
    ) {
        self.region = region
        let extent = max(region.width, region.height)
        let density = extent <= 60 ? 3 : extent <= 700 ? 2 : 1
        let sampleSize = 1 / camera.scale

        var headRaster = MaskRaster(region: region, density: 1, keepsAttributes: false)
        let headGrid = HeadGrid(camera)
        headRaster.draw(
            positions: headGrid.positions, attributes: headGrid.attributes, columns: HeadGrid.columns,
            rows: HeadGrid.rows)
        head = headRaster.depth.map { $0 > -.infinity ? 1 : 0 }
        PlaneFilter.blur(
            &head, width: region.width, height: region.height, sigma: max(0.8, camera.scale * 0.03))

        var raster = MaskRaster(region: region, density: density, keepsAttributes: true)
        raster.draw(
            positions: mesh.positions, attributes: mesh.attributes, columns: mesh.columns, rows: mesh.rows)

        let valveCentre = style.valve.map { mesh.fabric(u: Float($0.across), v: Float($0.down)) } ?? .zero
        let shader = MaskShader(
            style, light: light, sampleSize: sampleSize, valveCentre: valveCentre,
            columnHeight: mesh.fabric(u: 0, v: 1).y, reliefSeed: reliefSeed)
        mask = Self.shade(raster, shader, headRaster.depth, region, density, bias: 0.035 * camera.scale)
        straps = Self.draw(paths, style, light, region, camera)
    }

    /// Coverage from all samples of a pixel, colour once at their mean place.
    private static func shade(
        _ raster: MaskRaster, _ shader: MaskShader, _ headDepth: [Float], _ region: PixelRegion,
        _ density: Int, bias: Float
    ) -> [[Float]] {
        let count = region.width * region.height
        var planes = [Float](repeating: 0, count: 4 * count)
        let share = 1 / Float(density * density)
        planes.withUnsafeMutableBufferPointer { planes in
            raster.depth.withUnsafeBufferPointer { depth in
                raster.attributes.withUnsafeBufferPointer { attributes in
                    for y in 0..<region.height {
                        for x in 0..<region.width {
                            let pixel = y * region.width + x
                            // Nose or chin may lie in front.
                            let nearest = headDepth[pixel] - bias
                            var sum = SIMD8<Float>.zero
                            var covered: Float = 0
                            for j in 0..<density {
                                let row = (y * density + j) * raster.width + x * density
                                for i in row..<(row + density)
                                where depth[i] > nearest && depth[i] > -.infinity {
                                    let a = attributes[i]
                                    guard !shader.isHole(a[0], a[1]) else { continue }
                                    sum += a
                                    covered += 1
                                }
                            }
                            guard covered > 0 else { continue }
                            let c = shader.colour(sum / covered)
                            let alpha = covered * share
                            planes[pixel] = c.x * alpha
                            planes[count + pixel] = c.y * alpha
                            planes[2 * count + pixel] = c.z * alpha
                            planes[3 * count + pixel] = alpha
                        }
                    }
                }
            }
        }
        return (0..<4).map { Array(planes[($0 * count)..<(($0 + 1) * count)]) }
    }

    /// Straps as round cords: coverage by distance, darker towards their sides.
    private static func draw(
        _ paths: [MaskStrapPath], _ style: MaskStyle, _ light: FaceLight, _ region: PixelRegion,
        _ camera: FaceCamera
    ) -> [[Float]] {
        let count = region.width * region.height
        var planes = [[Float]](repeating: [Float](repeating: 0, count: count), count: 4)
        guard !paths.isEmpty else { return planes }
        let radius = max(Float(style.straps.width) * camera.scale / 2, 0.3)
        // A cord thinner than a pixel covers only part of it.
        let strength = min(1, Float(style.straps.width) * camera.scale / 2 / 0.3)
        let colour = style.straps.colour.linear
        for path in paths {
            for (a, b) in zip(path.knots, path.knots.dropFirst()) where max(a.visible, b.visible) > 0.01 {
                let x0 = max(0, Int(max(-1e6, min(1e6, min(a.x, b.x) - radius - 1))) - region.x)
                let x1 = min(
                    region.width - 1, Int(max(-1e6, min(1e6, max(a.x, b.x) + radius + 2))) - region.x)
                let y0 = max(0, Int(max(-1e6, min(1e6, min(a.y, b.y) - radius - 1))) - region.y)
                let y1 = min(
                    region.height - 1, Int(max(-1e6, min(1e6, max(a.y, b.y) + radius + 2))) - region.y)
                guard x0 <= x1, y0 <= y1 else { continue }
                let dx = b.x - a.x
                let dy = b.y - a.y
                let lengthSquared = max(dx * dx + dy * dy, 1e-6)
                for y in y0...y1 {
                    for x in x0...x1 {
                        let px = Float(x + region.x) - a.x
                        let py = Float(y + region.y) - a.y
                        let f = clamp((px * dx + py * dy) / lengthSquared, 0, 1)
                        let ex = px - f * dx
                        let ey = py - f * dy
                        let d = (ex * ex + ey * ey).squareRoot()
                        let cover = clamp(radius + 0.5 - d, 0, 1) * mix(a.visible, b.visible, f) * strength
                        let i = y * region.width + x
                        guard cover > planes[3][i] else { continue }
                        let across = min(d / radius, 1)
                        let shade = mix(a.shade, b.shade, f) * (1 - 0.45 * across * across)
                        let c = light.encode(colour * shade)
                        planes[0][i] = c.x * cover
                        planes[1][i] = c.y * cover
                        planes[2][i] = c.z * cover
                        planes[3][i] = cover
                    }
                }
            }
        }
        return planes
    }
}

/// The skin's surface as a grid in picture coordinates.
struct HeadGrid {
    static let columns = 29, rows = 21
    let positions: [Vector3]
    let attributes: [SIMD8<Float>]

    private static let table: [(point: Vector3, azimuth: Float, height: Float)] = {
        var out: [(point: Vector3, azimuth: Float, height: Float)] = []
        let surface = HeadSurface.shared
        for row in 0..<rows {
            for column in 0..<columns {
                let azimuth = (Float(column) / Float(columns - 1) * 210 - 105) * .pi / 180
                let height = -0.4 + Float(row) / Float(rows - 1) * 3.2
                out.append(
                    (
                        HeadSurface.point(
                            azimuth: azimuth, height: height,
                            radius: surface.face.radius(azimuth: azimuth, height: height)), azimuth, height
                    ))
            }
        }
        return out
    }()

    init(_ camera: FaceCamera) {
        positions = Self.table.map { camera.project($0.point, azimuth: $0.azimuth, height: $0.height) }
        attributes = [SIMD8<Float>](repeating: .zero, count: positions.count)
    }
}
