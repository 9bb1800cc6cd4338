/// The value of a Content-Type header: "multipart/form-data; boundary=x" (RFC 9110, section 8.3.1).
public struct MediaType: Equatable, Sendable {
    /// "image/png", in lower case.
    public let name: String
    /// Names in lower case.
    public let parameters: [String: String]

    /// - Throws: `HTTPProblem` (400) for what is no media type.
    public init(_ text: String) throws(HTTPProblem) {
        var parser = FieldParser(text)
        guard let type = parser.token(), parser.skip("/"), let subtype = parser.token() else {
            throw .badRequest("Content-Type is no media type such as 'image/png'")
        }
        name = "\(type)/\(subtype)".lowercased()
        parameters = try parser.parameters(of: "Content-Type")
    }
}
