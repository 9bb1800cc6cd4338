import Foundation

/// An answer to a request.
public struct Response: Sendable {
    public var status: HTTPStatus
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(_ status: HTTPStatus = .ok, type: String? = nil, body: [UInt8] = []) {
        self.status = status
        headers = type.map { [("Content-Type", $0)] } ?? []
        self.body = body
    }

    public static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(type: type, body: Array(text.utf8))
    }

    /// Sorted keys, dates in ISO 8601.
    /// - Throws: `HTTPProblem` (500) for values that JSON cannot hold.
    public static func json(_ value: some Encodable, status: HTTPStatus = .ok) throws(HTTPProblem) -> Response
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            return Response(status, type: "application/json", body: Array(try encoder.encode(value)))
        } catch {
            throw HTTPProblem(.internalError, "the answer cannot be written as JSON")
        }
    }

    public init(_ problem: HTTPProblem) {
        struct Document: Encodable {
            let type = "about:blank"
            let title: String
            let status: Int
            let detail: String
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            title: problem.status.reason, status: problem.status.code, detail: problem.detail)
        self.init(
            problem.status, type: "application/problem+json",
            body: (try? encoder.encode(document)).map(Array.init) ?? [])
        headers += problem.headers
    }

    /// The first value of a header.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
