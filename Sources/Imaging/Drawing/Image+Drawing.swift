/// Drawing. Coordinates are pixels, the centre of pixel (i, j) at (i, j); edges are antialiased; what lies outside is clipped, and
/// shapes with infinite or undefined coordinates are not drawn.
extension Image {
    /// Covers the pixels x ..< x + width, y ..< y + height (fractions of pixels in part).
    public mutating func fill(_ rect: Rect, colour: Colour) {
        let (left, top) = (rect.x - 0.5, rect.y - 0.5)
        let (right, bottom) = (left + rect.width, top + rect.height)
        fillPolygon(
            [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)], colour: colour)
    }

    /// The inside of a closed outline (non-zero winding rule).
    public mutating func fillPolygon(_ points: [Point], colour: Colour) {
        guard points.count >= 3,
            var coverage = Coverage(around: points, margin: 0, imageWidth: width, imageHeight: height)
        else { return }
        coverage.addPolygon([points])
        blend(coverage, colour)
    }

    public mutating func fillCircle(centre: Point, radius: Double, colour: Colour) {
        drawPolyline([centre, centre], colour: colour, width: 2 * radius)
    }

    public mutating func drawLine(from: Point, to: Point, colour: Colour, width lineWidth: Double = 1) {
        drawPolyline([from, to], colour: colour, width: lineWidth)
    }

    /// A line through all points with round ends and joints.
    /// - Parameters:
    ///   - closed: whether the last point is joined to the first.
    ///   - dash: lengths of strokes and gaps in turn, in pixels; empty for an unbroken line.
    public mutating func drawPolyline(
        _ points: [Point], closed: Bool = false, colour: Colour, width lineWidth: Double = 1,
        dash: [Double] = []
    ) {
        let path = closed ? points + points.prefix(1) : points
        draw(strokes: dash.isEmpty ? [path] : dashed(path, dash), colour: colour, width: lineWidth)
    }

    /// A frame whose outer edge is that of the pixels x ..< x + width, y ..< y + height.
    public mutating func drawRectangle(_ rect: Rect, colour: Colour, width lineWidth: Double = 1) {
        let t = min(lineWidth, rect.width / 2, rect.height / 2)
        guard t > 0 else { return }
        fill(Rect(x: rect.x, y: rect.y, width: rect.width, height: t), colour: colour)
        fill(Rect(x: rect.x, y: rect.y + rect.height - t, width: rect.width, height: t), colour: colour)
        let between = rect.height - 2 * t
        guard between > 0 else { return }
        fill(Rect(x: rect.x, y: rect.y + t, width: t, height: between), colour: colour)
        fill(Rect(x: rect.x + rect.width - t, y: rect.y + t, width: t, height: between), colour: colour)
    }

    /// Puts another image on this one, its first pixel at (x, y); alpha is composed, parts outside are clipped.
    public mutating func paste(_ other: Image, x: Int, y: Int) {
        let columns = max(0, -x)..<max(max(0, -x), min(other.width, width - x))
        let rows = max(0, -y)..<max(max(0, -y), min(other.height, height - y))
        guard !columns.isEmpty, !rows.isEmpty else { return }
        let source = other.channels == channels || other.channels == 4 ? other : other.rgb()
        if source.channels == channels, channels != 4 {
            for row in rows {
                let from = (row * source.width + columns.lowerBound) * channels
                let to = ((y + row) * width + x + columns.lowerBound) * channels
                let count = columns.count * channels
                pixels.replaceSubrange(to..<(to + count), with: source.pixels[from..<(from + count)])
            }
            return
        }
        for row in rows {
            for column in columns {
                let at = (row * source.width + column) * source.channels
                let opaque = source.channels == 4 ? source.pixels[at + 3] : 255
                mix(
                    Colour(source.pixels[at], source.pixels[at + 1], source.pixels[at + 2]),
                    Float(opaque) / 255, at: ((y + row) * width + x + column) * channels)
            }
        }
    }

    /// Draws several open paths as one shape.
    mutating func draw(strokes: [[Point]], colour: Colour, width lineWidth: Double) {
        guard lineWidth > 0,
            var coverage = Coverage(
                around: strokes.flatMap { $0 }, margin: lineWidth / 2 + 1, imageWidth: width,
                imageHeight: height)
        else { return }
        for stroke in strokes {
            for (a, b) in zip(stroke, stroke.dropFirst()) {
                coverage.addSegment(a, b, halfWidth: lineWidth / 2)
            }
        }
        blend(coverage, colour)
    }

    private mutating func blend(_ coverage: Coverage, _ colour: Colour) {
        let opacity = Float(colour.alpha) / 255
        for y in 0..<coverage.height {
            for x in 0..<coverage.width {
                let cover = coverage.values[y * coverage.width + x] * opacity
                if cover > 0 {
                    mix(colour, cover, at: ((y + coverage.top) * width + x + coverage.left) * channels)
                }
            }
        }
    }

    /// Composes a colour over the pixel whose first value is at `at`.
    private mutating func mix(_ colour: Colour, _ cover: Float, at: Int) {
        func mixed(_ old: UInt8, _ new: UInt8, _ share: Float) -> UInt8 {
            UInt8(min(255, max(0, Float(old) + (Float(new) - Float(old)) * share + 0.5)))
        }
        guard channels > 1 else {
            pixels[at] = mixed(pixels[at], colour.luma, cover)
            return
        }
        var share = cover
        if channels == 4 {
            // Over a transparent ground the new colour counts in full.
            let below = Float(pixels[at + 3]) / 255
            let alpha = cover + below * (1 - cover)
            share = alpha > 0 ? cover / alpha : 0
            pixels[at + 3] = UInt8(min(255, alpha * 255 + 0.5))
        }
        pixels[at] = mixed(pixels[at], colour.red, share)
        pixels[at + 1] = mixed(pixels[at + 1], colour.green, share)
        pixels[at + 2] = mixed(pixels[at + 2], colour.blue, share)
    }

    private func dashed(_ path: [Point], _ dash: [Double]) -> [[Point]] {
        guard dash.allSatisfy({ $0 > 0 }) else { return [path] }
        var strokes: [[Point]] = []
        var index = 0
        var left = dash[0]
        var current = path.prefix(1).map { $0 }
        for (a, b) in zip(path, path.dropFirst()) {
            let length = (b - a).length
            guard length.isFinite, length > 0 else { continue }
            var done = 0.0
            while length - done > left {
                done += left
                let p = a + (b - a) * (done / length)
                if index % 2 == 0 {
                    current.append(p)
                    strokes.append(current)
                }
                current = [p]
                index += 1
                left = dash[index % dash.count]
            }
            left -= length - done
            if index % 2 == 0 { current.append(b) }
        }
        if index % 2 == 0, current.count > 1 { strokes.append(current) }
        return strokes
    }
}
