import Foundation
import Imaging
import Testing

@Suite struct ContourTests {
    @Test func discIsOutlined() throws {
        var image = FloatImage(width: 40, height: 30, channels: 1)
        for y in 0..<30 {
            for x in 0..<40 {
                // A soft edge of one pixel around a circle of radius 10.
                let distance = hypot(Double(x) - 19, Double(y) - 14)
                image.data[y * 40 + x] = Float(min(1, max(0, 10.5 - distance)))
            }
        }
        let outlines = image.contours(at: 0.5)
        #expect(outlines.count == 1)
        let outline = try #require(outlines.first)
        for point in outline { #expect(abs(hypot(point.x - 19, point.y - 14) - 10) < 0.15) }
        // The shoelace formula gives the circle's area.
        var area = 0.0
        for (a, b) in zip(outline, outline.dropFirst() + [outline[0]]) { area += a.x * b.y - b.x * a.y }
        #expect(abs(abs(area) / 2 - .pi * 100) < 6)
    }

    @Test func holesPartsAndBordersAreClosed() {
        var image = FloatImage(width: 12, height: 8, channels: 1)
        // A ring, a full corner, and two pixels that touch at a corner.
        for (x, y) in [(1, 1), (2, 1), (3, 1), (1, 2), (3, 2), (1, 3), (2, 3), (3, 3)] {
            image.data[y * 12 + x] = 1
        }
        for (x, y) in [(10, 0), (11, 0), (10, 1), (11, 1), (6, 5), (7, 6)] { image.data[y * 12 + x] = 1 }
        let outlines = image.contours(at: 0.5)
        // The ring's outside and inside, the corner, and the pair: its middle is at the level, so that it is one part.
        #expect(outlines.count == 4)
        for outline in outlines {
            for (a, b) in zip(outline, outline.dropFirst() + [outline[0]]) {
                #expect(hypot(a.x - b.x, a.y - b.y) <= 1.0001)
            }
        }
        #expect(FloatImage(width: 3, height: 3, channels: 1).contours(at: 0.5).isEmpty)
        var full = FloatImage(width: 3, height: 3, channels: 1)
        for index in full.data.indices { full.data[index] = 1 }
        let frame = full.contours(at: 0.5)
        #expect(frame.count == 1 && frame[0].map(\.x).min() == -0.5 && frame[0].map(\.y).max() == 2.5)
    }
}
