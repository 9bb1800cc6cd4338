import Foundation
import HTTP
import Testing

@Suite struct PolicyTests {
    private let policy = HostPolicy(HostPolicy.loopback + ["gallery.example"])

    private struct Case: Sendable {
        let status: Int
        let headers: [String]
    }

    /// Status and headers; 0 lets the request in.
    private static let cases: [Case] = [
        Case(status: 0, headers: ["Host: localhost:8080"]),
        Case(status: 0, headers: ["Host: 127.0.0.1"]),
        Case(status: 0, headers: ["Host: [::1]:8080"]),
        Case(status: 0, headers: ["Host: Gallery.Example:443"]),
        Case(status: 0, headers: ["Host: localhost:8080", "Origin: http://localhost:8080"]),
        Case(status: 0, headers: ["Host: localhost:8080", "Sec-Fetch-Site: same-origin"]),
        Case(
            status: 0,
            headers: ["Host: localhost:8080", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]),
        Case(status: 400, headers: []),
        Case(status: 400, headers: ["Host: localhost", "Host: evil.example"]),
        Case(status: 421, headers: ["Host: evil.example"]),
        Case(status: 421, headers: ["Host: localhost.evil.example"]),
        Case(status: 421, headers: ["Host: "]),
        Case(status: 421, headers: ["Host: localhost:80@evil.example"]),
        Case(status: 421, headers: ["Host: [::1"]),
        Case(status: 403, headers: ["Host: localhost:8080", "Origin: http://evil.example"]),
        Case(status: 403, headers: ["Host: localhost:8080", "Origin: http://localhost:3000"]),
        Case(status: 403, headers: ["Host: localhost:8080", "Origin: null"]),
        Case(status: 403, headers: ["Host: localhost:8080", "Sec-Fetch-Site: cross-site"]),
        Case(
            status: 403,
            headers: ["Host: localhost:8080", "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors"]),
    ]

    @Test func hostsAndOrigins() {
        for example in Self.cases {
            var fields = HTTPFields()
            for line in example.headers {
                let sides = line.components(separatedBy: ": ")
                fields.add(sides[0], sides[1])
            }
            do throws(HTTPProblem) {
                try policy.check(fields)
                #expect(example.status == 0, "\(example.headers)")
            } catch {
                #expect(error.status.code == example.status, "\(example.headers): \(error)")
            }
        }
    }

    @Test func routesAreFound() throws {
        let router = Router([
            Route(.get, "/", access: nil) { _ in .text("") },
            Route(.get, "/v1/gallery/{kind}/entries/{id}", access: .read) { _ in .text("") },
            Route(.delete, "/v1/gallery/{kind}/entries/{id}", access: .write) { _ in .text("") },
        ])
        let path = ["v1", "gallery", "person", "entries", "7"]
        let match = try router.route("HEAD", path)
        #expect(match.method == .get)
        #expect(match.parameters == ["kind": "person", "id": "7"])
        #expect(try router.route("GET", []).route.path == "/")
        #expect { try router.route("POST", path) } throws: { error in
            guard let problem = error as? HTTPProblem else { return false }
            return problem.status == .methodNotAllowed && problem.headers.first?.value == "DELETE, GET, HEAD"
        }
        for unknown in [["v1"], path + [""], ["v1", "gallery", "", "entries", "7"]] {
            #expect { try router.route("GET", unknown) } throws: { ($0 as? HTTPProblem)?.status == .notFound }
        }
    }

    @Test func tokensAreKeptHashed() throws {
        let folder = try TemporaryFolder()
        let file = TokenFile(folder.path + "/tokens.json")
        let secret = try file.add(name: "alice", access: .read)
        _ = try file.add(name: "bob", access: .admin)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains(secret) && !text.contains(secret.dropFirst(4)))
        #expect(secret.count == 4 + 43)
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try file.read().map(\.name) == ["alice", "bob"])
        let authenticator = try Authenticator(file)
        #expect(
            try authenticator.caller(authorization: "bearer \(secret)")
                == Caller(name: "alice", access: .read))
        for header in [nil, "", "Bearer", "Bearer x", "Basic \(secret)", secret, "Bearer \(secret)x"] {
            #expect { try authenticator.caller(authorization: header) } throws: {
                ($0 as? HTTPProblem)?.status == .unauthorized
            }
        }
        // A token that was removed stops working at once.
        try file.remove(name: "alice")
        #expect(throws: HTTPProblem.self) { try authenticator.caller(authorization: "Bearer \(secret)") }
        #expect(throws: ServerError.self) { try file.remove(name: "alice") }
        #expect(throws: ServerError.self) { try file.add(name: "bob", access: .read) }
        #expect(throws: ServerError.self) { try file.add(name: "a b", access: .read) }
        chmod(file.path, 0o644)
        #expect(throws: ServerError.self) { try file.read() }
        #expect(throws: ServerError.self) { try Authenticator(TokenFile(folder.path + "/none")) }
    }

    @Test func otherAddressesNeedTokens() throws {
        for (host, isLoopback) in [
            ("127.0.0.1", true), ("127.8.0.1", true), ("::1", true), ("localhost", true), ("0.0.0.0", false),
            ("::", false), ("10.0.0.1", false),
        ] {
            #expect(try ListenAddress(host: host, port: 0).isLoopback == isLoopback, "\(host)")
        }
        #expect(throws: ServerError.self) { try ListenAddress(host: "example.org", port: 0) }
        #expect { try TestServer(address: "0.0.0.0") } throws: { error in
            guard case .configuration(let text)? = error as? ServerError else { return false }
            return text.contains("token")
        }
    }

    @Test func metricsArePrinted() {
        let metrics = Metrics()
        metrics.declare(.init("requests_total", "Requests.", .counter))
        metrics.declare(.init("seconds", "Time.", .histogram([0.1, 1])))
        metrics.declare(.init("length", "Queue.", .gauge))
        metrics.declare(.init("empty_total", "Nothing yet.", .counter))
        metrics.observeAtReading { [("length", [], 3)] }
        metrics.count("requests_total", [("route", "/a\"\\\n")], by: 2)
        metrics.count("requests_total", [("route", "/a\"\\\n")])
        metrics.count("unknown_total")
        for value in [0.05, 0.1, 0.5, 7.25] { metrics.observe("seconds", [("m", "x")], value) }
        #expect(
            metrics.text() == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{route="/a\\"\\\\\\n"} 3
                # HELP seconds Time.
                # TYPE seconds histogram
                seconds_bucket{m="x",le="0.1"} 2
                seconds_bucket{m="x",le="1"} 3
                seconds_bucket{m="x",le="+Inf"} 4
                seconds_sum{m="x"} 7.9
                seconds_count{m="x"} 4
                # HELP length Queue.
                # TYPE length gauge
                length 3
                # HELP empty_total Nothing yet.
                # TYPE empty_total counter

                """)
    }

    @Test func limitsAreChecked() {
        for change in [
            { $0.workers = 0 }, { $0.queue = 0 }, { $0.connections = 0 }, { $0.idle = 0 }, { $0.work = .nan },
            { $0.headerBytes = 1 }, { $0.grace = -1 }, { $0.networkThreads = 65 },
        ] as [(inout ServerLimits) -> Void] {
            var limits = ServerLimits()
            change(&limits)
            #expect(throws: ServerError.self) { try limits.validate() }
        }
    }
}
