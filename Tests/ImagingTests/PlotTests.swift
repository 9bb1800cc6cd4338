import Foundation
import Imaging
import Testing

@Suite struct PlotTests {
    private func isNear(_ image: Image, _ x: Int, _ y: Int, _ colour: Colour) -> Bool {
        let at = (y * image.width + x) * 3
        return abs(Int(image.pixels[at]) - Int(colour.red))
            + abs(Int(image.pixels[at + 1]) - Int(colour.green))
            + abs(Int(image.pixels[at + 2]) - Int(colour.blue)) < 60
    }

    /// Columns and rows of the dark frame around the curves.
    private func frame(_ image: Image) throws -> (left: Int, right: Int, top: Int, bottom: Int) {
        func isDark(_ x: Int, _ y: Int) -> Bool { isNear(image, x, y, Colour(60, 60, 60)) }
        let columns = (0..<image.width).filter { x in
            (0..<image.height).filter { isDark(x, $0) }.count > image.height / 2
        }
        let rows = (0..<image.height).filter { y in
            (0..<image.width).filter { isDark($0, y) }.count > image.width / 2
        }
        return (
            try #require(columns.first), try #require(columns.last), try #require(rows.first),
            try #require(rows.last)
        )
    }

    private func centre(of colour: Colour, column x: Int, in image: Image) -> Double? {
        let rows = (0..<image.height).filter { isNear(image, x, $0, colour) }
        return rows.isEmpty ? nil : Double(rows.reduce(0, +)) / Double(rows.count)
    }

    @Test func curvesLieWhereTheAxesSay() throws {
        var plot = Plot(xRange: 0...10, yRange: 0...100)
        plot.series = [Plot.Series("", points: [Point(0, 0), Point(10, 100)], colour: Colour(255, 0, 255))]
        let image = try plot.image()
        let frame = try frame(image)
        for share in [0.25, 0.5, 0.8] {
            let x = frame.left + Int((Double(frame.right - frame.left) * share).rounded())
            let y = try #require(centre(of: Colour(255, 0, 255), column: x, in: image))
            let expected = Double(frame.bottom) - share * Double(frame.bottom - frame.top)
            #expect(abs(y - expected) <= 2)
        }
    }

    @Test func logarithmicAxesSpaceDecadesEvenly() throws {
        var plot = Plot(xLabel: "x", yLabel: "y", xRange: 1e-4...1, yRange: 0...4)
        plot.hasLogarithmicX = true
        // y = 4 + log10(x) is a straight line on this axis; zero cannot be shown and breaks nothing.
        plot.series = [
            Plot.Series(
                "",
                points: [Point(0, 3)] + (0...40).map { Point(pow(10, Double($0) / 10 - 4), Double($0) / 10) },
                colour: Colour(255, 0, 255))
        ]
        let image = try plot.image()
        let frame = try frame(image)
        for share in [0.25, 0.5, 0.75] {
            let x = frame.left + Int((Double(frame.right - frame.left) * share).rounded())
            let y = try #require(centre(of: Colour(255, 0, 255), column: x, in: image))
            #expect(abs(y - (Double(frame.bottom) - share * Double(frame.bottom - frame.top))) <= 2)
        }
    }

    @Test func undefinedValuesBreakTheLine() throws {
        var plot = Plot(xRange: 0...4, yRange: 0...2)
        plot.series = [
            Plot.Series(
                "", points: [Point(0, 1), Point(1, 1), Point(2, .nan), Point(3, 1), Point(4, 1)],
                colour: Colour(255, 0, 255))
        ]
        let image = try plot.image()
        let frame = try frame(image)
        func isDrawn(_ share: Double) -> Bool {
            centre(
                of: Colour(255, 0, 255), column: frame.left + Int(Double(frame.right - frame.left) * share),
                in: image) != nil
        }
        #expect(isDrawn(0.125) && !isDrawn(0.5) && isDrawn(0.875))
    }

    @Test func curvesEndAtTheFrame() throws {
        var plot = Plot(title: "T", xLabel: "x", yLabel: "y", xRange: 0...1, yRange: 0...1)
        plot.series = [
            Plot.Series(
                "", points: [Point(-5, -20), Point(5, 20), Point(1e300, 0)], colour: Colour(255, 0, 255))
        ]
        let image = try plot.image()
        let frame = try frame(image)
        for y in 0..<image.height {
            for x in 0..<image.width
            where x < frame.left || x > frame.right || y < frame.top || y > frame.bottom {
                #expect(!isNear(image, x, y, Colour(255, 0, 255)))
            }
        }
    }

    @Test(arguments: [
        [], [Point(0, 0)], [Point(3, 7), Point(3, 7)], [Point(.nan, .infinity)],
        [Point(-1e12, 1e-12), Point(1e12, 2e-12)],
    ])
    func anyDataGivesAPlot(_ points: [Point]) throws {
        for isLogarithmic in [false, true] {
            var plot = Plot(title: "odd data", series: [Plot.Series("one", points: points, hasMarkers: true)])
            plot.hasLogarithmicX = isLogarithmic
            plot.hasLogarithmicY = isLogarithmic
            let image = try plot.image()
            #expect(image.width == plot.width && image.height == plot.height)
        }
    }

    @Test func refusesToBeTooSmall() {
        var plot = Plot(title: "small", xLabel: "x", yLabel: "y")
        plot.width = 60
        plot.height = 50
        let error = #expect(throws: ImagingError.self) { try plot.image() }
        #expect(error.map { "\($0)".contains("60x50") } == true)
    }
}
