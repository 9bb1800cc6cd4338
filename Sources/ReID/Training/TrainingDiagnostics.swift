import Foundation
import Imaging
import Training

/// Keeps the losses' radial and tangential gradients of a run: `gradients.json`, and the picture `gradients.png`, which shows
/// what normalisation takes from the softmax and the triplet loss gives back.
public final class TrainingDiagnostics {
    private let folder: String
    private var history: GradientHistory

    /// - Parameter folder: the run's; a history that it holds already is continued.
    /// - Throws: `ReIDError.data` for a history that cannot be read.
    public init(folder: String) throws(ReIDError) {
        self.folder = folder
        let path = folder + "/gradients.json"
        history =
            FileManager.default.fileExists(atPath: path) ? try GradientHistory.read(path) : GradientHistory()
    }

    func add(_ losses: Losses, _ features: PersonFeatures, step: Int) throws {
        history.append(
            try GradientDiagnostics.measure(
                losses, at: [("raw", features.raw), ("neck", features.neck)], step: step))
        try history.write(to: folder + "/gradients.json")
        try GradientFigure.run(history).writePNG("\(folder)/gradients.png")
    }
}
