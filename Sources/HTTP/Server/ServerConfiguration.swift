/// How a server presents itself.
public struct ServerConfiguration: Sendable {
    public var address: ListenAddress
    /// Names that callers may use for it, beside its address and, on loopback, this machine's own names.
    public var hostNames: [String] = []
    /// PEM texts of the certificate chain and its key; nil speaks plain HTTP.
    public var certificate: TLSCertificate?
    public var limits = ServerLimits()

    public init(address: ListenAddress) { self.address = address }

    var hosts: HostPolicy {
        var names = hostNames
        // Someone who listens everywhere names the addresses that are meant with --host-name.
        names.append(address.urlHost)
        if address.isLoopback || ["0.0.0.0", "::"].contains(address.host) { names += HostPolicy.loopback }
        return HostPolicy(names)
    }
}
