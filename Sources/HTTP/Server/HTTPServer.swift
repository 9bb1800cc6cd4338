import CMicrohttpd
import Foundation
import Synchronization

/// An HTTP server on libmicrohttpd.
///
/// Its network threads read requests and write answers and never wait for either: a request that is complete waits for a worker
/// in a bounded queue, its connection suspended. A watch closes connections that are too slow, and calls work off whose client
/// has gone or whose time is over.
public final class HTTPServer: Sendable {
    /// What libmicrohttpd keeps pointers to.
    private final class Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
        let options: UnsafeMutablePointer<semblance_mhd_options>
        let address: UnsafeMutablePointer<sockaddr_storage>
        let texts: [UnsafeMutablePointer<CChar>?]

        init(
            _ pointer: OpaquePointer, _ options: UnsafeMutablePointer<semblance_mhd_options>,
            _ address: UnsafeMutablePointer<sockaddr_storage>, _ texts: [UnsafeMutablePointer<CChar>?]
        ) {
            self.pointer = pointer
            self.options = options
            self.address = address
            self.texts = texts
        }

        func stop() {
            MHD_stop_daemon(pointer)
            options.deallocate()
            address.deallocate()
            for text in texts { free(text) }
        }
    }

    private struct State {
        var daemon: Daemon?
        var exchanges: [ObjectIdentifier: Exchange] = [:]
        var connections: [ObjectIdentifier: ConnectionRecord] = [:]
        var bodyBytes = 0
        var isStopping = false
        var isWatching = false
    }

    public let configuration: ServerConfiguration
    public let router: Router
    let authenticator: Authenticator
    let metrics: Metrics
    let log: AccessLog
    let hosts: HostPolicy
    let complain: @Sendable (String) -> Void
    let queue: WorkQueue
    private let state = Mutex(State())

    /// - Parameters:
    ///   - complain: receives what is wrong on our side, for the operator.
    /// - Throws: `ServerError.configuration` for limits that cannot work, and for an address that others can reach without
    ///   tokens.
    public init(
        _ configuration: ServerConfiguration, router: Router, authenticator: Authenticator,
        metrics: Metrics = Metrics(), log: AccessLog = .none,
        complain: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(ServerError) {
        try configuration.check(asksForTokens: authenticator.asksForTokens)
        self.configuration = configuration
        self.router = router
        self.authenticator = authenticator
        self.metrics = metrics
        self.log = log
        self.complain = complain
        hosts = configuration.hosts
        queue = WorkQueue(workers: configuration.limits.workers, capacity: configuration.limits.queue)
        declareMetrics()
    }

    deinit { _ = queue.close(until: .distantPast) }

    /// Begins to listen.
    /// - Returns: the port.
    /// - Throws: `ServerError.listen` when the address is taken or not ours, `.certificate` when TLS cannot begin.
    public func start() throws(ServerError) -> UInt16 {
        let limits = configuration.limits
        let address = UnsafeMutablePointer<sockaddr_storage>.allocate(capacity: 1)
        address.initialize(to: sockaddr_storage())
        configuration.address.fill(&address.pointee)
        let texts = [configuration.certificate?.key, configuration.certificate?.certificate].map { text in
            text.flatMap { strdup($0) }
        }
        // The library calls this object until `stop()`.
        let options = UnsafeMutablePointer<semblance_mhd_options>.allocate(capacity: 1)
        options.initialize(
            to: semblance_mhd_options(
                address: UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr.self),
                is_ipv6: configuration.address.isIPv6 ? 1 : 0, threads: UInt32(limits.networkThreads),
                connections: UInt32(limits.connections), idle: UInt32(max(1, limits.idle.rounded(.up))),
                connection_memory: limits.headerBytes, backlog: 128, key: texts[0].map { UnsafePointer($0) },
                certificate: texts[1].map { UnsafePointer($0) },
                context: Unmanaged.passRetained(self).toOpaque(), begin: beginCallback,
                access: accessCallback, completed: completedCallback, connection: connectionCallback,
                log: logCallback))
        errno = 0
        guard let pointer = semblance_mhd_start(options) else {
            let reason = errno == 0 ? "the library refused" : String(cString: strerror(errno))
            options.deallocate()
            address.deallocate()
            for text in texts { free(text) }
            Unmanaged.passUnretained(self).release()
            if configuration.certificate != nil, errno == 0 {
                throw .certificate(path: "TLS", reason: "the certificate and its key do not fit together")
            }
            throw .listen(address: "\(configuration.address)", reason: reason)
        }
        let port = semblance_mhd_port(pointer)
        state.withLock {
            $0.daemon = Daemon(pointer, options, address, texts)
            $0.isWatching = true
        }
        let watch = Thread { [self] in self.watch() }
        watch.name = "watch"
        watch.start()
        return port
    }

    /// Stops listening, finishes what was taken, and ends; what is not done after the grace period is answered by 503.
    public func stop() {
        let daemon = state.withLock { state in
            state.isStopping = true
            defer { state.daemon = nil }
            return state.daemon
        }
        guard let daemon else { return }
        let listener = MHD_quiesce_daemon(daemon.pointer)
        if listener >= 0 { close(listener) }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(configuration.limits.grace)
        while clock.now < deadline, state.withLock({ !$0.exchanges.isEmpty }) { usleep(20_000) }
        // Suspended connections must go on before the library can end.
        let last = clock.now + .seconds(5)
        while clock.now < last {
            let left = state.withLock { Array($0.exchanges.values) }
            if left.isEmpty { break }
            for exchange in left {
                exchange.cancellation.cancel(.shutdown)
                exchange.finish(Response(HTTPProblem.busy("the server is stopping", retryAfter: 30)))
            }
            usleep(20_000)
        }
        if !queue.close(until: Date(timeIntervalSinceNow: 10)) {
            complain("work was still running when the server stopped")
        }
        state.withLock { $0.isWatching = false }
        daemon.stop()
        // The library no longer calls us.
        Unmanaged.passUnretained(self).release()
    }

    /// Whether `stop()` was called.
    public var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Sets bytes aside for a body.
    func reserve(_ count: Int) -> Bool {
        state.withLock { state in
            guard state.bodyBytes + count <= configuration.limits.bodyMemory else { return false }
            state.bodyBytes += count
            return true
        }
    }

    func release(_ count: Int) { state.withLock { $0.bodyBytes -= count } }

    func add(_ exchange: Exchange) { state.withLock { $0.exchanges[ObjectIdentifier(exchange)] = exchange } }

    func remove(_ exchange: Exchange) {
        state.withLock { _ = $0.exchanges.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    func add(_ record: ConnectionRecord) {
        state.withLock { $0.connections[ObjectIdentifier(record)] = record }
    }

    /// Called before the library closes the socket, so that `watch` never shuts down a number that was given away again.
    func remove(_ record: ConnectionRecord) {
        state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(record)) }
    }

    var openConnections: Int { state.withLock { $0.connections.count } }

    /// Ten times a second: slow transfers, clients that have gone, work that takes too long.
    private func watch() {
        let limits = configuration.limits
        let clock = ContinuousClock()
        while state.withLock({ $0.isWatching }) {
            usleep(100_000)
            let now = clock.now
            let exchanges = state.withLock { state in
                for record in state.connections.values {
                    if let time = record.transfer(at: now), time > .seconds(limits.transfer) {
                        shutdown(record.socket, Int32(SHUT_RDWR))
                    }
                }
                return Array(state.exchanges.values)
            }
            for exchange in exchanges {
                guard let since = exchange.state.withLock({ $0.workSince }) else { continue }
                if now - since > .seconds(limits.work) {
                    exchange.cancellation.cancel(.timeLimit)
                    exchange.finish(
                        Response(
                            HTTPProblem(
                                .gatewayTimeout,
                                "the answer took longer than \(limits.work) s; try a smaller photo, or later")
                        ))
                } else if semblance_is_hung_up(exchange.socket) != 0 {
                    exchange.cancellation.cancel(.clientGone)
                    exchange.finish(Response(HTTPProblem.badRequest("the client closed the connection")))
                }
            }
        }
    }
}
