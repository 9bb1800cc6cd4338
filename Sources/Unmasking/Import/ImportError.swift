/// Why a checkpoint of somebody else cannot be imported.
public enum ImportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The Python environment that reads PyTorch's files is not there.
    case noPython(path: String, python: String)
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// The file is of another network: what was looked for, and what it has.
    case otherNetwork(path: String, expected: String, found: String)
    /// Keys and shapes do not fit the network; everything in one error.
    case doesNotFit(path: String, network: String, missing: [String], misshaped: [String], unknown: [String])

    public var description: String {
        switch self {
        case .noPython(let path, let python):
            return
                "\(path): PyTorch's files are read by the set-up's Python, which is not there (\(python)); run Scripts/setup, name a Python that has torch and safetensors with --python, or save the checkpoint as safetensors"
        case .unreadable(let path, let reason): return "\(path): \(reason)"
        case .otherNetwork(let path, let expected, let found):
            return "\(path): expected \(expected); found \(found)"
        case .doesNotFit(let path, let network, let missing, let misshaped, let unknown):
            var parts: [String] = []
            func list(_ title: String, _ keys: [String]) {
                guard !keys.isEmpty else { return }
                let shown = keys.prefix(30).joined(separator: ", ")
                let rest = keys.count > 30 ? ", and \(keys.count - 30) more" : ""
                parts.append("\(title) (\(keys.count)): \(shown)\(rest)")
            }
            list("missing keys", missing)
            list("keys of another shape", misshaped)
            list("unknown keys", unknown)
            return "\(path) does not fit \(network): \(parts.joined(separator: "; "))"
        }
    }
}
