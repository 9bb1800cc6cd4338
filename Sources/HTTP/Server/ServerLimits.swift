/// What a server takes on, so that no client can exhaust it.
public struct ServerLimits: Codable, Sendable, Equatable {
    /// Open connections.
    public var connections = 256
    /// Threads that read and write connections.
    public var networkThreads = 2
    /// Threads that carry out requests; most of them wait for the models.
    public var workers = 16
    /// Requests that wait for a worker; more are answered by 503.
    public var queue = 64
    /// Bytes of all bodies held at once; more are answered by 503.
    public var bodyMemory = 512 << 20
    /// Bytes of the request line and headers of one request.
    public var headerBytes = 32 << 10
    /// Seconds that a request may take to arrive, and an answer to be taken.
    public var transfer = 60.0
    /// Seconds without a byte after which a connection is closed.
    public var idle = 15.0
    /// Seconds from a request's arrival until it is given up with 504.
    public var work = 60.0
    /// Seconds that stopping waits for what was begun.
    public var grace = 30.0

    public init() {}

    /// - Throws: `ServerError.configuration` naming the limit that cannot work.
    public func validate() throws(ServerError) {
        let counts = [
            ("connections", connections, 1...100_000), ("networkThreads", networkThreads, 1...64),
            ("workers", workers, 1...256), ("queue", queue, 1...100_000),
            ("bodyMemory", bodyMemory, 1 << 16...1 << 40), ("headerBytes", headerBytes, 4096...1 << 20),
        ]
        for (name, value, range) in counts where !range.contains(value) {
            throw .configuration("\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        for (name, value) in [("transfer", transfer), ("idle", idle), ("work", work)]
        where !(0.1...86_400).contains(value) {
            throw .configuration("\(name) is \(value) s, expected 0.1 to 86400")
        }
        guard (0...86_400).contains(grace) else {
            throw .configuration("grace is \(grace) s, expected 0 to 86400")
        }
        guard connections >= networkThreads else {
            throw .configuration(
                "connections is \(connections), expected at least one per network thread (\(networkThreads))")
        }
    }
}
