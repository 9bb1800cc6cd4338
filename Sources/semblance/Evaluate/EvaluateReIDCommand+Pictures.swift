import CommandLineKit
import Foundation
import Imaging
import ReID

extension EvaluateReIDCommand {
    /// Writes the curves and ranked lists that were asked for.
    func draw(_ outcome: ReIDEvaluation.Outcome, of evaluation: ReIDEvaluation, _ invocation: Invocation)
        throws
    {
        if let cmcPlot {
            var series = [
                (
                    name: refinement ?? "mAP \(ReIDSummary.percent(outcome.result.mAP))",
                    cmc: outcome.result.cmc
                )
            ]
            if let plain = outcome.plain { series.insert((name: "plain", cmc: plain.cmc), at: 0) }
            try CMCPlot.make(series, title: "Cumulative match characteristic").writePNG(cmcPlot.string)
        }
        if let roc, let verification = outcome.verification {
            try CMCPlot.roc(verification, title: "Pairs across cameras").writePNG(roc.string)
        }
        guard let rankedLists else { return }
        try OutputFolder.make(rankedLists.string)
        let picture = RankedListPicture()
        for query in evaluation.spreadQueries(count) {
            try invocation.cancellation.check()
            let list = try evaluation.rankedList(query, in: outcome)
            try picture.image(list, of: evaluation)
                .writePNG(rankedLists.string + "/" + name(query, of: evaluation))
        }
    }

    /// Writes, for some queries, the photo beside itself with heat where the network looks.
    func drawActivation(
        _ embedder: PersonEmbedder, _ evaluation: ReIDEvaluation, into folder: String,
        _ invocation: Invocation
    ) throws {
        try OutputFolder.make(folder)
        for query in evaluation.spreadQueries(count) {
            try invocation.cancellation.check()
            guard let path = evaluation.query.paths?[query] else { continue }
            let (photo, heat) = try embedder.activation(of: path)
            try Panel.row([photo, heat]).writePNG(folder + "/" + name(query, of: evaluation))
        }
    }

    private var refinement: String? {
        switch (expandQueries, rerank) {
        case (true, true): "expanded and re-ranked"
        case (true, false): "expanded"
        case (false, true): "re-ranked"
        case (false, false): nil
        }
    }

    /// "query-0042-0002_c1s1_000451_03.png"
    private func name(_ query: Int, of evaluation: ReIDEvaluation) -> String {
        let number = String(format: "%04d", query)
        let stem = evaluation.query.paths.map {
            "-" + URL(fileURLWithPath: $0[query]).deletingPathExtension().lastPathComponent
        }
        return "query-\(number)\(stem ?? "").png"
    }
}
