extension FloatImage {
    /// 1 where a value is at least `threshold`, else 0.
    public func thresholded(_ threshold: Float) -> FloatImage {
        var out = self
        for i in out.data.indices { out.data[i] = data[i] >= threshold ? 1 : 0 }
        return out
    }

    /// Keeps the regions (pixels of at least 0.5 that touch at an edge) in which a pixel of `seeds` is at least 0.5 too; all else becomes 0.
    /// - Parameter seeds: [1, h, w], of the same size; the image has one channel as well.
    public func connected(to seeds: FloatImage) -> FloatImage {
        precondition(
            channels == 1 && seeds.channels == 1 && seeds.width == width && seeds.height == height,
            "regions: expected one channel and one size")
        var out = FloatImage(width: width, height: height, channels: 1)
        var open: [Int] = []
        func visit(_ i: Int) {
            guard data[i] >= 0.5, out.data[i] == 0 else { return }
            out.data[i] = data[i]
            open.append(i)
        }
        for i in data.indices where seeds.data[i] >= 0.5 { visit(i) }
        while let i = open.popLast() {
            let x = i % width
            if x > 0 { visit(i - 1) }
            if x < width - 1 { visit(i + 1) }
            if i >= width { visit(i - width) }
            if i < width * (height - 1) { visit(i + width) }
        }
        return out
    }

    /// 1 where the image is at least 0.5, and in its holes: where no way leads to the border around it; else 0.
    public func filled() -> FloatImage {
        precondition(channels == 1, "holes: expected one channel")
        var open = FloatImage(width: width, height: height, channels: 1)
        var border = open
        for i in data.indices {
            let (x, y) = (i % width, i / width)
            open.data[i] = data[i] >= 0.5 ? 0 : 1
            border.data[i] = x == 0 || y == 0 || x == width - 1 || y == height - 1 ? 1 : 0
        }
        var out = open.connected(to: border)
        for i in out.data.indices { out.data[i] = 1 - out.data[i] }
        return out
    }
}
