/// Finds the route of a request.
public struct Router: Sendable {
    public let routes: [Route]

    public init(_ routes: [Route]) { self.routes = routes }

    public struct Match: Sendable {
        public let route: Route
        public let method: HTTPMethod
        public let parameters: [String: String]
    }

    /// - Parameter method: as sent; HEAD is answered as GET, without the body.
    /// - Throws: `HTTPProblem`: 404 for an unknown path, 405 with Allow for another method.
    public func route(_ method: String, _ path: [String]) throws(HTTPProblem) -> Match {
        var allowed: Set<String> = []
        for route in routes {
            guard let parameters = route.match(path) else { continue }
            if method == route.method.rawValue || (method == "HEAD" && route.method == .get) {
                return Match(route: route, method: route.method, parameters: parameters)
            }
            allowed.insert(route.method.rawValue)
            if route.method == .get { allowed.insert("HEAD") }
        }
        guard !allowed.isEmpty else {
            throw HTTPProblem(
                .notFound, "there is nothing at this address; /openapi.json lists what there is")
        }
        let list = allowed.sorted().joined(separator: ", ")
        throw HTTPProblem(
            .methodNotAllowed, "this address takes \(list)", headers: [("Allow", list)])
    }
}
