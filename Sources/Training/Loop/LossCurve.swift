import Imaging

/// Pictures of a run's log: one line per value over the steps.
public enum LossCurve {
    /// - Parameters:
    ///   - lines: of `MetricsLog.read(_:)`.
    ///   - kind: `.train` (losses, on a logarithmic axis) or `.validation` (metrics).
    ///   - names: values to draw; nil takes all, but no gradient norms.
    public static func plot(
        _ lines: [MetricsLog.Line], kind: MetricsLog.Line.Kind = .train, names: [String]? = nil
    ) -> Plot {
        let lines = lines.filter { $0.kind == kind }
        let all = Set(lines.flatMap { $0.values.map { Array($0.keys) } ?? [] })
        let shown = names ?? all.filter { !$0.hasPrefix("gradient norm") }.sorted()
        var plot = Plot(
            title: kind == .train ? "Losses" : "Validation", xLabel: "step",
            series: shown.map { name in
                Plot.Series(
                    name,
                    points: lines.compactMap { line in
                        line.values?[name].map { Point(Double(line.step), $0) }
                    },
                    hasMarkers: kind != .train)
            })
        plot.hasLogarithmicY = kind == .train
        plot.legend = .topRight
        return plot
    }
}
