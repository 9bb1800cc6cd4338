extension FloatImage {
    /// The largest value within a disc of `radius` pixels; below 1 leaves the image as it is.
    public func dilated(radius: Double) -> FloatImage {
        guard radius >= 1 else { return self }
        let reach = Int(min(radius, Double(width + height)))
        var out = FloatImage(width: width, height: height, channels: channels, fill: -.infinity)
        let (w, h) = (width, height)
        // Rows of the disc with the same half-width share one running maximum.
        var rows: [Int: [Int]] = [:]
        for dy in -reach...reach {
            rows[Int(max(0, radius * radius - Double(dy * dy)).squareRoot()), default: []].append(dy)
        }
        var widened = [Float](repeating: 0, count: w * h)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                widened.withUnsafeMutableBufferPointer { widened in
                    for c in 0..<channels {
                        let plane = UnsafeBufferPointer(rebasing: source[(c * w * h)..<((c + 1) * w * h)])
                        for (half, offsets) in rows {
                            Self.rowMaximum(plane, widened, w, h, min(half, w))
                            for dy in offsets {
                                for y in max(0, -dy)..<max(max(0, -dy), min(h, h - dy)) {
                                    let to = (c * h + y) * w
                                    let from = (y + dy) * w
                                    for x in 0..<w {
                                        // `max` for floats minds NaN and does not vectorise.
                                        let value = widened[from + x]
                                        target[to + x] = target[to + x] < value ? value : target[to + x]
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return out
    }

    /// The smallest value within a disc of `radius` pixels; below 1 leaves the image as it is.
    public func eroded(radius: Double) -> FloatImage {
        guard radius >= 1 else { return self }
        var negative = self
        for i in negative.data.indices { negative.data[i] = -negative.data[i] }
        var out = negative.dilated(radius: radius)
        for i in out.data.indices { out.data[i] = -out.data[i] }
        return out
    }

    /// Eroded, then dilated: removes specks smaller than the disc.
    public func opened(radius: Double) -> FloatImage { eroded(radius: radius).dilated(radius: radius) }

    /// Dilated, then eroded: fills holes smaller than the disc.
    public func closed(radius: Double) -> FloatImage { dilated(radius: radius).eroded(radius: radius) }

    /// Largest value within `half` pixels to either side, in every row (van Herk 1992: three comparisons per pixel).
    private static func rowMaximum(
        _ source: UnsafeBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<Float>, _ w: Int, _ h: Int,
        _ half: Int
    ) {
        guard half > 0 else {
            _ = target.update(from: source)
            return
        }
        let window = 2 * half + 1
        let padded = (w + 2 * half + window - 1) / window * window
        var forwards = [Float](repeating: -.infinity, count: padded)
        var backwards = forwards
        forwards.withUnsafeMutableBufferPointer { forwards in
            backwards.withUnsafeMutableBufferPointer { backwards in
                for y in 0..<h {
                    for i in 0..<padded {
                        let x = i - half
                        let value = x >= 0 && x < w ? source[y * w + x] : -.infinity
                        forwards[i] = i % window == 0 ? value : max(forwards[i - 1], value)
                    }
                    for i in (0..<padded).reversed() {
                        let x = i - half
                        let value = x >= 0 && x < w ? source[y * w + x] : -.infinity
                        backwards[i] = i % window == window - 1 ? value : max(backwards[i + 1], value)
                    }
                    for x in 0..<w { target[y * w + x] = max(backwards[x], forwards[x + window - 1]) }
                }
            }
        }
    }
}
