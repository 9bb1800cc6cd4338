import Foundation
import Imaging
import Testing

@Suite struct DrawingTests {
    /// The inked area in pixels of a black drawing on white.
    private func ink(_ image: Image) -> Double {
        image.pixels.reduce(0) { $0 + Double(255 - Int($1)) } / 255 / Double(image.channels)
    }

    private func sheet(_ side: Int = 80, channels: Int = 1) -> Image {
        Image(width: side, height: side, channels: channels, fill: 255)
    }

    @Test func polygonsCoverTheirArea() {
        for points in [
            [Point(10.3, 12.1), Point(60.7, 20.9), Point(33.4, 66.6)],
            [Point(5, 5), Point(70.25, 9), Point(64, 71.5), Point(20, 40)],
        ] {
            var image = sheet()
            image.fillPolygon(points, colour: .black)
            var area = 0.0
            for (a, b) in zip(points, points.dropFirst() + points.prefix(1)) {
                area += (a.x * b.y - b.x * a.y) / 2
            }
            #expect(abs(ink(image) - abs(area)) < 0.005 * abs(area))
        }
    }

    @Test func nonZeroWindingFillsOverlaps() {
        // A pentagram drawn in one stroke: its middle is inside.
        let star = (0..<5).map { k in
            let angle = Double(k) * 4 * Double.pi / 5
            return Point(40 + 35 * sin(angle), 40 - 35 * cos(angle))
        }
        var image = sheet()
        image.fillPolygon(star, colour: .black)
        #expect(image.pixels[40 * 80 + 40] == 0)
    }

    @Test func rectanglesCoverWholePixels() {
        var image = sheet(20)
        image.fill(Rect(x: 3, y: 5, width: 4, height: 2), colour: .black)
        for y in 0..<20 {
            for x in 0..<20 {
                #expect(image.pixels[y * 20 + x] == ((3..<7).contains(x) && (5..<7).contains(y) ? 0 : 255))
            }
        }
        var frame = sheet(20)
        frame.drawRectangle(Rect(x: 3, y: 5, width: 10, height: 8), colour: .black, width: 2)
        #expect(ink(frame) == 80 - 6 * 4)
        #expect(frame.pixels[9 * 20 + 8] == 255 && frame.pixels[5 * 20 + 3] == 0)
        var half = sheet(20)
        half.fill(Rect(x: 3.5, y: 5, width: 1, height: 1), colour: .black)
        #expect(abs(Int(half.pixels[5 * 20 + 3]) - 128) <= 1 && abs(Int(half.pixels[5 * 20 + 4]) - 128) <= 1)
    }

    @Test func linesAndCirclesHaveTheirSize() {
        var image = sheet()
        image.drawLine(from: Point(15, 20), to: Point(60, 47), colour: .black, width: 5)
        let length = (45.0 * 45 + 27 * 27).squareRoot()
        let expected = 5 * length + Double.pi * 2.5 * 2.5
        #expect(abs(ink(image) - expected) < 0.02 * expected)
        var disc = sheet()
        disc.fillCircle(centre: Point(40.2, 39.7), radius: 20, colour: .black)
        #expect(abs(ink(disc) - Double.pi * 400) < 0.01 * Double.pi * 400)
    }

    @Test func dashesLeaveGaps() {
        var image = sheet(100)
        image.drawPolyline(
            [Point(0, 50), Point(50, 50), Point(99, 50)], colour: .black, width: 1, dash: [10, 10])
        let line = (0..<100).map { image.pixels[50 * 100 + $0] < 128 }
        #expect(line[5] && !line[15] && line[25] && !line[35] && line[85] && !line[95])
    }

    @Test func translucentColoursMix() {
        var image = Image(width: 4, height: 4, channels: 3, fill: 200)
        image.fill(Rect(x: 0, y: 0, width: 4, height: 4), colour: Colour(0, 100, 200, alpha: 128))
        #expect(
            abs(Int(image.pixels[0]) - 100) <= 1 && abs(Int(image.pixels[1]) - 150) <= 1
                && image.pixels[2] == 200)
        // On a transparent ground the colour counts in full.
        var clear = Image(width: 2, height: 2, channels: 4)
        clear.fill(Rect(x: 0, y: 0, width: 2, height: 2), colour: Colour(10, 100, 200, alpha: 128))
        #expect(clear.pixels.prefix(4) == [10, 100, 200, 128])
    }

    /// Nothing is drawn, nothing crashes.
    @Test func oddCoordinatesAreHarmless() {
        let before = sheet(30, channels: 3)
        var image = before
        for value in [Double.nan, .infinity, -1e300, 1e18] {
            image.drawLine(from: Point(value, 5), to: Point(value, 9), colour: .black)
            image.fillPolygon([Point(value, 1), Point(value, 2), Point(value, 9)], colour: .black)
            image.drawText("text", at: Point(value, value), size: 10)
            image.drawRectangle(Rect(x: value, y: 3, width: 4, height: 4), colour: .black)
        }
        image.drawText("beside", at: Point(500, 500), size: 10)
        image.paste(before, x: 30, y: 0)
        image.paste(before, x: -1000, y: -1000)
        image.drawLine(from: Point(1, 1), to: Point(2, 2), colour: .black, width: 0)
        #expect(image == before)
        // A line from far outside still crosses.
        image.drawLine(from: Point(-1e6, 15), to: Point(1e6, 15), colour: .black, width: 1)
        #expect((0..<30).allSatisfy { image.pixels[(15 * 30 + $0) * 3] == 0 })
    }

    @Test func pasteClipsAndConverts() throws {
        let photo = try pattern(10, 8)
        var image = Image(width: 12, height: 9, channels: 3, fill: 7)
        image.paste(photo, x: 5, y: -3)
        for y in 0..<9 {
            for x in 0..<12 {
                let inside = x >= 5 && y < 5
                for c in 0..<3 {
                    let expected = inside ? photo.pixels[((y + 3) * 10 + x - 5) * 3 + c] : 7
                    #expect(image.pixels[(y * 12 + x) * 3 + c] == expected)
                }
            }
        }
        image.paste(Image(width: 2, height: 2, channels: 1, fill: 99), x: 0, y: 0)
        #expect(image.pixels.prefix(6) == [99, 99, 99, 99, 99, 99])
        var clear = Image(width: 1, height: 1, channels: 4, fill: 0)
        clear.pixels[0] = 255
        image.paste(clear, x: 0, y: 0)
        #expect(image.pixels.prefix(3) == [99, 99, 99])
    }

    /// Every printable ASCII character has a shape of its own.
    @Test func everyCharacterIsDistinct() {
        var seen: [[UInt8]: Character] = [:]
        for code in UInt8(33)...126 {
            let character = Character(UnicodeScalar(code))
            var image = Image(width: 30, height: 40, channels: 1, fill: 255)
            image.drawText(String(character), at: Point(5, 28), size: 18)
            #expect(ink(image) > 2, "\(character) is not drawn")
            if let other = seen[image.pixels] { Issue.record("\(character) looks like \(other)") }
            seen[image.pixels] = character
        }
        #expect(seen.count == 94)
    }

    @Test func textLiesWhereItIsAsked() {
        let size = 14.0
        var image = Image(width: 200, height: 60, channels: 1, fill: 255)
        image.drawText("HEIGHT", at: Point(100, 40), size: size, alignment: .centre)
        let rows = (0..<60).filter { y in (0..<200).contains { image.pixels[y * 200 + $0] < 128 } }
        let columns = (0..<200).filter { x in (0..<60).contains { image.pixels[$0 * 200 + x] < 128 } }
        // Strokes stand out by half their width over the base line and the capitals' height.
        #expect(abs((rows.first ?? 0) - 26) <= 1 && abs((rows.last ?? 0) - 40) <= 1)
        let middle = Double((columns.first ?? 0) + (columns.last ?? 0)) / 2
        #expect(abs(middle - 100) <= 1.5)
        let width = Image.textWidth("HEIGHT", size: size)
        #expect(
            Double(columns.count) <= width && Double((columns.last ?? 0) - (columns.first ?? 0)) > width - 8)
        #expect(abs(Image.textWidth("HEIGHT", size: 28) - 2 * width) < 1e-9)
    }

    @Test func accentsFallBackToPlainLetters() {
        var plain = sheet()
        plain.drawText("Zurich", at: Point(5, 40), size: 12)
        var accented = sheet()
        accented.drawText("Zürich", at: Point(5, 40), size: 12)
        #expect(plain == accented)
    }
}
