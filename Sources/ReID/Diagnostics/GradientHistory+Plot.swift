import Foundation
import Imaging

extension GradientHistory {
    /// Radial (whole lines) and tangential (dashed) norms at one feature over the steps, one colour per term, multiplied by
    /// the term's weight: as they reach the feature.
    ///
    /// The axis is logarithmic and spans at most six decades below the largest value. Smaller ones, which are rounding where a part
    /// should be zero, are drawn on its lower edge.
    /// - Parameters:
    ///   - feature: name, as given to `GradientDiagnostics.measure`.
    ///   - terms: which to draw; nil draws all but the total.
    public func plot(at feature: String, terms: [String]? = nil) -> Plot {
        let entries = reports.enumerated().flatMap { index, report in
            report.entries.filter { $0.feature == feature }.map {
                (x: Double(report.step ?? index), entry: $0)
            }
        }
        var shown = terms ?? []
        if terms == nil {
            for (_, entry) in entries
            where entry.term != GradientDiagnostics.total && !shown.contains(entry.term) {
                shown.append(entry.term)
            }
        }
        let drawn = entries.filter { shown.contains($0.entry.term) }
        let values = drawn.flatMap { point in
            [point.entry.radial, point.entry.tangential].map { $0 * point.entry.weight }
        }
        let top = values.filter { $0.isFinite }.max() ?? 0
        let ceiling = top > 0 ? top : 1
        let lowest = values.filter { $0.isFinite && $0 > 0 }.min() ?? ceiling
        let floor = max(ceiling * 1e-6, lowest / 3)
        var plot = Plot(
            title: "Pull on the \(feature) feature: whole lines along it, dashed across it", xLabel: "step",
            yLabel: "mean gradient norm per image")
        for (index, term) in shown.enumerated() {
            let mine = drawn.filter { $0.entry.term == term }
            for (part, path) in [
                ("radial", \GradientReport.Entry.radial), ("tangential", \GradientReport.Entry.tangential),
            ] {
                let points = mine.map { point in
                    let value = point.entry[keyPath: path] * point.entry.weight
                    return Point(point.x, value < floor ? floor : value)
                }
                plot.series.append(
                    Plot.Series(
                        "\(term) \(part)", points: points, colour: Colour.series[index % Colour.series.count],
                        isDashed: part == "tangential", hasMarkers: points.count < 30))
            }
        }
        plot.hasLogarithmicY = true
        plot.yRange = floor...ceiling
        plot.legend = .topRight
        plot.makeRoomForLegend()
        return plot
    }
}

extension Plot {
    /// Raises the upper end of the vertical axis until a legend at the top lies above the lines.
    mutating func makeRoomForLegend() {
        guard let range = yRange else { return }
        let lines = Double(series.count { !$0.name.isEmpty })
        let share = min(0.6, (lines * (Image.lineHeight(size: textSize) + 2) + 36) / Double(height - 120))
        let grown = share / (1 - share)
        yRange =
            hasLogarithmicY
            ? range.lowerBound...(range.upperBound * pow(range.upperBound / range.lowerBound, grown))
            : range.lowerBound...(range.upperBound + (range.upperBound - range.lowerBound) * grown)
    }
}
