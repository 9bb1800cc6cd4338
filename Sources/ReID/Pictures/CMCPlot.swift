import Imaging
import Metrics

/// Curves of an evaluation.
public enum CMCPlot {
    /// Cumulative match characteristic: rank against the share of queries found.
    /// - Parameters:
    ///   - series: name and values from rank 1 on, 0...1.
    ///   - ranks: how far the axis goes.
    public static func make(_ series: [(name: String, cmc: [Double])], title: String = "", ranks: Int = 20)
        -> Plot
    {
        let lowest = series.compactMap(\.cmc.first).min() ?? 0
        var plot = Plot(
            title: title, xLabel: "rank", yLabel: "queries found",
            series: series.map { name, cmc in
                Plot.Series(
                    name,
                    points: cmc.prefix(ranks).enumerated().map { Point(Double($0.offset + 1), $0.element) },
                    hasMarkers: true)
            })
        let last = max(2, min(ranks, series.map(\.cmc.count).max() ?? 2))
        plot.xRange = 1...Double(last)
        // Differences are small near 1: the axis starts at the tenth below the lowest value.
        plot.yRange = min(0.9, max(0, (lowest * 10).rounded(.down) / 10))...1
        plot.legend = .bottomRight
        return plot
    }

    /// TAR over the logarithm of FAR.
    public static func roc(_ verification: PairVerification, title: String = "") -> Plot {
        let lowest = 1 / Double(max(verification.impostor, 10))
        var points: [Point] = []
        var last = (x: -1, y: -1)
        for point in verification.points() where point.far >= lowest {
            // One point per cell is as many as the picture can show.
            let cell = (x: Int(point.far.logarithm * 1000), y: Int(point.tar * 1000))
            if cell != last { points.append(Point(point.far, point.tar)) }
            last = cell
        }
        var plot = Plot(
            title: title, xLabel: "false acceptance rate", yLabel: "true acceptance rate",
            series: [Plot.Series("query-gallery pairs", points: points)])
        plot.hasLogarithmicX = true
        plot.xRange = lowest...1
        plot.yRange = 0...1
        plot.legend = .bottomRight
        return plot
    }
}
