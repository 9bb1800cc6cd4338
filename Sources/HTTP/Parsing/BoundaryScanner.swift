/// Finds a short mark in a long body (Horspool 1980), in one pass.
struct BoundaryScanner {
    private let body: [UInt8]
    private let mark: [UInt8]
    /// How far to move on, by the byte under the mark's last one.
    private let shift: [Int]

    init(_ body: [UInt8], mark: [UInt8]) {
        self.body = body
        self.mark = mark
        var shift = [Int](repeating: mark.count, count: 256)
        for (index, byte) in mark.dropLast().enumerated() { shift[Int(byte)] = mark.count - 1 - index }
        self.shift = shift
    }

    /// Where the mark lies next, at `start` or behind it.
    func next(from start: Int) -> Range<Int>? {
        body.withUnsafeBufferPointer { body in
            var position = start
            while position + mark.count <= body.count {
                var matched = mark.count - 1
                while matched >= 0, body[position + matched] == mark[matched] { matched -= 1 }
                if matched < 0 { return position..<(position + mark.count) }
                position += shift[Int(body[position + mark.count - 1])]
            }
            return nil
        }
    }
}
