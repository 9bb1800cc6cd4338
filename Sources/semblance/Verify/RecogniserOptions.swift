import CommandLineKit
import Faces
import Torch

extension RecogniserModel: ArgumentValue {}

/// `--recogniser` and `--weights`.
struct RecogniserOptions: OptionGroup {
    @Option(help: "Face recogniser.") var recogniser: RecogniserModel = .sface
    @Option(
        help: "The recogniser's converted weights, instead of those that the set-up installed.",
        value: "FILE") var weights: FilePath?

    func load(device: Device = .cpu) throws -> any FaceRecogniser {
        try recogniser.load(weights: weights?.string, device: device)
    }
}
