/// Why a request cannot be answered as asked: becomes a response of type `application/problem+json` (RFC 9457).
public struct HTTPProblem: Error, Equatable, Sendable, CustomStringConvertible {
    public var status: HTTPStatus
    /// What was wrong with this request and what to do, for the person who reads it. Never holds what was uploaded.
    public var detail: String
    /// Further headers of the response.
    public var headers: [(name: String, value: String)]

    public init(_ status: HTTPStatus, _ detail: String, headers: [(name: String, value: String)] = []) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    public static func badRequest(_ detail: String) -> Self { Self(.badRequest, detail) }

    /// - Parameter seconds: after which trying again makes sense.
    public static func busy(_ detail: String, retryAfter seconds: Int) -> Self {
        Self(.serviceUnavailable, detail, headers: [("Retry-After", "\(seconds)")])
    }

    public var description: String { "\(status.code) \(status.reason): \(detail)" }

    public static func == (a: Self, b: Self) -> Bool {
        a.status == b.status && a.detail == b.detail
            && a.headers.elementsEqual(b.headers) { $0.name == $1.name && $0.value == $1.value }
    }
}
