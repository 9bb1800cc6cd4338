import CommandLineKit
import Faces

/// One recogniser or several: "sface" or "sface,dlib".
struct RecogniserList: ArgumentValue, Equatable {
    let models: [RecogniserModel]

    init(_ models: [RecogniserModel]) { self.models = models }

    init(argument: String) throws(ArgumentError) {
        var models: [RecogniserModel] = []
        for name in argument.split(separator: ",") {
            let model = try RecogniserModel(argument: String(name))
            if !models.contains(model) { models.append(model) }
        }
        guard !models.isEmpty else { throw ArgumentError("names no recogniser") }
        self.models = models
    }

    /// - Parameter weights: what `--weights` names.
    func check(weights: FilePath?) throws(UsageError) {
        guard weights != nil, models.count > 1 else { return }
        throw UsageError("--weights is for one recogniser, but --recogniser names \(models.count)")
    }

    static var valueName: String { "NAME[,NAME]" }
    static var allowedValues: [String] { RecogniserModel.allowedValues }
    var argumentText: String { models.map(\.rawValue).joined(separator: ",") }
}
