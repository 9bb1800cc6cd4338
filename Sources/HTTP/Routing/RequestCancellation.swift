import Synchronization

/// Whether the answer to a request is still wanted.
public final class RequestCancellation: Sendable {
    public enum Reason: Error, Sendable, Equatable {
        /// The client closed the connection.
        case clientGone
        /// The time limit passed.
        case timeLimit
        /// The server was told to stop and could not wait longer.
        case shutdown
    }

    private struct State {
        var reason: Reason?
        var handlers: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    public init() {}

    public var reason: Reason? { state.withLock { $0.reason } }

    /// The first reason stays.
    public func cancel(_ reason: Reason) {
        let handlers = state.withLock { state in
            guard state.reason == nil else { return [@Sendable () -> Void]() }
            state.reason = reason
            defer { state.handlers = [:] }
            return Array(state.handlers.values)
        }
        for handler in handlers { handler() }
    }

    /// - Throws: the reason, once there is one.
    public func check() throws(Reason) {
        if let reason { throw reason }
    }

    /// Calls `handler` once when the work is cancelled, at once if it was already; not after `remove`.
    public func onCancel(_ handler: @escaping @Sendable () -> Void) -> Int {
        let number: Int? = state.withLock { state in
            guard state.reason == nil else { return nil }
            state.next += 1
            state.handlers[state.next] = handler
            return state.next
        }
        guard let number else {
            handler()
            return 0
        }
        return number
    }

    public func remove(_ number: Int) { _ = state.withLock { $0.handlers.removeValue(forKey: number) } }
}
