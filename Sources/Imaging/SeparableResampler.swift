/// Resizes by filtering columns, then rows; only one row of floats is held at a time.
struct SeparableResampler {
    private let columns: Taps
    private let rows: Taps
    private let width: Int
    private let newWidth: Int
    private let newHeight: Int

    init(width: Int, height: Int, newWidth: Int, newHeight: Int, filter: ResizeFilter) {
        columns = Taps(from: width, to: newWidth, filter: filter)
        rows = Taps(from: height, to: newHeight, filter: filter)
        self.width = width
        self.newWidth = newWidth
        self.newHeight = newHeight
    }

    /// - Parameters:
    ///   - channels: values per pixel, interleaved.
    ///   - add: adds `weight` times a source row to the accumulator.
    ///   - store: takes a finished row.
    func run(
        channels: Int, add: (_ row: Int, _ weight: Float, UnsafeMutablePointer<Float>) -> Void,
        store: (_ row: Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        var line = [Float](repeating: 0, count: width * channels)
        var result = [Float](repeating: 0, count: newWidth * channels)
        line.withUnsafeMutableBufferPointer { line in
            result.withUnsafeMutableBufferPointer { result in
                guard let line = line.baseAddress, let result = result.baseAddress else { return }
                for y in 0..<newHeight {
                    line.update(repeating: 0, count: width * channels)
                    for tap in rows.offsets[y]..<rows.offsets[y + 1] {
                        add(rows.starts[y] + tap - rows.offsets[y], rows.weights[tap], line)
                    }
                    filterRow(line, result, channels)
                    store(y, result)
                }
            }
        }
    }

    private func filterRow(
        _ line: UnsafeMutablePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ channels: Int
    ) {
        columns.weights.withUnsafeBufferPointer { weights in
            columns.offsets.withUnsafeBufferPointer { offsets in
                columns.starts.withUnsafeBufferPointer { starts in
                    for x in 0..<newWidth {
                        let (first, last) = (offsets[x], offsets[x + 1])
                        switch channels {
                        case 1:
                            var sum: Float = 0
                            for tap in first..<last { sum += weights[tap] * line[starts[x] + tap - first] }
                            result[x] = sum
                        case 3:
                            var (r, g, b): (Float, Float, Float) = (0, 0, 0)
                            var at = starts[x] * 3
                            for tap in first..<last {
                                let weight = weights[tap]
                                r += weight * line[at]
                                g += weight * line[at + 1]
                                b += weight * line[at + 2]
                                at += 3
                            }
                            result[3 * x] = r
                            result[3 * x + 1] = g
                            result[3 * x + 2] = b
                        default:
                            for c in 0..<channels {
                                var sum: Float = 0
                                for tap in first..<last {
                                    sum += weights[tap] * line[(starts[x] + tap - first) * channels + c]
                                }
                                result[x * channels + c] = sum
                            }
                        }
                    }
                }
            }
        }
    }

    /// Result pixel i is the sum of `weights[offsets[i] ..< offsets[i + 1]]` times the source pixels from `starts[i]` on.
    private struct Taps {
        var starts: [Int] = []
        var offsets: [Int] = [0]
        var weights: [Float] = []

        init(from: Int, to: Int, filter: ResizeFilter) {
            let scale = Double(from) / Double(to)
            let stretch = max(1, scale)
            let radius = filter.support * stretch
            for index in 0..<to {
                let centre = (Double(index) + 0.5) * scale
                let low = min(max(0, Int(centre - radius + 0.5)), from - 1)
                let high = max(min(from, Int(centre + radius + 0.5)), low + 1)
                let row = (low..<high).map { filter.weight((Double($0) - centre + 0.5) / stretch) }
                let total = row.reduce(0, +)
                starts.append(low)
                weights += row.map { Float(total != 0 ? $0 / total : 1 / Double(row.count)) }
                offsets.append(weights.count)
            }
        }
    }
}
