/// Status codes that a server of ours answers with (RFC 9110, section 15).
public enum HTTPStatus: Int, Sendable, CaseIterable {
    case ok = 200
    case created = 201
    case noContent = 204
    case notModified = 304
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case notAcceptable = 406
    case requestTimeout = 408
    case conflict = 409
    case contentTooLarge = 413
    case targetTooLong = 414
    case unsupportedMediaType = 415
    case misdirected = 421
    case unprocessable = 422
    case internalError = 500
    case serviceUnavailable = 503
    case gatewayTimeout = 504

    public var code: Int { rawValue }

    public var reason: String {
        switch self {
        case .ok: "OK"
        case .created: "Created"
        case .noContent: "No Content"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .notAcceptable: "Not Acceptable"
        case .requestTimeout: "Request Timeout"
        case .conflict: "Conflict"
        case .contentTooLarge: "Content Too Large"
        case .targetTooLong: "URI Too Long"
        case .unsupportedMediaType: "Unsupported Media Type"
        case .misdirected: "Misdirected Request"
        case .unprocessable: "Unprocessable Content"
        case .internalError: "Internal Server Error"
        case .serviceUnavailable: "Service Unavailable"
        case .gatewayTimeout: "Gateway Timeout"
        }
    }
}
