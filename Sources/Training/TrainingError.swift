/// What can stop a training run, besides an error of the networks themselves.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A setting that cannot work.
    case invalidArgument(String)
    /// An item of the data set could not be loaded; `name` is its file.
    case sample(name: String, index: Int, reason: String)
    /// The samples of a batch do not fit together.
    case batch(String)
    /// The loader was closed while a batch was waited for.
    case closed
    /// A file of the run cannot be read or written.
    case file(path: String, reason: String)
    /// A checkpoint does not belong to this run, or is damaged.
    case checkpoint(path: String, reason: String)
    /// A loss or a gradient became NaN or infinite. The weights that produced it were not updated from it.
    /// - items: names of the batch's items; checkpoint: the newest one on disk.
    case notFinite(step: Int, term: String, value: String, items: [String], checkpoint: String?)

    public var description: String {
        switch self {
        case .invalidArgument(let text), .batch(let text): return text
        case .sample(let name, let index, let reason):
            return "\(name) (item \(index)) cannot be used: \(reason)"
        case .closed: return "the data loader was closed"
        case .file(let path, let reason), .checkpoint(let path, let reason): return "\(path): \(reason)"
        case .notFinite(let step, let term, let value, let items, let checkpoint):
            let shown = items.prefix(16).joined(separator: ", ") + (items.count > 16 ? ", …" : "")
            return "step \(step): \(term) is \(value) for the batch [\(shown)]; "
                + (checkpoint.map { "the checkpoint \($0) is kept: resume from it with a lower rate" }
                    ?? "no checkpoint was written yet: start again with a lower rate")
        }
    }
}
