import Foundation

/// The mask as a grid of vertices on one person's head, ready to be drawn.
struct MaskMesh {
    /// x, y in picture pixels, z towards the camera in pixels.
    var positions: [Vector3]
    /// u (-1…1 across), v (0…1 down), s and t (the same along the fabric, eye distances, from the middle of the upper edge), shading,
    /// its derivatives for relief along s and t, and the fabric's unevenness as a factor.
    var attributes: [SIMD8<Float>]
    let columns: Int
    let rows: Int

    init(
        _ style: MaskStyle, _ camera: FaceCamera, _ light: FaceLight, wrinkleSeed: UInt64, columns: Int,
        rows: Int
    ) {
        let surface = HeadSurface.shared
        let form = MaskForm(style, wrinkleSeed: wrinkleSeed)
        let count = columns * rows
        var world = [Vector3](repeating: .zero, count: count)
        var angles = [SIMD2<Float>](repeating: .zero, count: count)
        positions = [Vector3](repeating: .zero, count: count)
        attributes = [SIMD8<Float>](repeating: .zero, count: count)
        self.columns = columns
        self.rows = rows
        for row in 0..<rows {
            let v = Float(row) / Float(rows - 1)
            for column in 0..<columns {
                let u = 2 * Float(column) / Float(columns - 1) - 1
                let (azimuth, height, radius) = form.place(u: u, v: v, on: surface)
                let p = HeadSurface.point(azimuth: azimuth, height: height, radius: radius)
                let i = row * columns + column
                world[i] = p
                angles[i] = SIMD2(azimuth, height)
                positions[i] = camera.project(p, azimuth: azimuth, height: height)
                attributes[i][0] = u
                attributes[i][1] = v
            }
        }
        measureFabric(world)
        let contrast = Float(style.rendering.contrast)
        let uneven = 0.16 * Float(style.texture.grain)
        let noiseSeed = UInt32(truncatingIfNeeded: wrinkleSeed)
        for row in 0..<rows {
            for column in 0..<columns {
                let i = row * columns + column
                let left = positions[row * columns + max(column - 1, 0)]
                let right = positions[row * columns + min(column + 1, columns - 1)]
                let up = positions[max(row - 1, 0) * columns + column]
                let down = positions[min(row + 1, rows - 1) * columns + column]
                let across = right - left
                let along = down - up
                let n = normalised(cross(across, along))
                let (value, gradient) = light.shade(n)
                let cast = light.shadow(azimuth: angles[i].x, height: angles[i].y)
                // Fabric scatters light forward and backward, so its shading is softer than the skin fit at grazing angles.
                let lit = clamp(1 + (value - 1) * contrast, 0.18, 1.9) * cast
                attributes[i][4] = lit
                attributes[i][7] =
                    1 + uneven
                    * (NoiseLattice.value(attributes[i][2] * 6, attributes[i][3] * 6, seed: noiseSeed) - 0.5)
                // Relief shows even under frontal light because rooms are lit from above.
                attributes[i][5] = -contrast * (dot(gradient, normalised(across)) * 0.9)
                attributes[i][6] = -contrast * (dot(gradient, normalised(along)) * 0.9 - 0.22)
            }
        }
    }

    /// Lengths along the fabric, from the middle column outwards and from the upper edge down.
    private mutating func measureFabric(_ world: [Vector3]) {
        let middle = columns / 2
        for row in 0..<rows {
            let base = row * columns
            var s: Float = 0
            for c in (middle + 1)..<columns {
                s += length(world[base + c] - world[base + c - 1])
                attributes[base + c][2] = s
            }
            s = 0
            for c in stride(from: middle - 1, through: 0, by: -1) {
                s -= length(world[base + c] - world[base + c + 1])
                attributes[base + c][2] = s
            }
        }
        for c in 0..<columns {
            var t: Float = 0
            for row in 1..<rows {
                t += length(world[row * columns + c] - world[(row - 1) * columns + c])
                attributes[row * columns + c][3] = t
            }
        }
    }

    /// Length along the fabric at the grid point nearest to (u, v).
    func fabric(u: Float, v: Float) -> SIMD2<Float> {
        let c = min(columns - 1, max(0, Int((u + 1) / 2 * Float(columns - 1) + 0.5)))
        let r = min(rows - 1, max(0, Int(v * Float(rows - 1) + 0.5)))
        let a = attributes[r * columns + c]
        return SIMD2(a[2], a[3])
    }
}
