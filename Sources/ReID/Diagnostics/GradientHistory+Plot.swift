import Imaging

extension GradientHistory {
    /// Radial (whole lines) and tangential (dashed) norms at one feature over the steps, one colour per term, multiplied by
    /// the term's weight: as they reach the feature.
    ///
    /// The axis is logarithmic and spans six decades below the largest value. Smaller ones, which are rounding where a part
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
        let floor = ceiling * 1e-6
        var plot = Plot(
            title: "Gradients at the \(feature) feature", xLabel: "step", yLabel: "mean norm per sample")
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
        plot.yRange = floor...(ceiling * 2)
        plot.legend = .bottomRight
        return plot
    }
}
