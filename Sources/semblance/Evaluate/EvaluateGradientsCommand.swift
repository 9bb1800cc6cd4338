import CommandLineKit
import Foundation
import Imaging
import ReID

/// `semblance evaluate gradients`: what a run's losses did to its features.
struct EvaluateGradientsCommand: Command {
    static let name = "gradients"
    static let abstract = "Draw the radial and tangential gradients that trainings measured."
    static let discussion = """
        Takes folders of 'train reid' runs with diagnoseEvery set (or their gradients.json). One run: the share of each loss's \
        gradient that points along the feature it sees, and how strongly each pulls at the un-normalised feature. Several: all \
        losses together along that feature, and the length it takes. Figures are means over the measurements.
        """
    static let examples = [
        CommandExample("semblance evaluate gradients runs/reid -o gradients.png", "One run, loss by loss."),
        CommandExample(
            "semblance evaluate gradients runs/softmax runs/joint -o compared.png",
            "Two runs beside each other."),
    ]

    @Argument(help: "Folders of runs.") var runs: [FilePath]
    @Option(help: "Name of each run in the picture, in the same order.", value: "TEXT") var name: [String]
    @Option(help: "Line above the picture.", value: "TEXT") var title: String?
    @Option(short: "o", help: "Picture to write (PNG).", value: "FILE") var output: FilePath?
    let report = ReportOptions()

    private struct Figures: Encodable {
        struct Entry: Encodable {
            let term: String
            let feature: String
            let radial: Double
            let tangential: Double
            let radialShare: Double
        }
        let run: String
        let measurements: Int
        let gradients: [Entry]
        let lengths: [String: Double]
    }

    func validate() throws(UsageError) {
        guard name.isEmpty || name.count == runs.count else {
            throw UsageError("\(name.count) names for \(runs.count) runs: give one --name for each, or none")
        }
    }

    func run(_ invocation: Invocation) throws {
        var histories: [(name: String, history: GradientHistory)] = []
        for (index, path) in runs.map(\.string).enumerated() {
            let file = path.hasSuffix(".json") ? path : path + "/gradients.json"
            let folder = URL(filePath: file).deletingLastPathComponent().lastPathComponent
            let history = try GradientHistory.read(file)
            guard !history.reports.isEmpty else {
                throw ReIDError.data(path: file, reason: "holds no measurement")
            }
            histories.append((name.isEmpty ? folder : name[index], history))
        }
        if let output {
            let picture =
                histories.count == 1
                ? try GradientFigure.run(histories[0].history, title: title ?? histories[0].name)
                : try GradientFigure.comparison(histories, title: title)
            try picture.writePNG(output.string)
        }
        let figures = histories.map(Self.figures)
        try invocation.reporter.result(figures)
        for one in figures {
            try invocation.reporter.line("\(one.run): \(one.measurements) measurements")
            for entry in one.gradients {
                try invocation.reporter.line(
                    String(
                        format: "  %@ at %@: radial %.2e, tangential %.2e, share of the radial part %.2f %%",
                        entry.term, entry.feature, entry.radial, entry.tangential, 100 * entry.radialShare))
            }
        }
    }

    /// Means over the measurements in which a term appears.
    private static func figures(_ name: String, _ history: GradientHistory) -> Figures {
        var order: [String] = []
        var groups: [String: [GradientReport.Entry]] = [:]
        for entry in history.reports.flatMap(\.entries) {
            let key = "\(entry.term) \(entry.feature)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(entry)
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        var lengths: [String: [Double]] = [:]
        for (feature, length) in history.reports.flatMap(\.lengths) {
            lengths[feature, default: []].append(length)
        }
        return Figures(
            run: name, measurements: history.reports.count,
            gradients: order.compactMap { key in
                guard let entries = groups[key], let first = entries.first else { return nil }
                return Figures.Entry(
                    term: first.term, feature: first.feature, radial: mean(entries.map(\.radial)),
                    tangential: mean(entries.map(\.tangential)),
                    radialShare: mean(entries.map(\.radialShare)))
            }, lengths: lengths.mapValues(mean))
    }
}
