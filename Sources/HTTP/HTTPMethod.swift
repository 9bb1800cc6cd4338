/// Methods that routes can answer; HEAD is answered by every GET route.
public enum HTTPMethod: String, Sendable, CaseIterable, Comparable {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
