import Foundation

/// Which names this server answers to, and whose pages may call it.
///
/// A page of another site can make a browser send requests here, and can point a name of its own at this address (DNS
/// rebinding). Both show in Host and Origin. There are no cookies to abuse beside.
public struct HostPolicy: Sendable, Equatable {
    /// Lower-case host names and addresses without port.
    public let hosts: Set<String>

    public init(_ hosts: some Sequence<String>) { self.hosts = Set(hosts.map { $0.lowercased() }) }

    /// Names of this machine for itself.
    public static let loopback = ["localhost", "127.0.0.1", "[::1]"]

    /// - Throws: `HTTPProblem`: 400 without one Host, 421 for a name that is not ours, 403 for another site's page.
    public func check(_ headers: HTTPFields) throws(HTTPProblem) {
        guard let host = try headers.single("Host") else {
            throw .badRequest("the header 'Host' is missing")
        }
        guard let name = Self.name(ofAuthority: host), hosts.contains(name) else {
            throw HTTPProblem(
                .misdirected,
                "this server does not answer to the name in 'Host'; start it with --host-name to add one")
        }
        if let origin = try headers.single("Origin") {
            // The port counts too: another program of this machine is another site.
            guard let start = origin.range(of: "://"),
                origin[start.upperBound...].lowercased() == host.lowercased()
            else { throw HTTPProblem(.forbidden, "pages of other sites may not call this server") }
        }
        if let site = try headers.single("Sec-Fetch-Site")?.lowercased(),
            site == "cross-site" || site == "same-site",
            try headers.single("Sec-Fetch-Mode")?.lowercased() != "navigate"
        {
            throw HTTPProblem(.forbidden, "pages of other sites may not call this server")
        }
    }

    /// The host of "host:port", "[v6]:port" or either without port; nil for anything else.
    static func name(ofAuthority text: String) -> String? {
        let lower = text.lowercased()
        let rest: Substring
        let name: Substring
        if lower.hasPrefix("[") {
            guard let end = lower.firstIndex(of: "]") else { return nil }
            name = lower[...end]
            rest = lower[lower.index(after: end)...]
        } else {
            name = lower.prefix { $0 != ":" }
            rest = lower.dropFirst(name.count)
        }
        let isPort = rest.first == ":" && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
        guard !name.isEmpty, rest.isEmpty || isPort else { return nil }
        return String(name)
    }
}
