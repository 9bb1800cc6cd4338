import Foundation

/// Where a server listens.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// An IPv4 or IPv6 address in digits.
    public let host: String
    public let port: UInt16
    let isIPv6: Bool

    /// - Parameters:
    ///   - host: "127.0.0.1", "::1", "0.0.0.0", or "localhost".
    ///   - port: 0 takes a free one.
    /// - Throws: `ServerError.configuration` for a host that is no address.
    public init(host: String, port: UInt16) throws(ServerError) {
        self.port = port
        self.host = host == "localhost" ? "127.0.0.1" : host
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, self.host, &v4) == 1 {
            isIPv6 = false
        } else if inet_pton(AF_INET6, self.host, &v6) == 1 {
            isIPv6 = true
        } else {
            throw .configuration(
                "'\(host)' is no address to listen on; give one in digits, such as 127.0.0.1 or ::1")
        }
    }

    /// Whether only this machine can connect.
    public var isLoopback: Bool {
        isIPv6 ? host == "::1" || host == "0:0:0:0:0:0:0:1" : host.hasPrefix("127.")
    }

    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The host as it stands in an address of the web.
    public var urlHost: String { isIPv6 ? "[\(host)]" : host }

    /// Writes the socket address.
    func fill(_ storage: inout sockaddr_storage) {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            withUnsafeMutableBytes(of: &storage) { target in
                withUnsafeBytes(of: &address) { target.copyMemory(from: $0) }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            withUnsafeMutableBytes(of: &storage) { target in
                withUnsafeBytes(of: &address) { target.copyMemory(from: $0) }
            }
        }
    }
}
