/// The headers of a request; names are compared without regard to case.
public struct HTTPFields: Equatable, Sendable {
    private var values: [String: [String]] = [:]

    public init() {}

    public init(_ fields: [(String, String)]) { for (name, value) in fields { add(name, value) } }

    public mutating func add(_ name: String, _ value: String) {
        values[name.lowercased(), default: []].append(value)
    }

    /// All values of a name, in the order sent.
    public func all(_ name: String) -> [String] { values[name.lowercased()] ?? [] }

    /// The value of a header that may be sent once.
    /// - Throws: `HTTPProblem` (400) when it was sent more often.
    public func single(_ name: String) throws(HTTPProblem) -> String? {
        let found = all(name)
        guard found.count <= 1 else {
            throw .badRequest("the header '\(name)' was sent \(found.count) times")
        }
        return found.first
    }
}
