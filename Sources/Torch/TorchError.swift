import CTorch

/// What went wrong in a tensor operation, in reading or writing tensor files, or in loading a state dict.
public enum TorchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// libtorch refused: shapes that do not fit, a dtype it has no kernel for, …
    case operation(name: String, reason: String)
    /// The allocator failed.
    case outOfMemory(name: String, reason: String)
    /// An argument is not usable before libtorch is even asked.
    case invalidArgument(String)
    /// A tensor file cannot be read or written.
    case file(path: String, reason: String)
    /// A state dict does not fit a module. One error lists everything.
    case stateDict(source: String, missing: [String], unexpected: [String], mismatched: [String])

    public var description: String {
        switch self {
        case .operation(let name, let reason): return "\(name): \(reason)"
        case .outOfMemory(let name, let reason): return "\(name): out of memory: \(reason)"
        case .invalidArgument(let text): return text
        case .file(let path, let reason): return "\(path): \(reason)"
        case .stateDict(let source, let missing, let unexpected, let mismatched):
            var parts: [String] = []
            func list(_ title: String, _ keys: [String]) {
                guard !keys.isEmpty else { return }
                let shown = keys.prefix(8).joined(separator: ", ")
                parts.append("\(title) (\(keys.count)): \(shown)\(keys.count > 8 ? ", …" : "")")
            }
            list("missing keys", missing)
            list("unexpected keys", unexpected)
            list("keys of another shape", mismatched)
            return "\(source) does not fit the network: \(parts.joined(separator: "; "))"
        }
    }
}

/// Turns a shim status into a thrown error and frees the message.
@inline(__always)
func check(
    _ name: @autoclosure () -> String,
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> ct_status
) throws(TorchError) {
    var message: UnsafeMutablePointer<CChar>?
    let status = body(&message)
    guard status != 0 else { return }
    let text = message.map { String(cString: $0) } ?? "no message"
    ct_string_free(message)
    if status == Int32(bitPattern: UInt32(CT_OUT_OF_MEMORY)) {
        throw .outOfMemory(name: name(), reason: text)
    }
    throw .operation(name: name(), reason: text)
}
