import Imaging

/// The pictures of the argument for joining losses: normalisation leaves the softmax no gradient along the feature (radial), and the
/// triplet loss has one.
public enum GradientFigure {
    /// One run: on the left the radial share of each loss at the feature that it sees, on the right how strongly each pulls at the
    /// un-normalised feature.
    /// - Throws: `ReIDError.invalidArgument` for a history without measurements.
    public static func run(_ history: GradientHistory, title: String? = nil) throws -> Image {
        guard let last = history.reports.last else {
            throw ReIDError.invalidArgument("the history holds no measurement of gradients")
        }
        let terms = last.terms
        var share = Plot(
            title: "Share of the gradient along the feature", xLabel: "step",
            yLabel: "radial part of the squared norm, %")
        for (index, term) in terms.enumerated() {
            let feature = seen(by: term, in: last)
            share.series.append(
                Plot.Series(
                    "\(term), at the \(feature) feature",
                    points: history.points { $0[term, at: feature].map { 100 * $0.radialShare } },
                    colour: Colour.series[index % Colour.series.count],
                    hasMarkers: history.reports.count < 30,
                    width: 2.5))
        }
        let top = share.series.flatMap(\.points).map(\.y).filter(\.isFinite).max() ?? 0
        // A line at 0 % should be seen, above the frame.
        share.yRange = -0.04 * max(top, 1)...max(top, 1)
        share.legend = .topRight
        share.makeRoomForLegend()
        let pull = history.plot(at: "raw")
        return try row([share, pull], title: title)
    }

    /// Several runs: on the left the radial pull of all losses together on the un-normalised feature, on the right the length
    /// that the feature takes.
    /// - Throws: `ReIDError.invalidArgument` for no run, or one without measurements.
    public static func comparison(_ runs: [(name: String, history: GradientHistory)], title: String? = nil)
        throws
        -> Image
    {
        guard !runs.isEmpty, runs.allSatisfy({ !$0.history.reports.isEmpty }) else {
            throw ReIDError.invalidArgument("a comparison needs runs with measurements of gradients")
        }
        var radial = Plot(
            title: "All losses together, along the raw feature", xLabel: "step",
            yLabel: "mean radial norm per image")
        var length = Plot(
            title: "Length of the raw feature", xLabel: "step", yLabel: "mean length")
        for (index, run) in runs.enumerated() {
            let colour = Colour.series[index % Colour.series.count]
            // More runs than colours: the second round is dashed.
            let isDashed = index >= Colour.series.count
            func series(_ value: (GradientReport) -> Double?) -> Plot.Series {
                Plot.Series(
                    run.name, points: run.history.points(value), colour: colour, isDashed: isDashed,
                    hasMarkers: run.history.reports.count < 30, width: 2.5)
            }
            radial.series.append(series { $0[GradientDiagnostics.total, at: "raw"]?.radial })
            length.series.append(series { $0.lengths["raw"] })
        }
        let pulls = radial.series.flatMap(\.points).map(\.y).filter { $0.isFinite && $0 > 0 }
        radial.hasLogarithmicY = true
        radial.yRange = (pulls.min() ?? 0.1) / 2...(pulls.max() ?? 1)
        radial.legend = .topRight
        radial.makeRoomForLegend()
        let highest = length.series.flatMap(\.points).map(\.y).filter(\.isFinite).max() ?? 1
        length.yRange = 0...max(highest * 1.1, 1e-9)
        length.legend = .bottomRight
        // The names are the same on both sides.
        for index in length.series.indices { length.series[index].name = "" }
        return try row([radial, length], title: title)
    }

    /// The one nearer to the loss: a loss on the neck depends on the raw feature too.
    static func seen(by term: String, in report: GradientReport) -> String {
        report[term, at: "neck"] != nil ? "neck" : "raw"
    }

    private static func row(_ plots: [Plot], title: String?) throws -> Image {
        var style = Panel.Style()
        style.gap = 12
        return try Panel.row(
            plots.map { plot in
                var plot = plot
                (plot.width, plot.height) = (640, 440)
                return try plot.image()
            }, title: title, style: style)
    }
}

extension GradientReport {
    /// The losses that were measured, in their order.
    var terms: [String] {
        var found: [String] = []
        for entry in entries where entry.term != GradientDiagnostics.total && !found.contains(entry.term) {
            found.append(entry.term)
        }
        return found
    }
}

extension GradientHistory {
    /// A value over the steps; where there is none the line breaks.
    func points(_ value: (GradientReport) -> Double?) -> [Point] {
        reports.enumerated().map { index, report in
            Point(Double(report.step ?? index), value(report) ?? .nan)
        }
    }
}
