import CommandLineKit
import Faces

/// The weights of one recogniser: "ir-se50=FILE".
struct RecogniserWeights: ArgumentValue, Equatable {
    static let valueName = "NAME=FILE"
    static let completion = CompletionKind.file
    let model: RecogniserModel
    let path: String

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw ArgumentError("is not a recogniser and its weights, such as ir-se50=FILE")
        }
        model = try RecogniserModel(argument: parts[0])
        path = parts[1]
    }

    var argumentText: String { "\(model.rawValue)=\(path)" }
}
