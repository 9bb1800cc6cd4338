/// A line plot: ROC and CMC curves, losses.
public struct Plot: Sendable {
    public struct Series: Sendable {
        public var name: String
        /// In the units of the axes; a point that is not finite (or not positive on a logarithmic axis) breaks the line.
        public var points: [Point]
        /// Nil: the next colour of `Colour.series`.
        public var colour: Colour?
        public var isDashed: Bool
        /// Whether each point carries a dot.
        public var hasMarkers: Bool
        /// In pixels.
        public var width: Double

        public init(
            _ name: String, points: [Point], colour: Colour? = nil, isDashed: Bool = false,
            hasMarkers: Bool = false,
            width: Double = 2
        ) {
            self.name = name
            self.points = points
            self.colour = colour
            self.isDashed = isDashed
            self.hasMarkers = hasMarkers
            self.width = width
        }
    }

    /// Where the legend stands within the axes.
    public enum LegendCorner: Sendable { case topLeft, topRight, bottomLeft, bottomRight }

    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var series: [Series]
    /// Nil: covers the data.
    public var xRange: ClosedRange<Double>?
    public var yRange: ClosedRange<Double>?
    public var hasLogarithmicX = false
    public var hasLogarithmicY = false
    public var legend: LegendCorner = .bottomRight
    /// Of the image, in pixels.
    public var width = 720
    public var height = 480
    /// Height of capital letters, in pixels.
    public var textSize = 10.0

    public init(
        title: String = "", xLabel: String = "", yLabel: String = "", series: [Series] = [],
        xRange: ClosedRange<Double>? = nil, yRange: ClosedRange<Double>? = nil
    ) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
        self.xRange = xRange
        self.yRange = yRange
    }

    /// Draws the plot, 3 channels.
    /// - Throws: `ImagingError.invalidArgument` when the image is too small for axes and labels.
    public func image() throws(ImagingError) -> Image {
        let all = series.flatMap(\.points)
        let xAxis = AxisScale(covering: all.map(\.x), range: xRange, isLogarithmic: hasLogarithmicX)
        let yAxis = AxisScale(covering: all.map(\.y), range: yRange, isLogarithmic: hasLogarithmicY)
        let labels = yAxis.ticks().map { Image.textWidth($0.label, size: textSize) }
        let line = Image.lineHeight(size: textSize)
        let frame = Rect(
            x: (12 + (labels.max() ?? 0) + (yLabel.isEmpty ? 0 : line)).rounded(),
            y: (title.isEmpty ? textSize + 4 : 2 * line + 4).rounded(), width: 0, height: 0)
        // Half of the last label stands out to the right.
        let right = max(
            2 * textSize, Image.textWidth(xAxis.ticks().last?.label ?? "", size: textSize) / 2 + 6)
        let area = Rect(
            x: frame.x, y: frame.y, width: (Double(width) - frame.x - right).rounded(),
            height: (Double(height) - frame.y - line - 8 - (xLabel.isEmpty ? 0 : line + 4)).rounded())
        guard area.width >= 40, area.height >= 40 else {
            throw .invalidArgument(
                "plot of \(width)x\(height) pixels leaves no room between its labels; make it larger")
        }
        var canvas = Image(width: width, height: height, channels: 3, fill: 255)
        drawAxes(on: &canvas, area: area, xAxis: xAxis, yAxis: yAxis)
        // Curves are drawn on a canvas of their own, so that they end at the frame.
        let inner = (
            x: Int(area.x), y: Int(area.y), width: Int(area.width) + 1, height: Int(area.height) + 1
        )
        var field = canvas.part(x: inner.x, y: inner.y, width: inner.width, height: inner.height)
        for (index, one) in series.enumerated() {
            draw(one, colour(index), on: &field, size: area, xAxis: xAxis, yAxis: yAxis)
        }
        drawLegend(on: &field, size: area)
        canvas.paste(field, x: inner.x, y: inner.y)
        canvas.drawRectangle(
            Rect(x: area.x, y: area.y, width: area.width + 1, height: area.height + 1),
            colour: Colour(60, 60, 60))
        return canvas
    }

    /// Writes the plot as a PNG file.
    public func writePNG(_ path: String) throws(ImagingError) { try image().writePNG(path) }

    private func colour(_ index: Int) -> Colour {
        series[index].colour ?? Colour.series[index % Colour.series.count]
    }

    private func drawAxes(on canvas: inout Image, area: Rect, xAxis: AxisScale, yAxis: AxisScale) {
        let ink = Colour(60, 60, 60)
        for tick in xAxis.ticks() {
            guard let t = xAxis.position(tick.value), (-0.001...1.001).contains(t) else { continue }
            let x = (area.x + t * area.width).rounded()
            canvas.fill(Rect(x: x, y: area.y, width: 1, height: area.height), colour: .paleGrey)
            canvas.fill(Rect(x: x, y: area.y + area.height, width: 1, height: 5), colour: ink)
            canvas.drawText(
                tick.label, at: Point(x, area.y + area.height + 9 + textSize), size: textSize, colour: ink,
                alignment: .centre)
        }
        for tick in yAxis.ticks() {
            guard let t = yAxis.position(tick.value), (-0.001...1.001).contains(t) else { continue }
            let y = (area.y + (1 - t) * area.height).rounded()
            canvas.fill(Rect(x: area.x, y: y, width: area.width, height: 1), colour: .paleGrey)
            canvas.fill(Rect(x: area.x - 4, y: y, width: 5, height: 1), colour: ink)
            canvas.drawText(
                tick.label, at: Point(area.x - 7, y + textSize / 2), size: textSize, colour: ink,
                alignment: .trailing)
        }
        let middle = area.centre
        canvas.drawText(
            xLabel, at: Point(middle.x, Double(height) - textSize * 0.7), size: textSize, alignment: .centre)
        canvas.drawText(
            yLabel, at: Point(textSize * 1.5, middle.y), size: textSize, alignment: .centre,
            angle: -Double.pi / 2)
        canvas.drawText(
            title, at: Point(middle.x, area.y - textSize), size: textSize * 1.25, alignment: .centre,
            weight: 1.2)
    }

    private func draw(
        _ one: Series, _ colour: Colour, on field: inout Image, size: Rect, xAxis: AxisScale, yAxis: AxisScale
    ) {
        var pieces: [[Point]] = [[]]
        for point in one.points {
            if let x = xAxis.position(point.x), let y = yAxis.position(point.y) {
                // Far beyond the frame precision would suffer, and the frame cuts it anyway.
                pieces[pieces.count - 1].append(
                    Point(min(max(x, -50), 50) * size.width, (1 - min(max(y, -50), 50)) * size.height))
            } else if !pieces[pieces.count - 1].isEmpty {
                pieces.append([])
            }
        }
        for piece in pieces where !piece.isEmpty {
            field.drawPolyline(
                piece.count == 1 ? piece + piece : piece, colour: colour, width: one.width,
                dash: one.isDashed ? [7, 6] : [])
            guard one.hasMarkers else { continue }
            for point in piece { field.fillCircle(centre: point, radius: one.width * 1.6, colour: colour) }
        }
    }

    private func drawLegend(on field: inout Image, size: Rect) {
        let named = series.indices.filter { !series[$0].name.isEmpty }
        guard !named.isEmpty else { return }
        let line = Image.lineHeight(size: textSize) + 2
        let sample = 28.0
        let longest = named.map { Image.textWidth(series[$0].name, size: textSize) }.max() ?? 0
        let box = (width: longest + sample + 24, height: line * Double(named.count) + 10)
        let isLeft = legend == .topLeft || legend == .bottomLeft
        let isTop = legend == .topLeft || legend == .topRight
        let x = (isLeft ? 12 : size.width - box.width - 12).rounded()
        let y = (isTop ? 12 : size.height - box.height - 12).rounded()
        let outline = Rect(x: x, y: y, width: box.width.rounded(), height: box.height.rounded())
        field.fill(outline, colour: Colour(255, 255, 255, alpha: 225))
        field.drawRectangle(outline, colour: Colour(190, 190, 190))
        for (row, index) in named.enumerated() {
            let base = y + 5 + line * (Double(row) + 0.5) + textSize / 2
            let middle = base - textSize / 2
            field.drawPolyline(
                [Point(x + 8, middle), Point(x + 8 + sample, middle)], colour: colour(index),
                width: series[index].width, dash: series[index].isDashed ? [7, 6] : [])
            if series[index].hasMarkers {
                field.fillCircle(
                    centre: Point(x + 8 + sample / 2, middle), radius: series[index].width * 1.6,
                    colour: colour(index))
            }
            field.drawText(series[index].name, at: Point(x + 14 + sample, base), size: textSize)
        }
    }
}

extension Image {
    /// The pixels within bounds that lie inside the image.
    fileprivate func part(x: Int, y: Int, width partWidth: Int, height partHeight: Int) -> Image {
        var out = Image(width: partWidth, height: partHeight, channels: channels)
        out.paste(self, x: -x, y: -y)
        return out
    }
}
