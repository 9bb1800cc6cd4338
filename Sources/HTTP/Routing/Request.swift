/// A whole request, as handlers see it.
public struct Request: Sendable {
    public let method: HTTPMethod
    public let target: RequestTarget
    public let headers: HTTPFields
    public let body: [UInt8]
    /// Values of the route's variable segments, by name.
    public let parameters: [String: String]
    public let caller: Caller
    /// Whether the work is still wanted; long work looks here between steps.
    public let cancellation: RequestCancellation

    public init(
        method: HTTPMethod, target: RequestTarget, headers: HTTPFields = HTTPFields(), body: [UInt8] = [],
        parameters: [String: String] = [:], caller: Caller,
        cancellation: RequestCancellation = RequestCancellation()
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.parameters = parameters
        self.caller = caller
        self.cancellation = cancellation
    }

    /// The body's type, nil without one.
    /// - Throws: `HTTPProblem` (400) for a header that is no media type.
    public func mediaType() throws(HTTPProblem) -> MediaType? {
        guard let text = try headers.single("Content-Type") else { return nil }
        return try MediaType(text)
    }

    /// The first of these types that the caller takes; without an Accept header the first.
    /// - Throws: `HTTPProblem` (406) when it takes none.
    public func accepted(_ types: [String]) throws(HTTPProblem) -> String {
        let ranges = AcceptList(headers.all("Accept"))
        guard let best = ranges.best(of: types) else {
            throw HTTPProblem(
                .notAcceptable, "this answer can be had as \(types.joined(separator: ", "))")
        }
        return best
    }
}
