import Synchronization

/// One open connection, for the watch over slow clients.
final class ConnectionRecord: Sendable {
    enum Phase: Sendable {
        /// A request is expected or arriving.
        case receiving
        /// Its answer is being made.
        case working
        /// The answer is being sent.
        case sending
    }

    let socket: Int32
    private let state: Mutex<(phase: Phase, since: ContinuousClock.Instant)>

    init(socket: Int32) {
        self.socket = socket
        state = Mutex((.receiving, .now))
    }

    func enter(_ phase: Phase) { state.withLock { $0 = (phase, .now) } }

    /// How long the client has been receiving or sending; nil while it waits for us.
    func transfer(at now: ContinuousClock.Instant) -> Duration? {
        state.withLock { $0.phase == .working ? nil : now - $0.since }
    }
}
