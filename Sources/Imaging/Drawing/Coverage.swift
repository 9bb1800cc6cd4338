/// How much of each pixel a shape covers (0…1), over the part of an image that the shape touches.
struct Coverage {
    let left: Int
    let top: Int
    let width: Int
    let height: Int
    private(set) var values: [Float]

    /// Nil when nothing within `margin` of the points lies on an image of `imageWidth` x `imageHeight`.
    init?(around points: [Point], margin: Double, imageWidth: Int, imageHeight: Int) {
        let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
        guard let first = finite.first else { return nil }
        var (low, high) = (first, first)
        for p in finite {
            low = Point(min(low.x, p.x), min(low.y, p.y))
            high = Point(max(high.x, p.x), max(high.y, p.y))
        }
        // Clamped as floating point, because a far away point does not fit an Int.
        func pixel(_ value: Double, _ count: Int) -> Int { Int(min(max(value, -1), Double(count))) }
        left = max(0, pixel((low.x - margin - 0.5).rounded(.down), imageWidth))
        top = max(0, pixel((low.y - margin - 0.5).rounded(.down), imageHeight))
        let right = min(imageWidth - 1, pixel((high.x + margin + 0.5).rounded(.up), imageWidth))
        let bottom = min(imageHeight - 1, pixel((high.y + margin + 0.5).rounded(.up), imageHeight))
        guard left <= right, top <= bottom else { return nil }
        width = right - left + 1
        height = bottom - top + 1
        values = [Float](repeating: 0, count: width * height)
    }

    /// A segment with round ends. Shapes drawn into one coverage are united, so that joints are not darker.
    mutating func addSegment(_ a: Point, _ b: Point, halfWidth: Double) {
        guard a.x.isFinite, a.y.isFinite, b.x.isFinite, b.y.isFinite else { return }
        let along = b - a
        let squared = along.x * along.x + along.y * along.y
        let reach = halfWidth + 0.5
        /// Indices from `low` to `high` within 0 ..< count, rounded outwards.
        func indices(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
            let start = Int(min(max(low.rounded(.down), 0), Double(count)))
            return start..<max(start, Int(min(max(high.rounded(.up) + 1, 0), Double(count))))
        }
        let x0 = Double(left)
        let y0 = Double(top)
        let columns = indices(min(a.x, b.x) - reach - x0, max(a.x, b.x) + reach - x0, width)
        let rows = indices(min(a.y, b.y) - reach - y0, max(a.y, b.y) + reach - y0, height)
        // A line thinner than a pixel gets fainter, not thinner.
        let strength = min(1, 2 * halfWidth)
        let edge = max(halfWidth, 0.5) + 0.5
        for y in rows {
            for x in columns {
                let p = Point(Double(x + left), Double(y + top)) - a
                let t = squared > 0 ? min(max((p.x * along.x + p.y * along.y) / squared, 0), 1) : 0
                let cover = Float(min(max(edge - (p - along * t).length, 0), 1) * strength)
                let at = y * width + x
                if cover > values[at] { values[at] = cover }
            }
        }
    }

    /// The inside of closed contours by the non-zero winding rule, in sixteen sub-scanlines with exact horizontal coverage.
    mutating func addPolygon(_ contours: [[Point]]) {
        let steps = 16
        var edges: [(low: Point, high: Point, winding: Int)] = []
        for contour in contours where contour.count >= 3 {
            guard contour.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { continue }
            for (index, a) in contour.enumerated() {
                let b = contour[(index + 1) % contour.count]
                if a.y < b.y { edges.append((a, b, 1)) } else if a.y > b.y { edges.append((b, a, -1)) }
            }
        }
        var line = [Float](repeating: 0, count: width)
        var crossings: [(x: Double, winding: Int)] = []
        for y in 0..<height {
            for x in 0..<width { line[x] = 0 }
            for step in 0..<steps {
                // A pixel reaches from half a pixel above its centre to half a pixel below.
                let scan = Double(y + top) - 0.5 + (Double(step) + 0.5) / Double(steps)
                crossings.removeAll(keepingCapacity: true)
                for edge in edges where edge.low.y <= scan && scan < edge.high.y {
                    let t = (scan - edge.low.y) / (edge.high.y - edge.low.y)
                    crossings.append((edge.low.x + t * (edge.high.x - edge.low.x), edge.winding))
                }
                crossings.sort { $0.x < $1.x }
                var winding = 0
                for (index, crossing) in crossings.enumerated() {
                    winding += crossing.winding
                    guard winding != 0, index + 1 < crossings.count else { continue }
                    addSpan(from: crossing.x, to: crossings[index + 1].x, weight: 1 / Float(steps), to: &line)
                }
            }
            for x in 0..<width {
                values[y * width + x] = max(values[y * width + x], min(1, line[x]))
            }
        }
    }

    private func addSpan(from: Double, to: Double, weight: Float, to line: inout [Float]) {
        // Pixel edges, counted from the left edge of the first pixel.
        let start = min(max(from - Double(left) + 0.5, 0), Double(width))
        let end = min(max(to - Double(left) + 0.5, 0), Double(width))
        guard end > start else { return }
        let (first, last) = (Int(start), min(Int(end), width - 1))
        guard first <= last else { return }
        for x in first...last {
            let covered = min(end, Double(x + 1)) - max(start, Double(x))
            if covered > 0 { line[x] += Float(covered) * weight }
        }
    }
}
