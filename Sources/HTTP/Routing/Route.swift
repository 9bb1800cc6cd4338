/// One method of one path, and what answers it.
public struct Route: Sendable {
    /// Where its handler runs.
    public enum Execution: Sendable {
        /// On the thread that reads the network: for answers that are ready at once.
        case immediate
        /// On a worker, through the bounded queue.
        case queued
    }

    public let method: HTTPMethod
    /// "/v1/gallery/{kind}/entries/{id}".
    public let path: String
    /// What the caller must be allowed; nil is open to all.
    public let access: Access?
    public let execution: Execution
    /// Bytes of the largest body; 0 takes none.
    public let maximumBody: Int
    public let handler: @Sendable (Request) throws -> Response
    let segments: [Substring]

    public init(
        _ method: HTTPMethod, _ path: String, access: Access?, execution: Execution = .queued,
        maximumBody: Int = 0, handler: @escaping @Sendable (Request) throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.execution = execution
        self.maximumBody = maximumBody
        self.handler = handler
        segments = path == "/" ? [] : path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The values of variable segments, or nil when the path is another.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, given) in zip(segments, path) {
            if segment.hasPrefix("{") {
                guard !given.isEmpty else { return nil }
                values[String(segment.dropFirst().dropLast())] = given
            } else if segment != given {
                return nil
            }
        }
        return values
    }
}
