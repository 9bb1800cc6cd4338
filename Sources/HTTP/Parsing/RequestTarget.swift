/// The path and query of a request, decoded.
///
/// A path is a list of names that is compared with routes; it never becomes a path of the file system.
public struct RequestTarget: Equatable, Sendable {
    public static let maximumLength = 8192
    public static let maximumItems = 64

    /// "/v1/gallery/person" is ["v1", "gallery", "person"]; "/" is [].
    public let segments: [String]
    public let query: FormItems

    /// - Parameter raw: as sent, in origin form: "/v1/search?top=5".
    /// - Throws: `HTTPProblem`: 414 when too long, 400 for what is no target, and for '.' and '..' segments.
    public init(_ raw: some Collection<UInt8>) throws(HTTPProblem) {
        guard raw.count <= Self.maximumLength else {
            throw HTTPProblem(
                .targetTooLong,
                "the request's address has \(raw.count) bytes, the limit is \(Self.maximumLength)")
        }
        guard raw.first == UInt8(ascii: "/") else {
            throw .badRequest("the request's address does not begin with '/'")
        }
        let parts = raw.split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var segments: [String] = []
        if parts[0].count > 1 {
            for part in parts[0].dropFirst().split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            {
                let segment = try PercentEncoding.decode(part)
                guard segment != "." && segment != ".." else {
                    throw .badRequest("the request's path holds a '\(segment)' segment")
                }
                segments.append(segment)
            }
        }
        self.segments = segments
        query =
            parts.count == 2
            ? try FormItems(encoded: parts[1], maximumItems: Self.maximumItems) : FormItems([])
    }
}
