extension FloatImage {
    /// Closed outlines of where the first channel is at least `level`, by marching squares (Lorensen & Cline 1987, in the plane):
    /// points between pixel centres, interpolated linearly; outside the image the value is 0.
    /// - Parameter level: above 0.
    /// - Returns: the outlines from the longest to the shortest; neighbouring points are at most a pixel apart.
    public func contours(at level: Float) -> [[Point]] {
        /// A grid edge that an outline crosses: from (x, y) to the right or downwards.
        struct Edge: Hashable {
            let x: Int
            let y: Int
            let isVertical: Bool
        }
        func value(_ x: Int, _ y: Int) -> Float {
            x >= 0 && x < width && y >= 0 && y < height ? data[y * width + x] : 0
        }
        func point(_ edge: Edge) -> Point {
            let a = value(edge.x, edge.y)
            let b = edge.isVertical ? value(edge.x, edge.y + 1) : value(edge.x + 1, edge.y)
            let t = a == b ? 0.5 : Double((level - a) / (b - a))
            return edge.isVertical
                ? Point(Double(edge.x), Double(edge.y) + t) : Point(Double(edge.x) + t, Double(edge.y))
        }
        var links: [Edge: [Edge]] = [:]
        var order: [Edge] = []
        func join(_ a: Edge, _ b: Edge) {
            if links[a] == nil { order.append(a) }
            links[a, default: []].append(b)
            links[b, default: []].append(a)
        }
        for y in -1..<height {
            for x in -1..<width {
                let corners = [value(x, y), value(x + 1, y), value(x + 1, y + 1), value(x, y + 1)]
                let inside = corners.map { $0 >= level }
                let top = Edge(x: x, y: y, isVertical: false)
                let bottom = Edge(x: x, y: y + 1, isVertical: false)
                let left = Edge(x: x, y: y, isVertical: true)
                let right = Edge(x: x + 1, y: y, isVertical: true)
                let sides = [top, right, bottom, left]
                let crossed = (0..<4).filter { inside[$0] != inside[($0 + 1) % 4] }
                if crossed.count == 2 {
                    join(sides[crossed[0]], sides[crossed[1]])
                } else if crossed.count == 4 {
                    // A saddle: the middle decides which corners belong together.
                    let isJoined = corners.reduce(0, +) / 4 >= level
                    if inside[0] == isJoined {
                        join(top, right)
                        join(bottom, left)
                    } else {
                        join(top, left)
                        join(right, bottom)
                    }
                }
            }
        }
        var seen: Set<Edge> = []
        var outlines: [[Point]] = []
        for start in order where !seen.contains(start) {
            var outline: [Point] = []
            var current: Edge? = start
            while let edge = current {
                seen.insert(edge)
                outline.append(point(edge))
                current = links[edge]?.first { !seen.contains($0) }
            }
            outlines.append(outline)
        }
        return outlines.sorted { $0.count > $1.count }
    }
}
