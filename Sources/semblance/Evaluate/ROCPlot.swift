import Imaging
import Metrics

/// The picture of a verification run: TAR over the logarithm of FAR.
enum ROCPlot {
    static func write(_ series: [(name: String, scores: VerificationScores)], title: String, to path: String)
        throws
    {
        let most = series.map(\.scores.impostor.count).max() ?? 1
        let lowest = 1 / Double(max(most, 10))
        var plot = Plot(
            title: title, xLabel: "false acceptance rate", yLabel: "true acceptance rate",
            series: series.map { name, scores in
                Plot.Series(
                    name,
                    points: scores.roc(limit: 2000).filter { $0.far >= lowest }.map { Point($0.far, $0.tar) })
            })
        plot.hasLogarithmicX = true
        plot.xRange = lowest...1
        plot.legend = .bottomRight
        try plot.writePNG(path)
    }
}
