/// How a server presents itself.
public struct ServerConfiguration: Sendable {
    public var address: ListenAddress
    /// Names that callers may use for it, beside its address and, on loopback, this machine's own names.
    public var hostNames: [String] = []
    /// PEM texts of the certificate chain and its key; nil speaks plain HTTP.
    public var certificate: TLSCertificate?
    public var limits = ServerLimits()

    public init(address: ListenAddress) { self.address = address }

    /// - Throws: `ServerError.configuration` for limits that cannot work, and for an address that others can reach without tokens.
    public func check(asksForTokens: Bool) throws(ServerError) {
        try limits.validate()
        guard address.isLoopback || asksForTokens else {
            throw .configuration(
                "\(address) can be reached from other machines, so callers need tokens: make some with 'semblance serve token add NAME --tokens FILE' and start with --tokens FILE"
            )
        }
    }

    var hosts: HostPolicy {
        var names = hostNames
        // Someone who listens everywhere names the addresses that are meant with --host-name.
        names.append(address.urlHost)
        if address.isLoopback || ["0.0.0.0", "::"].contains(address.host) { names += HostPolicy.loopback }
        return HostPolicy(names)
    }
}
