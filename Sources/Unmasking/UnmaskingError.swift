/// What can go wrong in building or training the unmasking networks, beside tensor errors.
public enum UnmaskingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A configuration that no network can be built from: which field, what it holds, what is expected.
    case configuration(String)
    /// A loss term became NaN or infinite. Names the term and lists all terms of the step.
    case notFinite(term: String, value: Double, terms: [String: Double])
    /// A model file that is not one, or does not fit.
    case model(path: String, reason: String)

    public var description: String {
        switch self {
        case .configuration(let reason): return reason
        case .model(let path, let reason): return "\(path): \(reason)"
        case .notFinite(let term, let value, let terms):
            let all = terms.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return
                "loss term '\(term)' is \(value) (all terms: \(all)): lower the learning rate or the term's weight, or resume from the last checkpoint"
        }
    }
}
